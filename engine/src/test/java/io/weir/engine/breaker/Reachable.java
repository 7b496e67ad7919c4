package io.weir.engine.breaker;

import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.ArrayDeque;
import java.util.Collections;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** How many of the breaker's objects, and arrays of them, hang on some objects: what they keep from being collected. */
final class Reachable {
    private static final String OURS = Breaker.class.getPackageName();

    private final Set<Object> seen = Collections.newSetFromMap(new IdentityHashMap<>());
    private final Deque<Object> next = new ArrayDeque<>();

    private Reachable() {}

    static int from(Object... roots) {
        Reachable reachable = new Reachable();
        for (Object root : roots) {
            reachable.visit(root);
        }
        try {
            while (!reachable.next.isEmpty()) {
                reachable.follow(reachable.next.remove());
            }
        } catch (IllegalAccessException e) {
            throw new AssertionError(e);
        }
        return reachable.seen.size();
    }

    private void visit(@Nullable Object object) {
        if (object != null && isOurs(object.getClass()) && seen.add(object)) {
            next.add(object);
        }
    }

    private static boolean isOurs(Class<?> type) {
        return type.isArray()
                ? isOurs(type.getComponentType())
                : type.getPackageName().equals(OURS) && !type.isEnum();
    }

    private void follow(Object object) throws IllegalAccessException {
        if (object instanceof Object[] array) {
            for (Object each : array) {
                visit(each);
            }
            return;
        }
        for (Class<?> type = object.getClass(); type != Object.class; type = type.getSuperclass()) {
            for (Field field : type.getDeclaredFields()) {
                if (!Modifier.isStatic(field.getModifiers()) && !field.getType().isPrimitive()) {
                    field.setAccessible(true);
                    visit(field.get(object));
                }
            }
        }
    }
}

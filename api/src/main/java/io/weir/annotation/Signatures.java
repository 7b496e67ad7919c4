package io.weir.annotation;

import java.lang.annotation.Annotation;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.lang.reflect.TypeVariable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The methods of an interface and of those that it extends: declarations that override each other are one method here, also if a type variable
 * makes their parameters differ (then the compiler has left a bridge, which tells).
 */
final class Signatures {
    private final Class<?> type;
    private final Map<String, List<Method>> groups = new LinkedHashMap<>();
    private final Map<TypeVariable<?>, Type> variables = new HashMap<>();

    Signatures(Class<?> type) {
        this.type = type;
        Set<Class<?>> interfaces = new LinkedHashSet<>();
        collect(List.of(type), interfaces);
        Map<String, String> aliases = new HashMap<>();
        for (Class<?> each : interfaces) {
            for (Method method : each.getDeclaredMethods()) {
                Method bridged = method.isBridge() ? bridgedBy(method) : null;
                if (bridged != null) {
                    aliases.put(erased(method), erased(bridged));
                }
            }
        }
        for (Class<?> each : interfaces) {
            for (Method method : each.getDeclaredMethods()) {
                if (!Modifier.isStatic(method.getModifiers()) && !Modifier.isPrivate(method.getModifiers())) {
                    groups.computeIfAbsent(aliases.getOrDefault(erased(method), erased(method)), s -> new ArrayList<>())
                            .add(method);
                }
            }
        }
        groups.values().forEach(group -> group.sort((a, b) -> Boolean.compare(a.isBridge(), b.isBridge())));
    }

    /** Nearest first. */
    private void collect(List<Class<?>> level, Set<Class<?>> found) {
        List<Class<?>> next = new ArrayList<>();
        for (Class<?> each : level) {
            if (found.add(each)) {
                for (Type above : each.getGenericInterfaces()) {
                    if (above instanceof ParameterizedType generic) {
                        Type[] given = generic.getActualTypeArguments();
                        TypeVariable<?>[] declared = ((Class<?>) generic.getRawType()).getTypeParameters();
                        for (int i = 0; i < given.length; i++) {
                            variables.putIfAbsent(declared[i], given[i]);
                        }
                    }
                }
                next.addAll(List.of(each.getInterfaces()));
            }
        }
        if (!next.isEmpty()) {
            collect(next, found);
        }
    }

    private static @Nullable Method bridgedBy(Method bridge) {
        for (Method method : bridge.getDeclaringClass().getDeclaredMethods()) {
            if (!method.isBridge()
                    && method.getName().equals(bridge.getName())
                    && takesLess(method.getParameterTypes(), bridge.getParameterTypes())
                    && bridge.getReturnType().isAssignableFrom(method.getReturnType())) {
                return method;
            }
        }
        return null;
    }

    private static boolean takesLess(Class<?>[] one, Class<?>[] other) {
        if (one.length != other.length) {
            return false;
        }
        for (int i = 0; i < one.length; i++) {
            if (!other[i].isAssignableFrom(one[i])) {
                return false;
            }
        }
        return true;
    }

    private static String erased(Method method) {
        return method.getName() + Arrays.toString(method.getParameterTypes());
    }

    /** Each method's declarations, the nearest first, bridges last. */
    Collection<List<Method>> all() {
        return groups.values();
    }

    /** The nearest annotation of a type. */
    static <A extends Annotation> @Nullable A nearest(List<Method> declarations, Class<A> annotation) {
        for (Method method : declarations) {
            A found = method.getAnnotation(annotation);
            if (found != null) {
                return found;
            }
        }
        return null;
    }

    /** What a method returns in this interface, erased. */
    Class<?> returnOf(Method method) {
        Type returned = method.getGenericReturnType();
        for (int depth = 0; returned instanceof TypeVariable<?> && depth < 100; depth++) {
            Type given = variables.get(returned);
            if (given == null) {
                break;
            }
            returned = given;
        }
        return returned instanceof Class<?> plain
                ? plain
                : returned instanceof ParameterizedType generic
                        ? (Class<?>) generic.getRawType()
                        : method.getReturnType();
    }

    /** For messages. */
    String nameOf(Method method) {
        List<String> parameters = new ArrayList<>();
        for (Class<?> parameter : method.getParameterTypes()) {
            parameters.add(parameter.getSimpleName());
        }
        return type.getSimpleName() + "." + method.getName() + "(" + String.join(", ", parameters) + ")";
    }
}

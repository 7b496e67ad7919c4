package io.weir.annotation;

import java.lang.annotation.Annotation;
import java.lang.reflect.GenericArrayType;
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
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The methods of an interface and of those that it extends: declarations that override each other are one method here, also if a type variable
 * makes their parameters differ. Then the compiler has left a bridge, whose parameters are those of the declaration further up that it is for.
 */
final class Signatures {
    private final Class<?> type;
    private final Map<String, List<Method>> groups = new LinkedHashMap<>();
    private final Map<TypeVariable<?>, Type> variables = new HashMap<>();

    Signatures(Class<?> type) {
        this.type = type;
        Set<Class<?>> interfaces = new LinkedHashSet<>();
        collect(List.of(type), interfaces);
        Map<String, String> resolved = new HashMap<>();
        for (Class<?> each : interfaces) {
            for (Method method : each.getDeclaredMethods()) {
                if (!method.isBridge()) {
                    resolved.putIfAbsent(erased(method), resolved(method));
                }
            }
        }
        for (Class<?> each : interfaces) {
            for (Method method : each.getDeclaredMethods()) {
                if (!Modifier.isStatic(method.getModifiers()) && !Modifier.isPrivate(method.getModifiers())) {
                    String signature = method.isBridge()
                            ? resolved.getOrDefault(erased(method), erased(method)) // of what it overrides
                            : resolved(method);
                    groups.computeIfAbsent(signature, s -> new ArrayList<>()).add(method);
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

    private static String erased(Method method) {
        return method.getName() + Arrays.toString(method.getParameterTypes());
    }

    private String resolved(Method method) {
        Class<?>[] parameters = Stream.of(method.getGenericParameterTypes())
                .map(this::inThisInterface)
                .toArray(Class<?>[]::new);
        return method.getName() + Arrays.toString(parameters);
    }

    /** What a type of a declaration is in this interface, erased. */
    private Class<?> inThisInterface(Type declared) {
        if (declared instanceof Class<?> plain) {
            return plain;
        }
        if (declared instanceof ParameterizedType generic) {
            return (Class<?>) generic.getRawType();
        }
        if (declared instanceof GenericArrayType array) {
            return inThisInterface(array.getGenericComponentType()).arrayType();
        }
        if (declared instanceof TypeVariable<?> variable) {
            Type given = variables.get(variable);
            return inThisInterface(given == null ? variable.getBounds()[0] : given);
        }
        throw new AssertionError(declared); // a wildcard is no type of a parameter, a result or a bound
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
        return inThisInterface(method.getGenericReturnType());
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

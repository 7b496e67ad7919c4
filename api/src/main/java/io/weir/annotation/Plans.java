package io.weir.annotation;

import io.weir.Guard;
import io.weir.Pipeline;
import io.weir.annotation.GuardedCalls.Plan;
import io.weir.internal.config.Kind;
import io.weir.internal.config.Kinds;
import io.weir.internal.config.Maker;
import io.weir.internal.config.Value;
import io.weir.internal.config.Words;
import io.weir.ratelimit.KeyedRateLimiter;
import io.weir.ratelimit.RateLimiter;
import java.lang.annotation.Annotation;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Makes the plans of an interface's methods, and finds what can't work. */
final class Plans {
    private static final String CONTINUATION = "kotlin.coroutines.Continuation";
    private static final String REACTIVE = "org.reactivestreams.Publisher";

    private final Class<?> type;
    private final Signatures signatures;
    private final Maker registry;
    private final boolean namesMustBeKnown;
    private final List<String> problems;
    private final Map<Method, Plan> plans = new HashMap<>();

    /** What is said of each name, by kind and name; the first that says anything. */
    private final Map<String, Spec> described = new LinkedHashMap<>();

    Plans(Class<?> type, Maker registry, boolean namesMustBeKnown, List<String> problems) {
        this.type = type;
        this.signatures = new Signatures(type);
        this.registry = registry;
        this.namesMustBeKnown = namesMustBeKnown;
        this.problems = problems;
    }

    Map<Method, Plan> byMethod() {
        return plans;
    }

    private static Stream<Annotation> guarding(Method method) {
        return Spec.ANNOTATIONS.stream().flatMap(each -> Stream.ofNullable(method.getAnnotation(each)));
    }

    /** Annotations on classes would be forgotten silently. */
    void refuseAnnotationsOf(Class<?> implementation) {
        for (Class<?> each = implementation; each != null && !Proxy.isProxyClass(each); each = each.getSuperclass()) {
            for (Method method : each.getDeclaredMethods()) {
                if (!method.isBridge()) {
                    guarding(method)
                            .forEach(annotation -> problems.add("@"
                                    + annotation.annotationType().getSimpleName() + " on "
                                    + method.getDeclaringClass().getSimpleName() + "." + method.getName()
                                    + ": can't work on a class's method; allowed is the interface's, "
                                    + type.getSimpleName() + "'s"));
                }
            }
        }
    }

    void readAll() {
        refuseUncallable();
        Map<List<Method>, List<Spec>> all = new LinkedHashMap<>();
        for (List<Method> declarations : signatures.all()) {
            List<Spec> specs = specsOf(declarations);
            specs.forEach(this::describe);
            all.put(declarations, specs);
        }
        all.forEach(this::plan);
    }

    private void refuseUncallable() {
        for (Method method : type.getDeclaredMethods()) {
            if (Modifier.isStatic(method.getModifiers()) || Modifier.isPrivate(method.getModifiers())) {
                guarding(method)
                        .forEach(
                                annotation -> problems.add(
                                        "@" + annotation.annotationType().getSimpleName()
                                                + " on " + signatures.nameOf(method)
                                                + ": can't work on a static or private method; allowed is one that the proxy implements"));
            }
        }
    }

    private static boolean isObjects(Method method) {
        return switch (method.getName()) {
            case "hashCode", "toString" -> method.getParameterCount() == 0;
            case "equals" -> method.getParameterCount() == 1 && method.getParameterTypes()[0] == Object.class;
            default -> false;
        };
    }

    // ---- what annotations say

    private List<Spec> specsOf(List<Method> declarations) {
        Method method = declarations.get(0);
        String where = signatures.nameOf(method);
        boolean keyed = keyIndex(declarations) >= 0;
        List<Spec> specs = new ArrayList<>();
        for (Class<? extends Annotation> each : Spec.ANNOTATIONS) {
            Annotation found = Signatures.nearest(declarations, each);
            if (found != null) {
                specs.add(Spec.of(found, where, keyed));
            }
        }
        specs.sort(Comparator.comparingInt(Spec::order)); // stable: the list's order where that is the same
        if (keyed && specs.stream().noneMatch(Spec::isLimiter)) {
            problems.add("@LimitKey on " + where + ": allowed beside @WithRateLimit, which it is the key of");
        }
        if (!specs.isEmpty()) {
            refuseReturn(method, where);
            if (isObjects(method)) {
                problems.add(where + ": Object's methods can't be guarded");
            }
        }
        return specs;
    }

    /** The index of the parameter that is the key, by the nearest declaration that has one; -1 if none has. */
    private int keyIndex(List<Method> declarations) {
        for (Method method : declarations) {
            int found = -1;
            Annotation[][] annotations = method.getParameterAnnotations();
            for (int i = 0; i < annotations.length; i++) {
                if (Stream.of(annotations[i]).anyMatch(LimitKey.class::isInstance)) {
                    if (found >= 0) {
                        problems.add("@LimitKey on " + signatures.nameOf(method) + ": allowed is one parameter");
                        return found;
                    }
                    found = i;
                }
            }
            if (found >= 0) {
                return found;
            }
        }
        return -1;
    }

    private void refuseReturn(Method method, String where) {
        Class<?>[] parameters = method.getParameterTypes();
        if (parameters.length > 0 && parameters[parameters.length - 1].getName().equals(CONTINUATION)) {
            problems.add(where + ": a suspend method can't be guarded by a proxy; allowed is one that returns a"
                    + " CompletionStage, or blocks");
            return;
        }
        Class<?> returned = signatures.returnOf(method);
        if (returned == CompletionStage.class || returned == CompletableFuture.class) {
            return;
        }
        if (CompletionStage.class.isAssignableFrom(returned)) {
            problems.add(
                    where + " returns " + returned.getName()
                            + ": allowed of stages is CompletionStage or CompletableFuture, as it is the guard's that is returned");
        } else if (Future.class.isAssignableFrom(returned)
                || Flow.Publisher.class.isAssignableFrom(returned)
                || isReactive(returned)) {
            problems.add(
                    where + " returns " + returned.getName()
                            + ", whose end a guard would miss: allowed is CompletionStage, CompletableFuture, or a plain value");
        }
    }

    private static boolean isReactive(@Nullable Class<?> type) {
        return type != null
                && (type.getName().equals(REACTIVE)
                        || isReactive(type.getSuperclass())
                        || Stream.of(type.getInterfaces()).anyMatch(Plans::isReactive));
    }

    /** Notes what is said of a named guard; two who say something must say the same. */
    private void describe(Spec spec) {
        if (spec.name().isEmpty()) {
            return;
        }
        String id = spec.kind() + " '" + spec.name() + "'";
        Spec before = described.putIfAbsent(id, spec);
        if (before == null || spec.values().isEmpty()) {
            return;
        }
        if (before.values().isEmpty()) {
            described.put(id, spec);
        } else if (!Kind.same(before.values(), spec.values())) {
            problems.add(spec.annotation() + ": " + id + " is otherwise described by " + before.annotation()
                    + "; allowed is one description of a name");
        }
    }

    // ---- plans

    private void plan(List<Method> declarations, List<Spec> specs) {
        Method method = declarations.get(0);
        if (isObjects(method)) {
            return;
        }
        if (!method.trySetAccessible()) {
            problems.add("type = " + type.getName() + ": its method " + method.getName()
                    + " isn't accessible to Weir; allowed is a public interface in an exported package, or one in a"
                    + " package that is open to module "
                    + Plans.class.getModule().getName());
            return;
        }
        String where = signatures.nameOf(method);
        List<Guard> guards = new ArrayList<>();
        for (Spec spec : specs) {
            Guard guard = guardOf(spec, where);
            if (guard != null) {
                guards.add(guard);
            }
        }
        if (guards.size() < specs.size()) {
            return; // the problem is noted
        }
        try {
            Guard guard = guards.isEmpty()
                    ? null
                    : guards.size() == 1 ? guards.get(0) : Pipeline.of(guards).named(where);
            boolean isAsync = CompletionStage.class.isAssignableFrom(signatures.returnOf(method));
            Plan plan = new Plan(method, guard, isAsync, keyIndex(declarations));
            declarations.forEach(each -> plans.put(each, plan));
        } catch (IllegalArgumentException e) {
            problems.add(where + ": " + e.getMessage());
        }
    }

    private @Nullable Guard guardOf(Spec spec, String where) {
        Guard guard = spec.name().isEmpty()
                ? registry.build(spec.kind(), where, spec.values(), problems)
                : spec.isLimiter() ? named(limiterKind(spec), spec) : named(spec.kind(), spec);
        if (guard == null || !spec.failFast()) {
            return guard;
        }
        return guard instanceof RateLimiter limiter ? limiter.failFast() : ((KeyedRateLimiter) guard).failFast();
    }

    /** A limiter's name may be an adaptive one's. */
    private Kind<?, ?> limiterKind(Spec spec) {
        boolean adaptive = spec.kind() == Kinds.LIMITER
                && !registry.names(Kinds.LIMITER).contains(spec.name())
                && registry.names(Kinds.ADAPTIVE_LIMITER).contains(spec.name());
        return adaptive ? Kinds.ADAPTIVE_LIMITER : spec.kind();
    }

    private <G extends Guard, B> @Nullable Guard named(Kind<G, B> kind, Spec spec) {
        String name = spec.name();
        boolean isKnown = registry.names(kind).contains(name);
        if (!isKnown && spec.isLimiter() && isOfTheOtherKind(spec)) {
            problems.add(spec.annotation() + ": "
                    + (kind == Kinds.KEYED_LIMITER
                            ? "limiter '" + name + "' isn't keyed; allowed with @LimitKey is a keyed one"
                            : "limiter '" + name + "' is keyed; allowed is a parameter with @LimitKey, for its key"));
            return null;
        }
        Map<String, Value> own = kind == Kinds.ADAPTIVE_LIMITER
                ? Map.of()
                : described.getOrDefault(spec.kind() + " '" + name + "'", spec).values();
        if (!isKnown && namesMustBeKnown && own.isEmpty()) {
            problems.add(spec.annotation() + ": " + kind + " '" + name
                    + "' is unknown to the registry, and not described here; "
                    + Words.suggestion(name, registry.names(kind)));
            return null;
        }
        Consumer<B> description = builder -> {
            List<String> wrong = new ArrayList<>();
            kind.byWords(own).apply(builder, wrong);
            if (!wrong.isEmpty()) {
                throw Kind.failure(wrong);
            }
        };
        try {
            return registry.obtain(kind, name, description);
        } catch (IllegalArgumentException e) {
            problems.add(spec.annotation() + ": " + e.getMessage());
            return null;
        }
    }

    private boolean isOfTheOtherKind(Spec spec) {
        return spec.kind() == Kinds.KEYED_LIMITER
                ? registry.names(Kinds.LIMITER).contains(spec.name())
                        || registry.names(Kinds.ADAPTIVE_LIMITER).contains(spec.name())
                : registry.names(Kinds.KEYED_LIMITER).contains(spec.name());
    }
}

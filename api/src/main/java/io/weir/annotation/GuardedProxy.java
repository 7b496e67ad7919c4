package io.weir.annotation;

import io.weir.internal.config.Kind;
import io.weir.internal.config.Maker;
import io.weir.registry.WeirRegistry;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * Puts the guards that annotations on an interface's methods describe around an implementation. Methods that return a {@link
 * java.util.concurrent.CompletionStage} or {@link java.util.concurrent.CompletableFuture} are guarded as {@link io.weir.Guard#execute} does it, all
 * others as {@link io.weir.Guard#call} does.
 *
 * <ul>
 *   <li>Outermost first, unless their {@code order} says otherwise: breaker, retry, timeout (of each attempt), rate limit, bulkhead.
 *   <li>Guards are each method's own unless named. Named ones are the registry's, where they must be known or be described here; without a
 *       registry they are shared among the methods of one proxy. What a registry's file says of a name wins over the annotation.
 *   <li>Annotations are inherited from the interfaces that an interface extends, the nearest of each type; they count on interfaces only.
 *   <li>Exceptions come out as themselves. (A checked one that the method doesn't declare, which Kotlin and others may throw, comes in an {@link
 *       java.lang.reflect.UndeclaredThrowableException}: Java's proxies can do no other.)
 *   <li>Methods without annotations, {@code toString} and {@code hashCode} go to the implementation; two proxies of one interface are equal if
 *       their implementations are. What the implementation calls on itself isn't guarded.
 * </ul>
 *
 * <p>Proxies are thread-safe if the implementation is. Everything that can't work is refused when the proxy is made.
 */
public final class GuardedProxy {
    private GuardedProxy() {}

    /**
     * Guards an implementation.
     *
     * @param type an interface, public or open to Weir, not sealed
     * @param target does the work
     * @param <I> the interface
     * @throws IllegalArgumentException naming everything that is wrong
     */
    public static <I> I of(Class<I> type, I target) {
        return make(type, target, WeirRegistry.builder().build(), false);
    }

    /**
     * Guards an implementation, with a registry's named guards, defaults and runtime.
     *
     * @param type an interface, public or open to Weir, not sealed
     * @param target does the work
     * @param registry of the named guards; closing it closes those that it made
     * @param <I> the interface
     * @throws IllegalArgumentException naming everything that is wrong
     */
    public static <I> I of(Class<I> type, I target, WeirRegistry registry) {
        return make(type, target, Objects.requireNonNull(registry, "registry"), true);
    }

    private static <I> I make(Class<I> type, I target, WeirRegistry registry, boolean namesMustBeKnown) {
        Objects.requireNonNull(target, "target");
        requireProxiable(type, target);
        List<String> problems = new ArrayList<>();
        Plans plans = new Plans(type, Maker.Access.of(registry), namesMustBeKnown, problems);
        plans.refuseAnnotationsOf(target.getClass());
        plans.readAll();
        if (!problems.isEmpty()) {
            throw Kind.failure(problems);
        }
        ClassLoader loader = type.getClassLoader();
        return type.cast(Proxy.newProxyInstance(
                loader != null ? loader : GuardedProxy.class.getClassLoader(),
                new Class<?>[] {type},
                new GuardedCalls(type, target, plans.byMethod())));
    }

    private static void requireProxiable(Class<?> type, Object target) {
        String wrong = !type.isInterface() || type.isAnnotation()
                ? "is no interface: allowed is one, as Java's proxies implement interfaces; give the class one"
                : type.isSealed()
                        ? "is sealed: allowed is an interface that a proxy may implement"
                        : type.isHidden()
                                ? "is hidden: allowed is an interface that a proxy can find by its name"
                                : !type.isInstance(target)
                                        ? "isn't implemented by target, a "
                                                + target.getClass().getName()
                                        : "";
        if (!wrong.isEmpty()) {
            throw new IllegalArgumentException("type = " + type.getName() + " " + wrong);
        }
    }
}

package io.weir.annotation;

import io.weir.CallOptions;
import io.weir.Guard;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** The calls of a proxy. */
final class GuardedCalls implements InvocationHandler {
    private final Class<?> type;
    private final Object target;
    private final Map<Method, Plan> plans;

    /**
     * How a method is called.
     *
     * @param method what is invoked on the implementation
     * @param guard null if there is none
     * @param isAsync whether it returns a stage
     * @param keyIndex of the parameter that is the key; less than 0 if none is
     */
    record Plan(Method method, @Nullable Guard guard, boolean isAsync, int keyIndex) {
        private static final @Nullable Object[] NOTHING = {};

        @SuppressWarnings("NullAway") // a null stage is the guard's to refuse
        @Nullable
        Object call(Object target, @Nullable Object @Nullable [] given) throws Throwable {
            @Nullable Object[] arguments = given == null ? NOTHING : given;
            if (guard == null) {
                try {
                    return method.invoke(target, arguments);
                } catch (InvocationTargetException e) {
                    throw e.getCause();
                }
            }
            Object key = keyIndex < 0 ? null : arguments[keyIndex];
            CallOptions options = key == null ? CallOptions.NONE : CallOptions.key(String.valueOf(key));
            if (isAsync) {
                return guard.<@Nullable Object>execute(options, () -> (CompletionStage<?>) invoke(target, arguments));
            }
            return guard.<@Nullable Object, Exception>call(options, () -> invoke(target, arguments));
        }

        private @Nullable Object invoke(Object target, @Nullable Object[] arguments) throws Exception {
            try {
                return method.invoke(target, arguments);
            } catch (InvocationTargetException e) {
                throw GuardedCalls.<Exception>asItIs(Objects.requireNonNull(e.getCause()));
            }
        }
    }

    /** Throws it, of whatever kind it is: a method may declare any Throwable. Returns never. */
    @SuppressWarnings("unchecked") // the cast is erased
    private static <E extends Throwable> E asItIs(Throwable thrown) throws E {
        throw (E) thrown;
    }

    GuardedCalls(Class<?> type, Object target, Map<Method, Plan> plans) {
        this.type = type;
        this.target = target;
        this.plans = plans;
    }

    @Override
    public @Nullable Object invoke(Object proxy, Method method, @Nullable Object @Nullable [] arguments)
            throws Throwable {
        Plan plan = plans.get(method);
        if (plan != null) {
            return plan.call(target, arguments);
        }
        return switch (method.getName()) {
            case "equals" -> arguments != null && isEqual(arguments[0]);
            case "hashCode" -> target.hashCode();
            case "toString" -> "GuardedProxy(" + type.getSimpleName() + ", " + target + ")";
            default -> throw new AssertionError(method);
        };
    }

    private boolean isEqual(@Nullable Object other) {
        return other != null
                && Proxy.isProxyClass(other.getClass())
                && Proxy.getInvocationHandler(other) instanceof GuardedCalls that
                && that.type == type
                && that.target.equals(target);
    }
}

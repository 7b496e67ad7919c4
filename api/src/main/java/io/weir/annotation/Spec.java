package io.weir.annotation;

import io.weir.internal.config.Kind;
import io.weir.internal.config.Kinds;
import io.weir.internal.config.Value;
import java.lang.annotation.Annotation;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * An annotation as a description of a guard.
 *
 * @param annotation its name, for messages
 * @param kind the guard's
 * @param name the guard's; empty for one of the method's own
 * @param order where it stands
 * @param values the elements that are given, as parameters
 * @param failFast whether a limiter refuses where it would wait
 */
record Spec(String annotation, Kind<?, ?> kind, String name, int order, Map<String, Value> values, boolean failFast) {
    /** In the order in which guards of the same {@code order} stand. */
    static final List<Class<? extends Annotation>> ANNOTATIONS = List.of(
            WithCircuitBreaker.class, WithRetry.class, WithTimeout.class, WithRateLimit.class, WithBulkhead.class);

    boolean isLimiter() {
        return kind == Kinds.LIMITER || kind == Kinds.KEYED_LIMITER;
    }

    /**
     * What an annotation says.
     *
     * @param where the method, for messages
     * @param keyed whether the method has a {@link LimitKey}
     */
    static Spec of(Annotation annotation, String where, boolean keyed) {
        Elements given =
                new Elements("@" + annotation.annotationType().getSimpleName(), " on " + where, new LinkedHashMap<>());
        if (annotation instanceof WithCircuitBreaker it) {
            given.count("failureThreshold", "failure-threshold", it.failureThreshold());
            given.text("failureDetection", "failure-detection", it.failureDetection());
            given.text("recoveryTime", "recovery-time", it.recoveryTime());
            given.count("halfOpenMaxCalls", "half-open-max-calls", it.halfOpenMaxCalls());
            given.count("halfOpenSuccessThreshold", "half-open-success-threshold", it.halfOpenSuccessThreshold());
            given.text("trialTimeout", "trial-timeout", it.trialTimeout());
            given.classes("excluding", "excluding", it.excluding());
            return given.spec(Kinds.BREAKER, it.name(), it.order(), false);
        }
        if (annotation instanceof WithRetry it) {
            given.count("maxRetries", "max-retries", it.maxRetries());
            given.text("baseDelay", "base-delay", it.baseDelay());
            given.text("maxDelay", "max-delay", it.maxDelay());
            given.number("backoffFactor", "backoff-factor", it.backoffFactor());
            given.flag("jitter", "jitter", it.jitter(), true);
            given.number("jitterFactor", "jitter-factor", it.jitterFactor());
            given.classes("retryOn", "retry-on", it.retryOn());
            given.classes("excluding", "excluding", it.excluding());
            given.flag("retryRejections", "retry-rejections", it.retryRejections(), false);
            return given.spec(Kinds.RETRY, it.name(), it.order(), false);
        }
        if (annotation instanceof WithTimeout it) {
            given.text("value", "duration", it.value());
            given.flag("cancelRunning", "cancel-running", it.cancelRunning(), true);
            return given.spec(Kinds.TIMEOUT, it.name(), it.order(), false);
        }
        if (annotation instanceof WithRateLimit it) {
            given.text("rate", keyed ? "default-rate" : "rate", it.rate());
            given.number("maxTokens", keyed ? "default-max-tokens" : "max-tokens", it.maxTokens());
            return given.spec(keyed ? Kinds.KEYED_LIMITER : Kinds.LIMITER, it.name(), it.order(), it.failFast());
        }
        if (annotation instanceof WithBulkhead it) {
            given.count("maxConcurrent", "max-concurrent", it.maxConcurrent());
            given.count("maxWaiters", "max-waiters", it.maxWaiters());
            given.text("maxWait", "max-wait", it.maxWait());
            return given.spec(Kinds.BULKHEAD, it.name(), it.order(), false);
        }
        throw new AssertionError(annotation);
    }

    /** The elements that are not left at their defaults, which stand for "not given". */
    private record Elements(String annotation, String where, Map<String, Value> values) {
        private void put(String element, String parameter, Object given) {
            values.put(parameter, new Value(annotation + "." + element + where, given));
        }

        void count(String element, String parameter, int given) {
            if (given != -1) {
                put(element, parameter, given);
            }
        }

        void number(String element, String parameter, double given) {
            if (!Double.isNaN(given)) {
                put(element, parameter, given);
            }
        }

        void text(String element, String parameter, String given) {
            if (!given.isEmpty()) {
                put(element, parameter, given);
            }
        }

        void flag(String element, String parameter, boolean given, boolean byDefault) {
            if (given != byDefault) {
                put(element, parameter, given);
            }
        }

        void classes(String element, String parameter, Class<? extends Throwable>[] given) {
            if (given.length > 0) {
                put(element, parameter, List.of(given));
            }
        }

        Spec spec(Kind<?, ?> kind, String name, int order, boolean failFast) {
            return new Spec(annotation + where, kind, name, order, values, failFast);
        }
    }
}

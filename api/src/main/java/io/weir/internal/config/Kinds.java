package io.weir.internal.config;

import io.weir.breaker.CircuitBreaker;
import io.weir.breaker.FailureDetection;
import io.weir.breaker.OpenBackoff;
import io.weir.guard.AdaptiveBulkhead;
import io.weir.guard.Bulkhead;
import io.weir.guard.LimitAlgorithm;
import io.weir.guard.Timeout;
import io.weir.internal.config.Words.Rate;
import io.weir.internal.config.Words.Term;
import io.weir.ratelimit.AdaptiveRateLimiter;
import io.weir.ratelimit.EndpointRateLimiter;
import io.weir.ratelimit.KeyedRateLimiter;
import io.weir.ratelimit.TokenBucketRateLimiter;
import io.weir.retry.Retry;
import io.weir.retry.RetryBudget;
import io.weir.retry.RetryConfig;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The kinds of guards that words can describe, with what the words mean. The table for users is in the registry's javadoc. */
public final class Kinds {
    public static final Kind<CircuitBreaker, CircuitBreaker.Builder> BREAKER = new Kind.Definition<
                    CircuitBreaker, CircuitBreaker.Builder>(
                    "breaker",
                    CircuitBreaker.class,
                    (name, runtime) -> CircuitBreaker.builder(name).runtime(runtime),
                    (name, runtime, builder) -> builder.build())
            .with("failure-threshold", (b, v) -> b.failureThreshold(Words.integer(v)))
            .with("failure-detection", (b, v) -> b.failureDetection(detection(v)))
            .with("recovery-time", (b, v) -> b.recoveryTime(Words.duration(v)))
            .with("open-backoff", (b, v) -> b.openBackoff(openBackoff(v)))
            .with("half-open-max-calls", (b, v) -> b.halfOpenMaxCalls(Words.integer(v)))
            .with("half-open-success-threshold", (b, v) -> b.halfOpenSuccessThreshold(Words.integer(v)))
            .with("trial-timeout", (b, v) -> b.trialTimeout(Words.duration(v)))
            .with("excluding", (b, v) -> b.excluding(Words.failures(v)))
            .define();

    public static final Kind<Retry, RetryConfig.Builder> RETRY = new Kind.Definition<Retry, RetryConfig.Builder>(
                    "retry",
                    Retry.class,
                    (name, runtime) -> RetryConfig.builder(),
                    (name, runtime, builder) -> Retry.of(name, builder.build(), runtime))
            .with("max-retries", (b, v) -> b.maxRetries(Words.integer(v)))
            .with("base-delay", (b, v) -> b.baseDelay(Words.duration(v)))
            .with("max-delay", (b, v) -> b.maxDelay(Words.duration(v)))
            .with("backoff-factor", (b, v) -> b.backoffFactor(Words.number(v)))
            .with("jitter", (b, v) -> b.jitter(Words.flag(v)))
            .with("jitter-factor", (b, v) -> b.jitterFactor(Words.share(v)))
            .with("retry-on", (b, v) -> b.retryOn(Words.failures(v)))
            .with("excluding", (b, v) -> b.excluding(Words.failures(v)))
            .with("honour-retry-after", (b, v) -> b.honourRetryAfter(Words.duration(v)))
            .with("retry-rejections", (b, v) -> b.retryRejections(Words.flag(v)))
            .with("budget", (b, v) -> b.budget(budget(v)))
            .with("attempt-timeout", (b, v) -> b.attemptTimeout(Words.duration(v)))
            .with("overall-timeout", (b, v) -> b.overallTimeout(Words.duration(v)))
            .define();

    public static final Kind<TokenBucketRateLimiter, TokenBucketRateLimiter.Builder> LIMITER = new Kind.Definition<
                    TokenBucketRateLimiter, TokenBucketRateLimiter.Builder>(
                    "limiter",
                    TokenBucketRateLimiter.class,
                    (name, runtime) -> TokenBucketRateLimiter.builder(name).runtime(runtime),
                    (name, runtime, builder) -> builder.build())
            .with("rate", (b, v) -> {
                Rate rate = Words.rate(v);
                b.rate(rate.tokens()).period(rate.period());
            })
            .with("max-tokens", (b, v) -> b.maxTokens(Words.number(v)))
            .with("initial-tokens", (b, v) -> b.initialTokens(Words.number(v)))
            .with("max-waiters", (b, v) -> b.maxWaiters(Words.integer(v)))
            .closedBy(TokenBucketRateLimiter::close)
            .define();

    public static final Kind<EndpointRateLimiter, EndpointRateLimiter.Builder> KEYED_LIMITER = new Kind.Definition<
                    EndpointRateLimiter, EndpointRateLimiter.Builder>(
                    "keyed-limiter",
                    EndpointRateLimiter.class,
                    (name, runtime) -> EndpointRateLimiter.builder(name).runtime(runtime),
                    (name, runtime, builder) -> builder.build())
            .with("default-rate", (b, v) -> {
                Rate rate = Words.rate(v);
                b.defaultRate(rate.tokens()).defaultPeriod(rate.period());
            })
            .with("default-max-tokens", (b, v) -> b.defaultMaxTokens(Words.number(v)))
            .with("max-waiters", (b, v) -> b.maxWaiters(Words.integer(v)))
            .with("max-keys", (b, v) -> b.maxKeys(Words.integer(v)))
            .with("overflow", (b, v) -> b.overflow(overflow(v)))
            .with(
                    "overrides",
                    (b, v) -> overrides(v).forEach((key, rate) -> b.override(key, rate.tokens(), rate.period())))
            .closedBy(EndpointRateLimiter::close)
            .define();

    public static final Kind<AdaptiveRateLimiter, AdaptiveRateLimiter.Builder> ADAPTIVE_LIMITER = new Kind.Definition<
                    AdaptiveRateLimiter, AdaptiveRateLimiter.Builder>(
                    "adaptive-limiter",
                    AdaptiveRateLimiter.class,
                    (name, runtime) -> AdaptiveRateLimiter.builder(name).runtime(runtime),
                    (name, runtime, builder) -> builder.build())
            .with("initial-rate", (b, v) -> {
                Rate rate = Words.rate(v);
                b.initialRate(rate.tokens()).initialPeriod(rate.period());
            })
            .with("max-tokens", (b, v) -> b.maxTokens(Words.number(v)))
            .with("max-waiters", (b, v) -> b.maxWaiters(Words.integer(v)))
            .with("min-rate", (b, v) -> b.minRate(Words.number(v)))
            .with("safety-factor", (b, v) -> b.safetyFactor(Words.share(v)))
            .with("max-pause", (b, v) -> b.maxPause(Words.duration(v)))
            .closedBy(AdaptiveRateLimiter::close)
            .define();

    public static final Kind<Timeout, Timeout.Builder> TIMEOUT = new Kind.Definition<Timeout, Timeout.Builder>(
                    "timeout",
                    Timeout.class,
                    (name, runtime) -> Timeout.builder(name).runtime(runtime),
                    (name, runtime, builder) -> builder.build())
            .with("duration", (b, v) -> b.duration(Words.duration(v)))
            .with("cancel-running", (b, v) -> b.cancelRunning(Words.flag(v)))
            .define();

    public static final Kind<Bulkhead, Bulkhead.Builder> BULKHEAD = new Kind.Definition<Bulkhead, Bulkhead.Builder>(
                    "bulkhead",
                    Bulkhead.class,
                    (name, runtime) -> Bulkhead.builder(name).runtime(runtime),
                    (name, runtime, builder) -> builder.build())
            .with("max-concurrent", (b, v) -> b.maxConcurrent(Words.integer(v)))
            .with("max-waiters", (b, v) -> b.maxWaiters(Words.integer(v)))
            .with("max-wait", (b, v) -> b.maxWait(Words.duration(v)))
            .closedBy(Bulkhead::close)
            .define();

    public static final Kind<AdaptiveBulkhead, AdaptiveBulkhead.Builder> ADAPTIVE_BULKHEAD = new Kind.Definition<
                    AdaptiveBulkhead, AdaptiveBulkhead.Builder>(
                    "adaptive-bulkhead",
                    AdaptiveBulkhead.class,
                    (name, runtime) -> AdaptiveBulkhead.builder(name).runtime(runtime),
                    (name, runtime, builder) -> builder.build())
            .with("algorithm", (b, v) -> b.algorithm(algorithm(v)))
            .with("initial", (b, v) -> b.initial(Words.integer(v)))
            .with("min", (b, v) -> b.min(Words.integer(v)))
            .with("max", (b, v) -> b.max(Words.integer(v)))
            .with("max-waiters", (b, v) -> b.maxWaiters(Words.integer(v)))
            .with("max-wait", (b, v) -> b.maxWait(Words.duration(v)))
            .closedBy(AdaptiveBulkhead::close)
            .define();

    /** All of them, in the order in which they are best composed, outermost first. */
    public static final List<Kind<?, ?>> ALL =
            List.of(BREAKER, RETRY, TIMEOUT, LIMITER, KEYED_LIMITER, ADAPTIVE_LIMITER, BULKHEAD, ADAPTIVE_BULKHEAD);

    private static final Map<String, Kind<?, ?>> BY_WORD = byWord();

    private Kinds() {}

    private static Map<String, Kind<?, ?>> byWord() {
        Map<String, Kind<?, ?>> kinds = new LinkedHashMap<>();
        ALL.forEach(kind -> kinds.put(kind.word(), kind));
        return kinds;
    }

    /** The kinds by their words. */
    public static Map<String, Kind<?, ?>> byWords() {
        return BY_WORD;
    }

    // ---- words with a meaning of their own

    private static FailureDetection detection(Object value) {
        Term term = Words.term(value);
        if (term.is("consecutive", 1, 1)) {
            return FailureDetection.consecutive(Words.integer(term.at(0)));
        }
        if (term.is("cumulative", 1, 1)) {
            return FailureDetection.cumulative(Words.integer(term.at(0)));
        }
        if (term.is("count-window", 2, 5) && term.values().size() != 4) {
            return detailed(FailureDetection.countWindow(Words.integer(term.at(0)), Words.share(term.at(1))), term);
        }
        if (term.is("time-window", 2, 5) && term.values().size() != 4) {
            return detailed(FailureDetection.timeWindow(Words.duration(term.at(0)), Words.share(term.at(1))), term);
        }
        throw Words.allowed("consecutive(n), cumulative(n), or count-window(size, failure rate), time-window(duration,"
                + " failure rate), each with a minimum of calls, a slow call's duration and a rate of these if wanted:"
                + " time-window(10s, 50%, 20, 2s, 80%)");
    }

    private static FailureDetection detailed(FailureDetection.Window window, Term term) {
        FailureDetection.Window detailed =
                term.values().size() > 2 ? window.minimumCalls(Words.integer(term.at(2))) : window;
        return term.values().size() > 3
                ? detailed.slowCalls(Words.duration(term.at(3)), Words.share(term.at(4)))
                : detailed;
    }

    private static OpenBackoff openBackoff(Object value) {
        Term term = Words.term(value);
        if (term.is("fixed", 0, 0)) {
            return OpenBackoff.fixed();
        }
        if (term.is("exponential", 2, 3)) {
            OpenBackoff backoff = OpenBackoff.exponential(Words.number(term.at(0)), Words.duration(term.at(1)));
            return term.values().size() == 3 ? backoff.jitter(Words.share(term.at(2))) : backoff;
        }
        throw Words.allowed("fixed, exponential(factor, longest), or exponential(factor, longest, jitter)");
    }

    private static RetryBudget budget(Object value) {
        List<String> parts = Words.list(value);
        if (parts.size() != 2) {
            throw Words.allowed("retries a call, and a second besides, such as 20%, 10");
        }
        return RetryBudget.of(Words.share(parts.get(0)), Words.number(parts.get(1)));
    }

    private static KeyedRateLimiter.Overflow overflow(Object value) {
        return switch (value.toString().strip().toLowerCase(Locale.ROOT)) {
            case "share" -> KeyedRateLimiter.Overflow.SHARE;
            case "deny" -> KeyedRateLimiter.Overflow.DENY;
            case "admit" -> KeyedRateLimiter.Overflow.ADMIT;
            default -> throw Words.allowed("share, deny or admit");
        };
    }

    private static Map<String, Rate> overrides(Object value) {
        Map<String, Rate> overrides = new LinkedHashMap<>();
        for (String each : Words.list(value)) {
            int equals = each.lastIndexOf('=');
            if (equals < 1
                    || overrides.put(each.substring(0, equals).strip(), Words.rate(each.substring(equals + 1)))
                            != null) {
                throw Words.allowed("each key once with its rate, such as acme=500/1s, globex=200/1s");
            }
        }
        return overrides;
    }

    private static LimitAlgorithm algorithm(Object value) {
        return switch (value.toString().strip().toLowerCase(Locale.ROOT)) {
            case "gradient" -> LimitAlgorithm.gradient();
            case "aimd" -> LimitAlgorithm.aimd();
            case "vegas" -> LimitAlgorithm.vegas();
            default -> throw Words.allowed("gradient, aimd or vegas");
        };
    }
}

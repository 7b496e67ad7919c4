package io.weir.executor;

import io.weir.AsyncCall;
import io.weir.Call;
import io.weir.CallOptions;
import io.weir.WeirRuntime;
import io.weir.engine.permit.Permits;
import io.weir.internal.AbstractGuard;
import io.weir.internal.LimiterBuilder;
import io.weir.internal.TokensStage;
import io.weir.ratelimit.AdaptiveRateLimiter;
import io.weir.ratelimit.EndpointRateLimiter;
import io.weir.ratelimit.RateUpdate;
import io.weir.ratelimit.TokenBucketRateLimiter;
import java.net.http.HttpHeaders;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Runs calls, at most so many at once and at most so many a second; the rest wait in order, and hold no thread.
 *
 * <p>The limit holds for the <em>starts</em> of calls: a call pays its tokens when it is at the head of its line, they are there, and it has a slot to run in. So
 * whatever calls do, wait in line or hang, at most {@code maxTokens + rate · t} of them (by tokens) start in any window of length t. And nobody holds a slot
 * while it waits for tokens: with a limit for each endpoint, calls to a slow one are in nobody's way. Slots go to the endpoints whose next call has its
 * tokens, one by one.
 *
 * <p>What a call costs, and its endpoint, are in its options: {@link CallOptions#tokens} (1 by default; 0 waits for a slot only) and {@link
 * CallOptions#key}; with a limit for each endpoint, calls without a key share one. A call that would wait longer for its tokens than its deadline allows is refused with {@link
 * io.weir.RateLimitExceededException}, and so is one that finds its line full; a call whose deadline passes in line fails with {@link
 * io.weir.DeadlinePassedException}. One that asks for more tokens than its limit can ever hold fails with {@link
 * IllegalArgumentException}.
 *
 * <p>A guard with a life: {@link #shutdown} admits no more calls, waits for those it has, in line too, and cancels what is left after a timeout. A call
 * after the shutdown fails with {@link IllegalStateException}; one that the shutdown cancels with {@link
 * java.util.concurrent.CancellationException}: its stage in flight is cancelled, or its thread interrupted. It has no threads of its own: an asynchronous
 * call runs where it is started or, if it had to wait, is started on the runtime's callback executor; a blocking one holds its own thread, a plain or a
 * virtual one. May stand in a pipeline once only, as a call would wait for the slot that it holds itself; with a retry outside, each attempt pays and
 * waits anew. Thread-safe.
 */
@SuppressWarnings("exports") // what it inherits is the public Guard; how is nobody's business
public final class RateLimitedExecutor extends ExecutorGuard {
    private final LimitedStage stage;
    private final Limits limits;

    /** The one limiter that it has; the others are null. */
    private record Limits(
            @Nullable TokenBucketRateLimiter fixed,
            @Nullable AdaptiveRateLimiter adaptive,
            @Nullable EndpointRateLimiter endpoints) {}

    private RateLimitedExecutor(LimitedStage stage, Limits limits, WeirRuntime runtime) {
        super(stage, runtime);
        this.stage = stage;
        this.limits = limits;
    }

    /**
     * An executor of at most so many calls a second, and so many at once.
     *
     * @param name for messages
     * @param ratePerSecond finite and positive
     * @param maxConcurrency at least 1
     */
    public static RateLimitedExecutor of(String name, double ratePerSecond, int maxConcurrency) {
        return builder(name).rate(ratePerSecond).maxConcurrency(maxConcurrency).build();
    }

    /**
     * Begins an executor.
     *
     * @param name for messages
     */
    public static Builder builder(String name) {
        return new Builder(name);
    }

    // ---- calls

    /**
     * Runs an asynchronous call under an endpoint's limit.
     *
     * @param endpoint which; of no meaning without endpoint limiting
     * @param call started when it has its token and a slot
     * @param <T> the type of the result
     * @return completes with the call's end
     */
    public <T extends @Nullable Object> CompletableFuture<T> execute(String endpoint, AsyncCall<? extends T> call) {
        return this.<T>execute(CallOptions.key(endpoint), call);
    }

    /**
     * Runs a blocking call on this thread under an endpoint's limit.
     *
     * @param endpoint which; of no meaning without endpoint limiting
     * @param call invoked when it has its token and a slot
     * @param <T> the type of the result
     * @param <E> what the call throws
     * @return the call's result
     * @throws E what the call threw
     */
    public <T extends @Nullable Object, E extends Exception> T call(
            String endpoint, Call<? extends T, ? extends E> call) throws E {
        return this.<T, E>call(CallOptions.key(endpoint), call);
    }

    // ---- limits

    /**
     * Changes the rate while in use; those who wait are timed anew. What isn't named stays as it is.
     *
     * @param change names what changes
     * @throws IllegalStateException if it has a limit for each endpoint, or one that follows the service, or has ended
     */
    public void updateRate(UnaryOperator<RateUpdate> change) {
        TokenBucketRateLimiter fixed = limits.fixed();
        if (fixed == null) {
            throw new IllegalStateException(
                    limits.endpoints() != null
                            ? "executor '" + name()
                                    + "' has a limit for each endpoint: use updateRateLimit(endpoint, ...)"
                            : "executor '" + name()
                                    + "' has an adaptive limit: it follows updateFromHeaders(...) only");
        }
        fixed.updateRate(change);
    }

    /**
     * Changes an endpoint's rate while in use; those who wait are timed anew. What isn't named stays as it is: the default, or what was named before.
     *
     * @param endpoint the key of its calls
     * @param change names what changes
     * @throws IllegalStateException without endpoint limiting, and if it has ended
     */
    public void updateRateLimit(String endpoint, UnaryOperator<RateUpdate> change) {
        endpoints("updateRateLimit").updateRateLimit(endpoint, change);
    }

    /**
     * Drops what was changed of an endpoint's rate. Its debt stays, and those who wait are timed anew.
     *
     * @param endpoint the key of its calls
     * @throws IllegalStateException without endpoint limiting, and if it has ended
     */
    public void removeRateLimit(String endpoint) {
        endpoints("removeRateLimit").remove(endpoint);
    }

    private EndpointRateLimiter endpoints(String method) {
        EndpointRateLimiter endpoints = limits.endpoints();
        if (endpoints == null) {
            throw new IllegalStateException(method + ": executor '" + name()
                    + "' has one limit for all endpoints; build it with endpointRateLimiting(true)");
        }
        return endpoints;
    }

    /**
     * Hears a response's headers, and sets the rate by what they say; see {@link AdaptiveRateLimiter}. Never throws because of what they say.
     *
     * @param status the response's; of a failure (400 and above) {@code Retry-After} counts even if tokens remain; 0 if it isn't known
     * @param headers by name, in any case; values are strings, or collections of strings
     * @throws IllegalStateException without adaptive rate limiting, and if it has ended
     */
    public void updateFromHeaders(int status, Map<String, ?> headers) {
        adaptive().updateFromHeaders(status, headers);
    }

    /** As {@link #updateFromHeaders(int, Map)}, with a status that isn't known. */
    public void updateFromHeaders(Map<String, ?> headers) {
        updateFromHeaders(0, headers);
    }

    /** As {@link #updateFromHeaders(int, Map)}. */
    public void updateFromHeaders(int status, HttpHeaders headers) {
        updateFromHeaders(status, headers.map());
    }

    /** As {@link #updateFromHeaders(int, Map)}, with a status that isn't known. */
    public void updateFromHeaders(HttpHeaders headers) {
        updateFromHeaders(0, headers.map());
    }

    private AdaptiveRateLimiter adaptive() {
        AdaptiveRateLimiter adaptive = limits.adaptive();
        if (adaptive == null) {
            throw new IllegalStateException("updateFromHeaders: executor '" + name()
                    + "' has a fixed limit; build it with adaptiveRateLimiting(true)");
        }
        return adaptive;
    }

    /** Whether it takes {@link #updateFromHeaders}. */
    public boolean isAdaptive() {
        return limits.adaptive() != null;
    }

    public RateLimitedExecutorMetrics metrics() {
        record Metrics(int inFlight, int waiting, long started) implements RateLimitedExecutorMetrics {}
        return new Metrics(inFlight(), waiting(), stage.started());
    }

    /** Builds executors. Not thread-safe. */
    public static final class Builder {
        private static final double DEFAULT_RATE = 10;

        private final String name;
        private @Nullable Double rate;
        private @Nullable Double defaultRate;
        private Duration period = Duration.ofSeconds(1);
        private @Nullable Double maxTokens;
        private int maxConcurrency = Integer.MAX_VALUE;
        private int maxWaiters = 10_000;
        private boolean perEndpoint;
        private boolean adaptive;
        private @Nullable Double minRate;
        private double safetyFactor = 0.9;
        private @Nullable Function<Object, @Nullable Map<String, ?>> headersOf;
        private WeirRuntime runtime = WeirRuntime.shared();

        private Builder(String name) {
            this.name = Objects.requireNonNull(name, "name");
        }

        /**
         * How many tokens a period calls may use; with endpoint limiting, those to one endpoint.
         *
         * @param tokens finite and positive; the default rate by default
         */
        public Builder rate(double tokens) {
            this.rate = requirePositive("rate", tokens);
            return this;
        }

        /**
         * The rate if {@link #rate} isn't given.
         *
         * @param tokens finite and positive; 10 by default
         */
        public Builder defaultRate(double tokens) {
            this.defaultRate = requirePositive("defaultRate", tokens);
            return this;
        }

        /**
         * What the rate refers to.
         *
         * @param period positive; 1 s by default
         */
        public Builder period(Duration period) {
            this.period = Objects.requireNonNull(period, "period");
            return this;
        }

        /**
         * How many tokens may be used at once after a pause.
         *
         * @param tokens finite and positive; the rate, but at least 1, by default
         */
        public Builder maxTokens(double tokens) {
            this.maxTokens = requirePositive("maxTokens", tokens);
            return this;
        }

        /**
         * How many calls may be in flight at once, whatever their endpoint.
         *
         * @param calls at least 1; unbounded by default
         */
        public Builder maxConcurrency(int calls) {
            this.maxConcurrency = requireConcurrency(calls);
            return this;
        }

        /**
         * How many calls may wait; with endpoint limiting, for each endpoint. Calls of no tokens don't count.
         *
         * @param calls at least 0; 10,000 by default
         */
        public Builder maxWaiters(int calls) {
            if (calls < 0) {
                throw new IllegalArgumentException("maxWaiters = " + calls + ": allowed is 0 or more");
            }
            this.maxWaiters = calls;
            return this;
        }

        /**
         * Whether each endpoint, as told by a call's {@link CallOptions#key}, has a limit of its own; calls without a key share one.
         *
         * @param each false by default: one limit for all calls
         */
        public Builder endpointRateLimiting(boolean each) {
            this.perEndpoint = each;
            return this;
        }

        /**
         * Whether the limit follows what {@link RateLimitedExecutor#updateFromHeaders} hears; the rate is what it begins with, and recovers to.
         *
         * @param follows false by default. Not together with {@link #endpointRateLimiting}, as services tell one limit
         */
        public Builder adaptiveRateLimiting(boolean follows) {
            this.adaptive = follows;
            return this;
        }

        /**
         * Where the headers of a response are, which an adaptive limit hears by itself when a call ends with one. Those of failures it hears by {@link
         * RateLimitedExecutor#updateFromHeaders(int, Map)}, or from an {@link io.weir.http.ApiClient} that it is given to. In the place of an earlier one;
         * without {@link #adaptiveRateLimiting} nobody asks for them.
         *
         * @param type results of other types are passed by
         * @param headers by name, in any case; values are strings, or collections of strings. If it throws, that is logged
         * @param <R> the type
         */
        public <R> Builder responseHeaders(Class<R> type, Function<? super R, ? extends Map<String, ?>> headers) {
            Objects.requireNonNull(type, "type");
            Objects.requireNonNull(headers, "headers");
            this.headersOf = result -> type.isInstance(result) ? headers.apply(type.cast(result)) : null;
            return this;
        }

        /**
         * What an adaptive rate never falls below, pauses apart.
         *
         * @param tokensPerSecond positive, at most the rate; 1 by default, or the rate if that is less
         */
        public Builder minRate(double tokensPerSecond) {
            this.minRate = requirePositive("minRate", tokensPerSecond);
            return this;
        }

        /**
         * How much an adaptive limit uses of what remains.
         *
         * @param factor above 0, at most 1; 0.9 by default
         */
        public Builder safetyFactor(double factor) {
            if (!(factor > 0 && factor <= 1)) {
                throw new IllegalArgumentException("safetyFactor = " + factor + ": allowed is above 0, at most 1");
            }
            this.safetyFactor = factor;
            return this;
        }

        /**
         * Where time and callbacks come from.
         *
         * @param runtime the shared one by default
         */
        public Builder runtime(WeirRuntime runtime) {
            this.runtime = Objects.requireNonNull(runtime, "runtime");
            return this;
        }

        private static double requirePositive(String parameter, double value) {
            if (!(value > 0 && value < Double.POSITIVE_INFINITY)) {
                throw new IllegalArgumentException(parameter + " = " + value + ": allowed is finite, above 0");
            }
            return value;
        }

        /**
         * The executor.
         *
         * @throws IllegalArgumentException if rate, period and maxTokens don't go together; if {@code rate} and {@code defaultRate} differ with endpoint
         *     limiting, as both are the endpoints'; or if it is to be adaptive with endpoint limiting
         */
        public RateLimitedExecutor build() {
            if (perEndpoint && rate != null && defaultRate != null && !rate.equals(defaultRate)) {
                throw new IllegalArgumentException("defaultRate = " + defaultRate + " beside rate = " + rate
                        + ": allowed with endpointRateLimiting is one of them, as both are the rate of an endpoint");
            }
            Permits permits = ExecutorStage.slots(runtime, maxConcurrency);
            if (perEndpoint) {
                EndpointRateLimiter endpoints =
                        LimiterBuilder.paying(endpoints(), permits).build();
                return with(permits, endpoints, endpoints::close, new Limits(null, null, endpoints));
            }
            if (adaptive) {
                AdaptiveRateLimiter following =
                        LimiterBuilder.paying(adaptive(), permits).build();
                return with(permits, following, following::close, new Limits(null, following, null));
            }
            TokenBucketRateLimiter fixed =
                    LimiterBuilder.paying(fixed(), permits).build();
            return with(permits, fixed, fixed::close, new Limits(fixed, null, null));
        }

        private RateLimitedExecutor with(Permits permits, AbstractGuard limiter, Runnable close, Limits limits) {
            TokensStage tokens = (TokensStage) AbstractGuard.stagesOf(limiter).get(0);
            LimitedStage stage =
                    new LimitedStage(name, runtime, permits, tokens, close, perEndpoint, listener(limits.adaptive()));
            return new RateLimitedExecutor(stage, limits, runtime);
        }

        private @Nullable Consumer<Object> listener(@Nullable AdaptiveRateLimiter adaptive) {
            Function<Object, @Nullable Map<String, ?>> where = headersOf;
            if (where == null || adaptive == null) {
                return null;
            }
            return result -> {
                Map<String, ?> headers = where.apply(result);
                if (headers != null) {
                    try {
                        adaptive.updateFromHeaders(headers);
                    } catch (IllegalStateException closed) {
                        // its last calls end after its time
                    }
                }
            };
        }

        private double startRate() {
            return rate != null ? rate : defaultRate != null ? defaultRate : DEFAULT_RATE;
        }

        private EndpointRateLimiter.Builder endpoints() {
            if (adaptive) {
                throw new IllegalArgumentException(
                        "adaptiveRateLimiting = true: allowed is false with endpointRateLimiting");
            }
            EndpointRateLimiter.Builder builder = EndpointRateLimiter.builder(name)
                    .defaultRate(startRate())
                    .defaultPeriod(period)
                    .maxWaiters(maxWaiters)
                    .runtime(runtime);
            return maxTokens == null ? builder : builder.defaultMaxTokens(maxTokens);
        }

        private AdaptiveRateLimiter.Builder adaptive() {
            AdaptiveRateLimiter.Builder builder = AdaptiveRateLimiter.builder(name)
                    .initialRate(startRate())
                    .initialPeriod(period)
                    .safetyFactor(safetyFactor)
                    .maxWaiters(maxWaiters)
                    .runtime(runtime);
            if (minRate != null) {
                builder.minRate(minRate);
            }
            return maxTokens == null ? builder : builder.maxTokens(maxTokens);
        }

        private TokenBucketRateLimiter.Builder fixed() {
            TokenBucketRateLimiter.Builder builder = TokenBucketRateLimiter.builder(name)
                    .rate(startRate())
                    .period(period)
                    .maxWaiters(maxWaiters)
                    .runtime(runtime);
            return maxTokens == null ? builder : builder.maxTokens(maxTokens);
        }
    }
}

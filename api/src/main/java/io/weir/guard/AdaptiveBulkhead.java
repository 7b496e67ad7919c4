package io.weir.guard;

import io.weir.Failures;
import io.weir.RetryAfterHint;
import io.weir.WeirRuntime;
import io.weir.engine.permit.AdaptiveConfig;
import io.weir.engine.permit.AdaptivePermits;
import io.weir.internal.AbstractGuard;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.function.Predicate;

/**
 * A bulkhead whose limit follows the service: how long calls take, and how many are dropped, tells how many it can take at once. A call that
 * finds no place free is refused with {@link io.weir.BulkheadFullException}, or stands in line, first come, first served, if there is one.
 *
 * <p>What is measured runs from the admission to the end of what is further in, so it belongs innermost: inside of retries, and of limiters
 * that wait. It learns from calls that end well; a call is dropped if it was invoked and then cut short by a timeout or the deadline, if it
 * fails with a timeout of its own, or if it fails with a {@link RetryAfterHint} (the service is too busy). Other failures, calls that the
 * user cancels, and whatever a guard further in refuses, give their place back and teach nothing: a service that fails fast must not look
 * quick.
 *
 * <p>May stand in a pipeline once only, as a call would wait for the place that it holds itself. Thread-safe; taking a free place and giving
 * it back take no lock and allocate nothing.
 */
@SuppressWarnings("exports") // what it inherits is the public Guard; how is nobody's business
public final class AdaptiveBulkhead extends AbstractGuard {
    private final AdaptiveBulkheadStage stage;
    private final AdaptivePermits permits;

    private AdaptiveBulkhead(AdaptiveBulkheadStage stage) {
        super(stage.name(), stage.runtime(), List.of(stage));
        this.stage = stage;
        this.permits = stage.permits();
    }

    /**
     * An adaptive bulkhead with all defaults.
     *
     * @param name for messages
     */
    public static AdaptiveBulkhead of(String name) {
        return builder(name).build();
    }

    /**
     * Begins an adaptive bulkhead.
     *
     * @param name for messages
     */
    public static Builder builder(String name) {
        return new Builder(name);
    }

    /** How many calls may run at once now. */
    public int limit() {
        return permits.limit();
    }

    /** How many calls are running; more than {@link #limit} for a while after it has fallen. */
    public int inUse() {
        return permits.inUse();
    }

    /** How many callers stand in line. */
    public int waiters() {
        return permits.waiters();
    }

    /** What it is doing, and has counted. */
    public AdaptiveBulkheadMetrics metrics() {
        return stage.metrics();
    }

    /** Fails everybody in line, and every call after it, with {@link IllegalStateException}. Running calls go on. Idempotent. */
    public void close() {
        permits.close(BulkheadStage.closedMessage(name()));
    }

    @Override
    public String toString() {
        return "AdaptiveBulkhead(" + name() + ", " + inUse() + " of " + limit() + " in use, waiters=" + waiters()
                + (permits.isClosed() ? ", closed)" : ")");
    }

    /** Builds adaptive bulkheads. Not thread-safe. */
    public static final class Builder {
        final String name;
        private LimitAlgorithm algorithm = LimitAlgorithm.gradient();
        private int initial = 20;
        private int min = 1;
        private int max = 1_000;
        int maxWaiters;
        long maxWaitNanos = Long.MAX_VALUE;
        Predicate<? super Throwable> dropIf =
                failure -> failure instanceof RetryAfterHint || Failures.isTimeout(failure);
        WeirRuntime runtime = WeirRuntime.shared();

        private Builder(String name) {
            this.name = Objects.requireNonNull(name, "name");
        }

        /**
         * What computes the limit.
         *
         * @param algorithm {@link LimitAlgorithm#gradient()} by default
         */
        public Builder algorithm(LimitAlgorithm algorithm) {
            int memory = algorithm.memorySize();
            if (memory < 0 || memory > 1_000) {
                throw new IllegalArgumentException("algorithm.memorySize = " + memory + ": allowed is 0 to 1,000");
            }
            this.algorithm = algorithm;
            return this;
        }

        /**
         * The limit to begin with.
         *
         * @param calls from min to max; 20 by default
         */
        public Builder initial(int calls) {
            this.initial = atLeastOne("initial", calls);
            return this;
        }

        /**
         * The least limit.
         *
         * @param calls at least 1; 1 by default
         */
        public Builder min(int calls) {
            this.min = atLeastOne("min", calls);
            return this;
        }

        /**
         * The largest limit.
         *
         * @param calls at least min; 1,000 by default
         */
        public Builder max(int calls) {
            this.max = atLeastOne("max", calls);
            return this;
        }

        private static int atLeastOne(String parameter, int calls) {
            if (calls < 1) {
                throw new IllegalArgumentException(parameter + " = " + calls + ": allowed is 1 or more");
            }
            return calls;
        }

        /**
         * How many callers may stand in line.
         *
         * @param waiters at least 0; 0 by default: a full bulkhead refuses at once
         */
        public Builder maxWaiters(int waiters) {
            BulkheadStage.requireWaiters(waiters);
            this.maxWaiters = waiters;
            return this;
        }

        /**
         * How long a caller stands in line at most.
         *
         * @param wait positive; without end by default, but for the call's own deadline
         */
        public Builder maxWait(Duration wait) {
            this.maxWaitNanos = BulkheadStage.requireMaxWait(wait);
            return this;
        }

        /**
         * Which failures of the call itself say that the service is overloaded. What a Weir timeout or the deadline cuts short says so
         * anyway; what a guard further in says, and a cancellation, never does.
         *
         * @param failures out of any wrapper; by default a {@link RetryAfterHint}, or what {@link Failures#isTimeout} knows
         */
        public Builder dropIf(Predicate<? super Throwable> failures) {
            this.dropIf = Objects.requireNonNull(failures, "dropIf");
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

        AdaptiveConfig config() {
            if (min > max) {
                throw new IllegalArgumentException("max = " + max + ": allowed is min, " + min + ", or more");
            }
            if (initial < min || initial > max) {
                throw new IllegalArgumentException("initial = " + initial + ": allowed is " + min + " to " + max);
            }
            return AdaptiveConfig.builder()
                    .algorithm(EngineLimit.of(algorithm))
                    .initial(initial)
                    .min(min)
                    .max(max)
                    .maxWaiters(maxWaiters)
                    .build();
        }

        /** Builds it; {@link IllegalArgumentException} unless min ≤ initial ≤ max. */
        public AdaptiveBulkhead build() {
            return new AdaptiveBulkhead(new AdaptiveBulkheadStage(this));
        }
    }
}

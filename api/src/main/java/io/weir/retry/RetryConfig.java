package io.weir.retry;

import io.weir.internal.TimeoutStage;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What to retry, how often, and how long to wait in between. Immutable; one configuration may serve many {@link Retry}s. Compared by value,
 * with functions compared by identity.
 *
 * <p>Delay before retry n, from 1: {@code min(baseDelay · backoffFactor^(n−1), maxDelay / (1+j)) · U(1−j, 1+j)}, where j is the jitter
 * factor, or 0 without jitter. The cap is inside, so that the jitter spreads the calls at the cap too, and none waits longer than maxDelay.
 */
public final class RetryConfig {
    /** 3 retries after 1, 2 and 4 s, ± 20 %, on any exception of the call. */
    public static final RetryConfig DEFAULT = builder().build();

    private final int maxRetries;
    private final Duration baseDelay;
    private final Duration maxDelay;
    private final double backoffFactor;
    private final boolean jitter;
    private final double jitterFactor;
    private final @Nullable Backoff backoff;
    private final List<Class<? extends Throwable>> retryOn;
    private final @Nullable Predicate<? super Throwable> retryIf;
    private final List<Class<? extends Throwable>> excluded;
    private final @Nullable Predicate<? super Throwable> excludeIf;
    private final List<ResultPredicate<?>> retryOnResult;
    private final @Nullable Duration retryAfterCap;
    private final boolean retryRejections;
    private final @Nullable RetryBudget budget;
    private final @Nullable Duration attemptTimeout;
    private final @Nullable Duration overallTimeout;

    private RetryConfig(Builder builder) {
        this.maxRetries = builder.maxRetries;
        this.baseDelay = builder.baseDelay;
        this.maxDelay = builder.maxDelay;
        this.backoffFactor = builder.backoffFactor;
        this.jitter = builder.jitter;
        this.jitterFactor = builder.jitterFactor;
        this.backoff = builder.backoff;
        this.retryOn = List.copyOf(builder.retryOn);
        this.retryIf = builder.retryIf;
        this.excluded = List.copyOf(builder.excluded);
        this.excludeIf = builder.excludeIf;
        this.retryOnResult = List.copyOf(builder.retryOnResult);
        this.retryAfterCap = builder.retryAfterCap;
        this.retryRejections = builder.retryRejections;
        this.budget = builder.budget;
        this.attemptTimeout = builder.attemptTimeout;
        this.overallTimeout = builder.overallTimeout;
    }

    /** A predicate for the results of one type. */
    private record ResultPredicate<R>(Class<R> type, Predicate<? super R> predicate) {
        boolean test(Object result) {
            return type.isInstance(result) && predicate.test(type.cast(result));
        }
    }

    public static Builder builder() {
        return new Builder();
    }

    /** A builder that begins with these values. */
    public Builder toBuilder() {
        return new Builder(this);
    }

    /** How often a call is tried again at most. */
    public int maxRetries() {
        return maxRetries;
    }

    public Duration baseDelay() {
        return baseDelay;
    }

    public Duration maxDelay() {
        return maxDelay;
    }

    public double backoffFactor() {
        return backoffFactor;
    }

    public boolean jitter() {
        return jitter;
    }

    public double jitterFactor() {
        return jitterFactor;
    }

    /** Whether refusals by guards further in are retried too. */
    public boolean retryRejections() {
        return retryRejections;
    }

    /** What bounds the retries of all calls together, if anything does. */
    @Nullable
    RetryBudget budget() {
        return budget;
    }

    /** The longest Retry-After that is waited for; a longer one ends the retries. */
    public Duration retryAfterCap() {
        return retryAfterCap == null ? maxDelay : retryAfterCap;
    }

    /** How long each attempt may take, if that is limited. */
    public Optional<Duration> attemptTimeout() {
        return Optional.ofNullable(attemptTimeout);
    }

    /** How long all attempts and the waits between them may take together, if that is limited. */
    public Optional<Duration> overallTimeout() {
        return Optional.ofNullable(overallTimeout);
    }

    /** The delays: the given back-off or, if none was, the one of the formula above. */
    public Backoff backoff() {
        if (backoff != null) {
            return backoff;
        }
        double j = jitterSpread();
        Duration cap = Delays.scaled(maxDelay, 1 / (1 + j));
        Backoff plain = Backoff.exponential(cap.compareTo(baseDelay) < 0 ? cap : baseDelay, backoffFactor, cap);
        return j == 0 ? plain : plain.jitter(j);
    }

    double jitterSpread() {
        return jitter ? jitterFactor : 0;
    }

    /** Whether a failure of the call itself is to be retried. */
    boolean retries(Throwable failure) {
        if (excludes(failure)) {
            return false;
        }
        if (retryOn.isEmpty() && retryIf == null) {
            return true;
        }
        return isAny(retryOn, failure) || retryIf != null && retryIf.test(failure);
    }

    /** Whether what a guard further in said is to be retried: it refused, or time was up, before the call was invoked. */
    boolean retriesRejection(Throwable failure) {
        return retryRejections && !excludes(failure);
    }

    private boolean excludes(Throwable failure) {
        return isAny(excluded, failure) || excludeIf != null && excludeIf.test(failure);
    }

    boolean retriesResult(@Nullable Object result) {
        if (result != null) {
            for (ResultPredicate<?> predicate : retryOnResult) {
                if (predicate.test(result)) {
                    return true;
                }
            }
        }
        return false;
    }

    boolean looksAtResults() {
        return !retryOnResult.isEmpty();
    }

    private static boolean isAny(List<Class<? extends Throwable>> types, Throwable failure) {
        for (Class<? extends Throwable> type : types) {
            if (type.isInstance(failure)) {
                return true;
            }
        }
        return false;
    }

    private List<@Nullable Object> values() {
        List<@Nullable Object> values = new ArrayList<>();
        values.addAll(List.of(maxRetries, baseDelay, maxDelay, backoffFactor, jitter, jitterFactor, retryRejections));
        values.addAll(List.of(retryOn, excluded, retryOnResult));
        values.add(backoff);
        values.add(retryIf);
        values.add(excludeIf);
        values.add(retryAfterCap);
        values.add(budget);
        values.add(attemptTimeout);
        values.add(overallTimeout);
        return values;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof RetryConfig that && that.values().equals(values());
    }

    @Override
    public int hashCode() {
        return values().hashCode();
    }

    @Override
    public String toString() {
        return "RetryConfig(maxRetries=" + maxRetries
                + (backoff != null
                        ? ", backoff=" + backoff
                        : ", baseDelay=" + baseDelay + ", maxDelay=" + maxDelay + ", backoffFactor=" + backoffFactor
                                + ", jitterFactor=" + jitterSpread())
                + (attemptTimeout == null ? "" : ", attemptTimeout=" + attemptTimeout)
                + (overallTimeout == null ? "" : ", overallTimeout=" + overallTimeout)
                + ")";
    }

    /** Builds configurations. Not thread-safe. */
    public static final class Builder {
        private int maxRetries = 3;
        private Duration baseDelay = Duration.ofSeconds(1);
        private Duration maxDelay = Duration.ofSeconds(60);
        private double backoffFactor = 2.0;
        private boolean jitter = true;
        private double jitterFactor = 0.2;
        private @Nullable Backoff backoff;
        private final List<Class<? extends Throwable>> retryOn = new ArrayList<>();
        private @Nullable Predicate<? super Throwable> retryIf;
        private final List<Class<? extends Throwable>> excluded = new ArrayList<>();
        private @Nullable Predicate<? super Throwable> excludeIf;
        private final List<ResultPredicate<?>> retryOnResult = new ArrayList<>();
        private @Nullable Duration retryAfterCap;
        private boolean retryRejections;
        private @Nullable RetryBudget budget;
        private @Nullable Duration attemptTimeout;
        private @Nullable Duration overallTimeout;

        private Builder() {}

        private Builder(RetryConfig from) {
            this.maxRetries = from.maxRetries;
            this.baseDelay = from.baseDelay;
            this.maxDelay = from.maxDelay;
            this.backoffFactor = from.backoffFactor;
            this.jitter = from.jitter;
            this.jitterFactor = from.jitterFactor;
            this.backoff = from.backoff;
            this.retryOn.addAll(from.retryOn);
            this.retryIf = from.retryIf;
            this.excluded.addAll(from.excluded);
            this.excludeIf = from.excludeIf;
            this.retryOnResult.addAll(from.retryOnResult);
            this.retryAfterCap = from.retryAfterCap;
            this.retryRejections = from.retryRejections;
            this.budget = from.budget;
            this.attemptTimeout = from.attemptTimeout;
            this.overallTimeout = from.overallTimeout;
        }

        /**
         * Bounds the retries of all calls together, so that they can't multiply an outage.
         *
         * @param budget to be shared by all retries that call the same service; none by default
         */
        public Builder budget(RetryBudget budget) {
            this.budget = Objects.requireNonNull(budget, "budget");
            return this;
        }

        /**
         * How often a call is tried again at most.
         *
         * @param retries at least 0; 3 by default, so up to 4 calls
         */
        public Builder maxRetries(int retries) {
            if (retries < 0) {
                throw new IllegalArgumentException("maxRetries = " + retries + ": allowed is 0 or more");
            }
            this.maxRetries = retries;
            return this;
        }

        /**
         * The delay before the first retry.
         *
         * @param delay not negative; 1 s by default
         */
        public Builder baseDelay(Duration delay) {
            Delays.requireNotNegative("baseDelay", delay);
            this.baseDelay = delay;
            return this;
        }

        /**
         * The longest delay, jitter included.
         *
         * @param delay not negative; 60 s by default
         */
        public Builder maxDelay(Duration delay) {
            Delays.requireNotNegative("maxDelay", delay);
            this.maxDelay = delay;
            return this;
        }

        /**
         * By what each delay is longer than the one before.
         *
         * @param factor at least 1; 2 by default
         */
        public Builder backoffFactor(double factor) {
            if (!(factor >= 1) || Double.isInfinite(factor)) {
                throw new IllegalArgumentException(
                        "backoffFactor = " + factor + ": allowed is a finite number of at least 1");
            }
            this.backoffFactor = factor;
            return this;
        }

        /**
         * Whether delays are spread, so that those who failed together don't come back together.
         *
         * @param on on by default
         */
        public Builder jitter(boolean on) {
            this.jitter = on;
            return this;
        }

        /**
         * How far delays are spread, to both sides.
         *
         * @param factor 0 to 1; 0.2 by default
         */
        public Builder jitterFactor(double factor) {
            Delays.requireFraction("jitterFactor", factor);
            this.jitterFactor = factor;
            return this;
        }

        /**
         * The delays, in the place of all of the above but maxRetries.
         *
         * @param backoff called once a retry
         */
        public Builder backoff(Backoff backoff) {
            this.backoff = Objects.requireNonNull(backoff, "backoff");
            return this;
        }

        /**
         * Which exceptions are retried; with none named, all of the call but interrupts and cancellations.
         *
         * @param types subclasses are included; an {@link Error} never is retried
         */
        @SafeVarargs
        public final Builder retryOn(Class<? extends Throwable>... types) {
            for (Class<? extends Throwable> type : types) {
                retryOn.add(type);
            }
            return this;
        }

        /**
         * Which exceptions are retried, beside those of {@link #retryOn}.
         *
         * @param predicate asked for exceptions of the call
         */
        public Builder retryIf(Predicate<? super Throwable> predicate) {
            retryIf = Objects.requireNonNull(predicate, "predicate");
            return this;
        }

        /**
         * Which exceptions are not retried; wins over {@link #retryOn}.
         *
         * @param types subclasses are included
         */
        @SafeVarargs
        public final Builder excluding(Class<? extends Throwable>... types) {
            for (Class<? extends Throwable> type : types) {
                excluded.add(type);
            }
            return this;
        }

        /**
         * Which exceptions are not retried; wins over {@link #retryIf}.
         *
         * @param predicate asked for exceptions of the call
         */
        public Builder excludeIf(Predicate<? super Throwable> predicate) {
            excludeIf = Objects.requireNonNull(predicate, "predicate");
            return this;
        }

        /**
         * Results that are retried. If the last attempt has one too, the caller gets it.
         *
         * @param type only results of this type are asked about
         * @param predicate which of them
         * @param <R> the type of the results
         */
        public <R> Builder retryOnResult(Class<R> type, Predicate<? super R> predicate) {
            retryOnResult.add(new ResultPredicate<>(
                    Objects.requireNonNull(type, "type"), Objects.requireNonNull(predicate, "predicate")));
            return this;
        }

        /**
         * The longest Retry-After of a failure that is waited for. One that asks for more ends the retries.
         *
         * @param cap not negative; maxDelay by default
         */
        public Builder honourRetryAfter(Duration cap) {
            Delays.requireNotNegative("honourRetryAfter", cap);
            this.retryAfterCap = cap;
            return this;
        }

        /**
         * Whether refusals by guards further in are retried too, after at least their retryAfter. {@link #excluding} wins over it too.
         *
         * @param on off by default
         */
        public Builder retryRejections(boolean on) {
            this.retryRejections = on;
            return this;
        }

        /**
         * How long each attempt may take, the waits of guards further in included. One that takes longer is cut short, as by a {@link
         * io.weir.guard.Timeout} just inside of the retry, and retried like any other failure if the call had been invoked.
         *
         * @param timeout positive; without limit by default
         */
        public Builder attemptTimeout(Duration timeout) {
            this.attemptTimeout = TimeoutStage.requirePositive("attemptTimeout", timeout);
            return this;
        }

        /**
         * How long all attempts and the waits between them may take together. The attempt in flight is cut short when the time is up, as by a
         * {@link io.weir.guard.Timeout} just outside of the retry; no wait is begun that would last longer.
         *
         * @param timeout positive; without limit by default, but for the call's own deadline
         */
        public Builder overallTimeout(Duration timeout) {
            this.overallTimeout = TimeoutStage.requirePositive("overallTimeout", timeout);
            return this;
        }

        public RetryConfig build() {
            return new RetryConfig(this);
        }
    }
}

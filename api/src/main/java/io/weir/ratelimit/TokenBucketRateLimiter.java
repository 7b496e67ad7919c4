package io.weir.ratelimit;

import io.weir.WeirRuntime;
import io.weir.engine.bucket.BucketConfig;
import io.weir.engine.bucket.TokenBucket;
import io.weir.internal.LimiterBuilder;
import java.time.Duration;
import java.util.Objects;
import java.util.function.UnaryOperator;

/**
 * A token bucket: holds up to {@code maxTokens} tokens, gains {@code rate} a {@code period}, and in any window of length t grants at most
 * {@code maxTokens + rate · t}, whatever the threads do. The bucket is the engine's: generic cell rate algorithm (ITU-T I.371), one word,
 * no lock.
 */
@SuppressWarnings("exports") // what it inherits is the public Guard; how is nobody's business
public final class TokenBucketRateLimiter extends BucketRateLimiter {
    private TokenBucketRateLimiter(String name, TokenBucket bucket, WeirRuntime runtime) {
        super(new BucketLine(name, bucket, false, runtime));
    }

    /**
     * Begins a limiter.
     *
     * @param name for messages, events and metrics
     */
    public static Builder builder(String name) {
        return new Builder(name);
    }

    /**
     * A limiter of so many calls a second.
     *
     * @param name for messages, events and metrics
     * @param ratePerSecond finite and positive
     */
    public static TokenBucketRateLimiter of(String name, double ratePerSecond) {
        return builder(name).rate(ratePerSecond).build();
    }

    /**
     * Changes the rate while in use; those who wait are timed anew. What isn't named stays as it is. Lowering the rate scales the tokens in
     * hand with it, raising it leaves them.
     *
     * @param change names what changes
     */
    public void updateRate(UnaryOperator<RateUpdate> change) {
        bucket.update(change.apply(RateUpdate.NONE).update());
        rateChanged();
    }

    @Override
    public String toString() {
        BucketConfig config = bucket.config();
        return "TokenBucketRateLimiter(" + name() + ", " + config.rate() + " per "
                + Duration.ofNanos(config.periodNanos()) + ", maxTokens=" + config.maxTokens() + ")";
    }

    /** Builds limiters. Not thread-safe. */
    @SuppressWarnings("exports") // what it inherits is nobody's business
    public static final class Builder extends LimiterBuilder {
        private final String name;
        private final BucketConfig.Builder config = BucketConfig.builder();
        private boolean rateIsSet;
        private WeirRuntime runtime = WeirRuntime.shared();

        private Builder(String name) {
            this.name = Objects.requireNonNull(name, "name");
        }

        /**
         * How many tokens a period the bucket gains. Required.
         *
         * @param tokens finite and positive
         */
        public Builder rate(double tokens) {
            config.rate(tokens);
            rateIsSet = true;
            return this;
        }

        /**
         * What the rate refers to.
         *
         * @param period positive; 1 s by default
         */
        public Builder period(Duration period) {
            config.periodNanos(BucketRateLimiter.periodNanos("period", period));
            return this;
        }

        /**
         * How many tokens the bucket holds at most: the largest burst.
         *
         * @param tokens finite and positive; the rate, but at least 1, by default
         */
        public Builder maxTokens(double tokens) {
            config.maxTokens(tokens);
            return this;
        }

        /**
         * How many tokens the bucket holds at first.
         *
         * @param tokens 0 to maxTokens; maxTokens by default
         */
        public Builder initialTokens(double tokens) {
            config.initialTokens(tokens);
            return this;
        }

        /**
         * How many callers may stand in line.
         *
         * @param waiters at least 0; 10,000 by default
         */
        public Builder maxWaiters(int waiters) {
            config.maxWaiters(waiters);
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

        public TokenBucketRateLimiter build() {
            if (!rateIsSet) {
                throw new IllegalArgumentException("rate is not set: it is required");
            }
            return new TokenBucketRateLimiter(
                    name, BucketRateLimiter.bucket(config.build(), runtime, slots()), runtime);
        }
    }
}

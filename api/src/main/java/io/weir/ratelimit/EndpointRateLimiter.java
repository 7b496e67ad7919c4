package io.weir.ratelimit;

import io.weir.WeirRuntime;
import io.weir.engine.bucket.BucketConfig;
import io.weir.engine.bucket.KeyHash;
import io.weir.engine.bucket.KeyOverflow;
import io.weir.engine.bucket.KeyedBuckets;
import io.weir.engine.bucket.Slots;
import io.weir.internal.Clocks;
import io.weir.internal.LimiterBuilder;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.UnaryOperator;
import org.agrona.concurrent.NanoClock;

/**
 * A token bucket for each endpoint, or other key, in a fixed amount of memory: about 24 bytes a key, and some 400 for a key with waiters,
 * reservations or a rate of its own.
 *
 * <p>All calls with one key share one bucket, under any race. A key whose bucket is full again holds no information, and its place goes to
 * another when one is needed; no flood of new keys takes a place from a busy one. When all places are busy, {@link
 * KeyedRateLimiter.Overflow} says what a new key gets. Keys are told apart by a keyed hash (SipHash-2-4) whose secret is the limiter's own, so
 * nobody can aim at another's bucket; two keys that collide all the same (with n keys: a probability of n² / 2⁶⁵) share one, which is
 * stricter, never looser.
 */
@SuppressWarnings("exports") // what it inherits is the public Guard; how is nobody's business
public final class EndpointRateLimiter extends TableRateLimiter {
    private final KeyedBuckets buckets;
    private final KeySettings settings;

    private EndpointRateLimiter(Builder builder, KeySettings settings, KeyedBuckets buckets) {
        super(buckets, new KeyStage(builder.name, buckets, settings, builder.runtime), builder.runtime);
        this.buckets = buckets;
        this.settings = settings;
        settings.applyTo(buckets);
    }

    /**
     * Begins a limiter.
     *
     * @param name for messages, events and metrics
     */
    public static Builder builder(String name) {
        return new Builder(name);
    }

    /** Tells nothing of the keys, which may be secret. */
    @Override
    public String toString() {
        BucketConfig defaults = settings.defaults();
        return "EndpointRateLimiter(" + name() + ", " + defaults.rate() + " per "
                + Duration.ofNanos(defaults.periodNanos()) + " a key, maxTokens=" + defaults.maxTokens()
                + (buckets.isClosed() ? ", closed)" : ")");
    }

    /** Builds limiters. Not thread-safe. */
    @SuppressWarnings("exports") // what it inherits is nobody's business
    public static final class Builder extends LimiterBuilder {
        private static final double DEFAULT_RATE = 10;
        private static final int DEFAULT_MAX_KEYS = 10_000;

        private final String name;
        private final BucketConfig.Builder defaults = BucketConfig.builder().rate(DEFAULT_RATE);
        private final Map<String, RateUpdate> overrides = new LinkedHashMap<>();
        private int maxKeys = DEFAULT_MAX_KEYS;
        private KeyOverflow overflow = KeyOverflow.SHARE;
        private WeirRuntime runtime = WeirRuntime.shared();

        private Builder(String name) {
            this.name = Objects.requireNonNull(name, "name");
        }

        /**
         * How many tokens a period each key gains.
         *
         * @param tokens finite and positive, at most 2.5 · 10⁸ a second; 10 by default
         */
        public Builder defaultRate(double tokens) {
            defaults.rate(tokens);
            return this;
        }

        /**
         * What the default rate refers to.
         *
         * @param period positive; 1 s by default
         */
        public Builder defaultPeriod(Duration period) {
            defaults.periodNanos(BucketRateLimiter.periodNanos("defaultPeriod", period));
            return this;
        }

        /**
         * How many tokens each key's bucket holds at most, and at first.
         *
         * @param tokens finite and positive; the default rate, but at least 1, by default
         */
        public Builder defaultMaxTokens(double tokens) {
            defaults.maxTokens(tokens);
            return this;
        }

        /**
         * How many callers may stand in line for each key.
         *
         * @param waiters at least 0; 10,000 by default
         */
        public Builder maxWaiters(int waiters) {
            defaults.maxWaiters(waiters);
            return this;
        }

        /**
         * Gives a key a rate of its own; it starts with a full bucket of as many tokens, but at least 1.
         *
         * @param key the endpoint, or what the keys are
         * @param rate tokens a period; finite and positive
         * @param period what the rate refers to; positive
         */
        public Builder override(String key, double rate, Duration period) {
            return override(
                    key,
                    u -> u.rate(rate)
                            .period(period)
                            .maxTokens(Math.max(1, rate))
                            .resetTokens());
        }

        /**
         * Gives a key a rate of its own.
         *
         * @param key the endpoint, or what the keys are
         * @param change names what is other than the default
         */
        public Builder override(String key, UnaryOperator<RateUpdate> change) {
            overrides.put(Objects.requireNonNull(key, "key"), change.apply(RateUpdate.NONE));
            return this;
        }

        /**
         * How many busy keys there is room for. The memory is taken when the limiter is built, about 24 bytes a key.
         *
         * @param keys 1 to 2²⁹; 10,000 by default
         */
        public Builder maxKeys(int keys) {
            if (keys < 1 || keys > KeyedBuckets.MAX_KEYS) {
                throw new IllegalArgumentException("maxKeys = " + keys + ": allowed is 1 to " + KeyedBuckets.MAX_KEYS);
            }
            this.maxKeys = keys;
            return this;
        }

        /**
         * What a new key gets when all places are busy.
         *
         * @param policy one shared bucket of the default rate by default
         */
        public Builder overflow(Overflow policy) {
            this.overflow = switch (policy) {
                case SHARE -> KeyOverflow.SHARE;
                case DENY -> KeyOverflow.REFUSE;
                case ADMIT -> KeyOverflow.ADMIT;
            };
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

        /**
         * Builds it, and takes its memory.
         *
         * @throws IllegalArgumentException if rate, period and maxTokens don't go together
         */
        public EndpointRateLimiter build() {
            BucketConfig config = defaults.build();
            NanoClock clock = Clocks.of(runtime);
            KeyHash hash = KeyHash.random();
            Slots slots = slots();
            KeyedBuckets buckets = slots == null
                    ? new KeyedBuckets(clock, runtime.timer(), config, maxKeys, overflow, hash)
                    : new KeyedBuckets(clock, runtime.timer(), config, maxKeys, overflow, hash, slots);
            return new EndpointRateLimiter(this, new KeySettings(config, maxKeys, overflow, overrides), buckets);
        }
    }
}

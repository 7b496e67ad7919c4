package io.weir.ratelimit;

import io.weir.WeirRuntime;
import io.weir.engine.bucket.BucketConfig;
import io.weir.engine.bucket.TokenBucket;
import io.weir.internal.LimiterBuilder;
import java.net.http.HttpHeaders;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A token bucket that follows what a service says of its limits in its responses' headers ({@code X-RateLimit-*} and its many relatives,
 * {@code RateLimit}, {@code Retry-After}).
 *
 * <ul>
 *   <li>The rate becomes what is left until the reset, a little less: remaining / seconds to the reset · safetyFactor, but at least minRate;
 *       and the tokens in hand are capped at remaining · safetyFactor. A reset that isn't told is taken for 60 s away.
 *   <li>With nothing remaining, and where a service says {@code Retry-After}, nothing is granted until then: callers wait, or are refused
 *       with that time.
 *   <li>Of several policies the tightest counts.
 *   <li>Without news after the reset the rate climbs, linearly over one window, to limit / window, but at most initialRate; if it was above
 *       that, it falls to it.
 *   <li>Headers that can't be read, are absurd, or contradict each other change nothing and are counted.
 * </ul>
 *
 * <p>Thread-safe. {@link #close} it if it is dropped while in use: the timer of a climb keeps it until then.
 */
public final class AdaptiveRateLimiter extends BucketRateLimiter {
    private final WeirRuntime runtime;
    private final Adaptation adaptation;
    private final long maxPauseNanos;

    private AdaptiveRateLimiter(Builder builder, TokenBucket bucket, Adaptation adaptation) {
        super(new BucketLine(builder.name, bucket, true, builder.runtime));
        this.runtime = builder.runtime;
        this.adaptation = adaptation;
        this.maxPauseNanos = builder.maxPauseNanos;
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
     * Hears a response's headers. Never throws because of what they say.
     *
     * @param headers by name, in any case; values are strings, or collections of strings
     * @throws IllegalStateException if the limiter is closed
     */
    public void updateFromHeaders(Map<String, ?> headers) {
        hear(0, headers);
    }

    /**
     * Hears a response's headers. Never throws because of what they say.
     *
     * @param status the response's; of a failure (400 and above) {@code Retry-After} counts even if tokens remain
     * @param headers by name, in any case; values are strings, or collections of strings
     * @throws IllegalStateException if the limiter is closed
     */
    public void updateFromHeaders(int status, Map<String, ?> headers) {
        hear(status, headers);
    }

    /** As {@link #updateFromHeaders(Map)}. */
    public void updateFromHeaders(HttpHeaders headers) {
        hear(0, headers.map());
    }

    /** As {@link #updateFromHeaders(int, Map)}. */
    public void updateFromHeaders(int status, HttpHeaders headers) {
        hear(status, headers.map());
    }

    private void hear(int status, Map<String, ?> headers) {
        adaptation.hear(
                status, RateLimitHeaders.read(headers, runtime.wallClock().instant(), maxPauseNanos));
    }

    /** The present rate, in tokens a second; not what is granted in a pause. */
    public double ratePerSecond() {
        return adaptation.ratePerSecond();
    }

    /** What it has heard so far. */
    @Override
    public AdaptiveRateLimiterMetrics metrics() {
        record Metrics(long refused, int waiting, long updates, long ignored) implements AdaptiveRateLimiterMetrics {}
        RateLimiterMetrics counted = super.metrics();
        return new Metrics(counted.refused(), counted.waiting(), adaptation.updates(), adaptation.ignored());
    }

    @Override
    public void close() {
        super.close();
        adaptation.close();
    }

    @Override
    public String toString() {
        return "AdaptiveRateLimiter(" + name() + ", " + ratePerSecond() + " per second, maxTokens="
                + bucket.config().maxTokens() + ")";
    }

    /** Builds limiters. Not thread-safe. */
    @SuppressWarnings("exports") // what it inherits is nobody's business
    public static final class Builder extends LimiterBuilder {
        private static final double DEFAULT_MIN_RATE = 1;
        private static final Duration DEFAULT_MAX_PAUSE = Duration.ofHours(24);

        private final String name;
        private final BucketConfig.Builder config = BucketConfig.builder();
        private boolean rateIsSet;
        private @Nullable Double minRate;
        private double safetyFactor = 0.9;
        private long maxPauseNanos = DEFAULT_MAX_PAUSE.toNanos();
        private WeirRuntime runtime = WeirRuntime.shared();

        private Builder(String name) {
            this.name = Objects.requireNonNull(name, "name");
        }

        /**
         * How many tokens a period the bucket gains before the service has said anything, and at most when it says no more. Required.
         *
         * @param tokens finite and positive
         */
        public Builder initialRate(double tokens) {
            if (!(tokens > 0 && tokens < Double.POSITIVE_INFINITY)) {
                throw new IllegalArgumentException("initialRate = " + tokens + ": allowed is finite, above 0");
            }
            config.rate(tokens);
            rateIsSet = true;
            return this;
        }

        /**
         * What the initial rate refers to.
         *
         * @param period positive; 1 s by default
         */
        public Builder initialPeriod(Duration period) {
            config.periodNanos(BucketRateLimiter.periodNanos("initialPeriod", period));
            return this;
        }

        /**
         * How many tokens the bucket holds at most: the largest burst.
         *
         * @param tokens finite and positive; the initial rate, but at least 1, by default
         */
        public Builder maxTokens(double tokens) {
            config.maxTokens(tokens);
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
         * What the rate never falls below, pauses apart.
         *
         * @param tokensPerSecond positive, at most the initial rate; 1 by default, or the initial rate if that is less
         */
        public Builder minRate(double tokensPerSecond) {
            this.minRate = tokensPerSecond;
            return this;
        }

        /**
         * How much of what remains is used.
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
         * The longest pause that a service is believed; a time farther away is left out.
         *
         * @param pause 1 s to 1 year; 24 h by default
         */
        public Builder maxPause(Duration pause) {
            if (pause.compareTo(Duration.ofSeconds(1)) < 0 || pause.compareTo(Duration.ofDays(365)) > 0) {
                throw new IllegalArgumentException("maxPause = " + pause + ": allowed is 1 s to 365 days");
            }
            this.maxPauseNanos = pause.toNanos();
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

        public AdaptiveRateLimiter build() {
            if (!rateIsSet) {
                throw new IllegalArgumentException("initialRate is not set: it is required");
            }
            BucketConfig first = config.build();
            double initial = first.rate() / first.periodNanos() * 1e9;
            double min = minRate != null ? minRate : Math.min(DEFAULT_MIN_RATE, initial);
            if (!(min > 0 && min <= initial)) {
                throw new IllegalArgumentException("minRate = " + min
                        + ": allowed is above 0, at most the initial rate, " + initial + " a second");
            }
            first.toBuilder()
                    .rate(min)
                    .periodNanos(Adaptation.PERIOD_NANOS)
                    .build(); // throws if so low a rate can't fill the bucket
            TokenBucket bucket = BucketRateLimiter.bucket(first, runtime, slots());
            return new AdaptiveRateLimiter(
                    this, bucket, new Adaptation(name, bucket, runtime, initial, min, safetyFactor));
        }
    }
}

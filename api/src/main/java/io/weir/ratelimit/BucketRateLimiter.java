package io.weir.ratelimit;

import io.weir.WeirRuntime;
import io.weir.engine.bucket.BucketConfig;
import io.weir.engine.bucket.Slots;
import io.weir.engine.bucket.TokenBucket;
import io.weir.internal.Clocks;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** A limiter that is one token bucket; how its rate changes is its subclass's business. */
@SuppressWarnings("exports") // what it inherits is the public Guard; how is nobody's business
abstract class BucketRateLimiter extends LineRateLimiter {
    private static final Duration MAX_PERIOD = Duration.ofNanos(Long.MAX_VALUE);

    final TokenBucket bucket;
    private final BucketLine line;

    BucketRateLimiter(BucketLine line) {
        super(line, new BucketStage(line));
        this.line = line;
        this.bucket = line.bucket;
    }

    /** A bucket whose line pays slots too, if there are any. */
    static TokenBucket bucket(BucketConfig config, WeirRuntime runtime, @Nullable Slots slots) {
        return slots == null
                ? new TokenBucket(Clocks.of(runtime), runtime.timer(), config)
                : new TokenBucket(Clocks.of(runtime), runtime.timer(), config, slots);
    }

    // The hot ones straight to the bucket:

    @Override
    public boolean tryAcquire() {
        return line.counts.counted(bucket.tryAcquire());
    }

    @Override
    public boolean tryAcquire(double tokens) {
        return line.counts.counted(bucket.tryAcquire(tokens));
    }

    @Override
    public long tryAcquireNanos(double tokens) {
        return line.counts.counted(bucket.tryAcquireNanos(tokens));
    }

    final void rateChanged() {
        line.rateChanged();
    }

    /** A period given by a user, positive and within what a long holds. */
    static long periodNanos(String name, Duration period) {
        if (period.compareTo(Duration.ZERO) <= 0 || period.compareTo(MAX_PERIOD) > 0) {
            throw new IllegalArgumentException(name + " = " + period + ": allowed is above 0, at most " + MAX_PERIOD);
        }
        return period.toNanos();
    }

    @Override
    public void close() {
        bucket.close(TokenLine.closedMessage(name()));
    }
}

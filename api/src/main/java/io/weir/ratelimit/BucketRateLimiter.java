package io.weir.ratelimit;

import io.weir.CallOptions;
import io.weir.Guard;
import io.weir.WeirRuntime;
import io.weir.engine.bucket.BucketReservation;
import io.weir.engine.bucket.TokenBucket;
import io.weir.internal.AbstractGuard;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** A limiter that is one token bucket; how its rate changes is its subclass's business. */
@SuppressWarnings("exports") // what it inherits is the public Guard; how is nobody's business
abstract class BucketRateLimiter extends AbstractGuard implements RateLimiter {
    private static final Duration MAX_PERIOD = Duration.ofNanos(Long.MAX_VALUE);

    final TokenBucket bucket;
    private final BucketStage stage;

    BucketRateLimiter(String name, TokenBucket bucket, WeirRuntime runtime) {
        this(bucket, BucketStage.of(name, bucket, runtime), runtime);
    }

    private BucketRateLimiter(TokenBucket bucket, BucketStage stage, WeirRuntime runtime) {
        super(stage.name(), runtime, List.of(stage));
        this.bucket = bucket;
        this.stage = stage;
    }

    @Override
    public boolean tryAcquire() {
        return bucket.tryAcquire();
    }

    @Override
    public boolean tryAcquire(double tokens) {
        return bucket.tryAcquire(tokens);
    }

    @Override
    public long tryAcquireNanos(double tokens) {
        return bucket.tryAcquireNanos(tokens);
    }

    @Override
    public CompletableFuture<@Nullable Void> acquire(double tokens) {
        return acquire(tokens, Long.MAX_VALUE);
    }

    @Override
    public CompletableFuture<@Nullable Void> acquire(double tokens, Duration timeout) {
        return acquire(tokens, nanos(timeout));
    }

    private CompletableFuture<@Nullable Void> acquire(double tokens, long timeoutNanos) {
        AcquireFuture future = new AcquireFuture(stage, tokens);
        future.start(timeoutNanos);
        return future;
    }

    @Override
    public void acquireBlocking(double tokens) throws InterruptedException {
        stage.acquireBlocking(tokens, Long.MAX_VALUE);
    }

    @Override
    public void acquireBlocking(double tokens, Duration timeout) throws InterruptedException {
        stage.acquireBlocking(tokens, nanos(timeout));
    }

    /** A period given by a user, positive and within what a long holds. */
    static long periodNanos(String name, Duration period) {
        if (period.compareTo(Duration.ZERO) <= 0 || period.compareTo(MAX_PERIOD) > 0) {
            throw new IllegalArgumentException(name + " = " + period + ": allowed is above 0, at most " + MAX_PERIOD);
        }
        return period.toNanos();
    }

    private static long nanos(Duration timeout) {
        try {
            return Math.max(0, timeout.toNanos());
        } catch (ArithmeticException tooLong) {
            return timeout.isNegative() ? 0 : Long.MAX_VALUE;
        }
    }

    @Override
    public Reservation reserve(double tokens) {
        return reserve(tokens, Long.MAX_VALUE);
    }

    @Override
    public Reservation reserve(double tokens, Duration maxWait) {
        return reserve(tokens, nanos(maxWait));
    }

    private Reservation reserve(double tokens, long maxWaitNanos) {
        BucketReservation reservation = bucket.reserve(tokens, maxWaitNanos);
        if (reservation == null) {
            throw stage.exceeded(tokens, bucket.estimatedWaitNanos(tokens));
        }
        return new BucketReservationView(reservation, runtime());
    }

    @Override
    public double availableTokens() {
        return bucket.availableTokens();
    }

    @Override
    public Duration estimatedWait(double tokens) {
        return Duration.ofNanos(bucket.estimatedWaitNanos(tokens));
    }

    @Override
    public Guard failFast() {
        return new View(stage.failFast());
    }

    @Override
    public Guard costing(double tokens) {
        return new View(stage.costing(CallOptions.tokens(tokens).tokens()));
    }

    /** The same bucket under another rule of waiting or cost. */
    private final class View extends AbstractGuard {
        View(BucketStage other) {
            super(other.name(), BucketRateLimiter.this.runtime(), List.of(other));
        }

        @Override
        public String toString() {
            return BucketRateLimiter.this.toString();
        }
    }

    @Override
    public void close() {
        bucket.close();
    }
}

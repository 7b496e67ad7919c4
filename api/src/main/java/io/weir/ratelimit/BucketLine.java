package io.weir.ratelimit;

import io.weir.WeirRuntime;
import io.weir.engine.bucket.BucketReservation;
import io.weir.engine.bucket.TokenBucket;
import io.weir.engine.bucket.Waiter;
import org.jspecify.annotations.Nullable;

/** The line of a bucket. */
final class BucketLine extends TokenLine {
    final TokenBucket bucket;

    BucketLine(String name, TokenBucket bucket, WeirRuntime runtime) {
        super(name, runtime);
        this.bucket = bucket;
    }

    @Override
    long tryAcquireNanos(double tokens) {
        return bucket.tryAcquireNanos(tokens);
    }

    @Override
    public long acquire(Waiter waiter, long timeoutNanos) {
        return bucket.acquire(waiter, timeoutNanos);
    }

    @Override
    public boolean cancel(Waiter waiter) {
        return bucket.cancel(waiter);
    }

    @Override
    public void handBack(Waiter waiter) {
        bucket.handBack(waiter);
    }

    @Override
    @Nullable
    BucketReservation tryReserve(double tokens, long maxWaitNanos) {
        return bucket.reserve(tokens, maxWaitNanos);
    }

    @Override
    public long estimatedWaitNanos(double tokens) {
        return bucket.estimatedWaitNanos(tokens);
    }

    @Override
    double availableTokens() {
        return bucket.availableTokens();
    }

    @Override
    double maxTokens() {
        return bucket.config().maxTokens();
    }
}

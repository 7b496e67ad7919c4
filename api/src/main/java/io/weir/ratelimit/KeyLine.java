package io.weir.ratelimit;

import io.weir.WeirRuntime;
import io.weir.engine.bucket.BucketReservation;
import io.weir.engine.bucket.KeyedBuckets;
import io.weir.engine.bucket.Waiter;
import org.jspecify.annotations.Nullable;

/** The line of a key: the table and the key's hash, never the bucket itself, so that it stays right wherever the key is kept. */
final class KeyLine extends TokenLine {
    private final KeyedBuckets buckets;
    private final long key;

    KeyLine(String name, KeyedBuckets buckets, long key, WeirRuntime runtime, TokenCounts counts) {
        super(name, runtime, counts);
        this.buckets = buckets;
        this.key = key;
    }

    @Override
    long tryAcquireNanos(double tokens) {
        return buckets.tryAcquireNanos(key, tokens);
    }

    @Override
    public long acquire(Waiter waiter, long timeoutNanos) {
        return buckets.acquire(key, waiter, timeoutNanos);
    }

    @Override
    public boolean cancel(Waiter waiter) {
        return buckets.cancel(waiter);
    }

    @Override
    public void handBack(Waiter waiter) {
        buckets.handBack(key, waiter);
    }

    @Override
    @Nullable
    BucketReservation tryReserve(double tokens, long maxWaitNanos) {
        return buckets.reserve(key, tokens, maxWaitNanos);
    }

    @Override
    public long estimatedWaitNanos(double tokens) {
        return buckets.estimatedWaitNanos(key, tokens);
    }

    @Override
    double availableTokens() {
        return buckets.availableTokens(key);
    }

    @Override
    int waiters() {
        return buckets.waiters(key);
    }

    @Override
    double maxTokens() {
        return buckets.config(key).maxTokens();
    }
}

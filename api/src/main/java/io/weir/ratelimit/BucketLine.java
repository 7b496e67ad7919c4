package io.weir.ratelimit;

import io.weir.WeirRuntime;
import io.weir.engine.bucket.BucketConfig;
import io.weir.engine.bucket.BucketReservation;
import io.weir.engine.bucket.TokenBucket;
import io.weir.engine.bucket.Waiter;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The line of a bucket. */
final class BucketLine extends TokenLine {
    final TokenBucket bucket;
    /** Whether the rate follows a service. */
    final boolean isAdaptive;

    private final RateTeller teller;

    BucketLine(String name, TokenBucket bucket, boolean isAdaptive, WeirRuntime runtime) {
        super(name, runtime, new TokenCounts());
        this.bucket = bucket;
        this.isAdaptive = isAdaptive;
        this.teller = new RateTeller(name, runtime, this::present);
    }

    private RateTeller.Present present() {
        BucketConfig config = bucket.config();
        return new RateTeller.Present(
                config.rate(), Duration.ofNanos(config.periodNanos()), config.maxTokens(), Optional.empty());
    }

    /** The rate has been changed by hand. */
    void rateChanged() {
        teller.tell();
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
    int waiters() {
        return bucket.waiters();
    }

    @Override
    double maxTokens() {
        return bucket.config().maxTokens();
    }
}

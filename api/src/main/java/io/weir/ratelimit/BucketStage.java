package io.weir.ratelimit;

import io.weir.CallOptions;
import io.weir.engine.bucket.BucketConfig;
import io.weir.engine.bucket.BucketUpdate;
import io.weir.engine.bucket.TokenBucket;
import io.weir.internal.Stage;

/** A token bucket in a pipeline. */
final class BucketStage extends TokenStage {
    private final BucketLine line;
    private final TokenBucket bucket;

    /** A bucket that spends prepaid tokens seldom wants to know the time, and then asks for itself. */
    private final boolean readsTheClock;

    BucketStage(BucketLine line) {
        this(line, Rule.DEFAULT);
    }

    private BucketStage(BucketLine line, Rule rule) {
        super(line.name, rule);
        this.line = line;
        this.bucket = line.bucket;
        this.readsTheClock = bucket.isPrepaid();
    }

    @Override
    BucketStage with(Rule other) {
        return new BucketStage(line, other);
    }

    @Override
    public BucketLine lineOf(CallOptions options) {
        return line;
    }

    @Override
    public Runnable changeTo(Stage like) {
        BucketStage other = (BucketStage) like;
        if (line.isAdaptive) {
            throw new IllegalArgumentException("what an adaptive limiter follows is the service");
        }
        BucketConfig to = other.bucket.config();
        return () -> {
            bucket.update(BucketUpdate.none()
                    .rate(to.rate())
                    .periodNanos(to.periodNanos())
                    .maxTokens(to.maxTokens())
                    .maxWaiters(to.maxWaiters()));
            line.rateChanged();
        };
    }

    @Override
    public boolean needsClock() {
        return !readsTheClock;
    }

    @Override
    public long admit(CallOptions options, long now) {
        double cost = cost(options);
        boolean granted = readsTheClock
                ? cost == 1 ? bucket.tryAcquire() : bucket.tryAcquire(cost)
                : bucket.tryAcquireNanos(cost, now) == 0;
        return granted ? 0 : refusedOrWaits();
    }
}

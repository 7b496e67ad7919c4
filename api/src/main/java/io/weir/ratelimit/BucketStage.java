package io.weir.ratelimit;

import io.weir.CallOptions;
import io.weir.engine.bucket.TokenBucket;

/** A token bucket in a pipeline. */
final class BucketStage extends TokenStage {
    private final BucketLine line;
    private final TokenBucket bucket;

    BucketStage(BucketLine line) {
        this(line, Rule.DEFAULT);
    }

    private BucketStage(BucketLine line, Rule rule) {
        super(line.name, rule);
        this.line = line;
        this.bucket = line.bucket;
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
    public boolean needsClock() {
        return true;
    }

    @Override
    public long admit(CallOptions options, long now) {
        return bucket.tryAcquireNanos(cost(options), now) == 0 ? 0 : refusedOrWaits();
    }
}

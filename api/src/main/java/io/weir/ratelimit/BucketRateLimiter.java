package io.weir.ratelimit;

import io.weir.WeirRuntime;
import io.weir.engine.bucket.TokenBucket;

/** A limiter that is one token bucket; how its rate changes is its subclass's business. */
@SuppressWarnings("exports") // what it inherits is the public Guard; how is nobody's business
abstract class BucketRateLimiter extends LineRateLimiter {
    final TokenBucket bucket;

    BucketRateLimiter(String name, TokenBucket bucket, WeirRuntime runtime) {
        this(new BucketLine(name, bucket, runtime));
    }

    private BucketRateLimiter(BucketLine line) {
        super(line, new BucketStage(line));
        this.bucket = line.bucket;
    }

    // The hot ones straight to the bucket:

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
    public void close() {
        bucket.close();
    }
}

package io.weir.engine.bucket;

/** A lock-free token bucket. */
public final class TokenBucket {
    private TokenBucket() {}
}

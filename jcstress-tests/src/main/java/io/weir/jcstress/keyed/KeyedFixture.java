package io.weir.jcstress.keyed;

import io.weir.engine.bucket.BucketConfig;
import io.weir.engine.bucket.KeyHash;
import io.weir.engine.bucket.KeyOverflow;
import io.weir.engine.bucket.KeyedBuckets;
import io.weir.engine.time.Timer;
import io.weir.engine.time.TimerNode;
import java.util.concurrent.atomic.AtomicLong;
import org.agrona.concurrent.NanoClock;

/** A table of four slots, each key with ten tokens, one more a microsecond, under a clock that moves when it is told to. */
final class KeyedFixture implements NanoClock, Timer {
    private static final KeyHash HASH = KeyHash.withSecret(1, 2);
    private static final BucketConfig CONFIG =
            BucketConfig.builder().rate(1).periodNanos(1_000).maxTokens(10).build();

    final KeyedBuckets buckets;
    private final AtomicLong now = new AtomicLong();

    KeyedFixture() {
        buckets = new KeyedBuckets(this, this, CONFIG, 1, KeyOverflow.SHARE, HASH);
    }

    void advance(long nanos) {
        now.getAndAdd(nanos);
    }

    /** 1 if granted, else 0. */
    int take(long key, double tokens) {
        return buckets.tryAcquire(key, tokens) ? 1 : 0;
    }

    @Override
    public long nanoTime() {
        return now.get();
    }

    @Override
    public void arm(TimerNode node) {}

    @Override
    public boolean cancel(TimerNode node) {
        return node.tryCancel();
    }

    @Override
    public void close() {}
}

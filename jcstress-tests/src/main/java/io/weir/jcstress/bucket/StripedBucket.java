package io.weir.jcstress.bucket;

import io.weir.engine.bucket.BucketConfig;
import io.weir.engine.bucket.TokenBucket;
import io.weir.engine.time.Timer;
import io.weir.engine.time.TimerNode;

/** A bucket of the least capacity that has stripes, on a clock that stands still: 4 or 8 stripes, of 16 or 8 tokens. */
final class StripedBucket {
    static final int CAPACITY = 1_024;

    private static final Timer NO_TIMER = new Timer() {
        @Override
        public void arm(TimerNode node) {}

        @Override
        public boolean cancel(TimerNode node) {
            return node.tryCancel();
        }

        @Override
        public void close() {}
    };

    private StripedBucket() {}

    static TokenBucket holding(double tokens) {
        return new TokenBucket(
                () -> 0,
                NO_TIMER,
                BucketConfig.builder()
                        .rate(1)
                        .maxTokens(CAPACITY)
                        .initialTokens(tokens)
                        .build());
    }
}

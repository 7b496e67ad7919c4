package io.weir.engine.bucket;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.engine.testing.AllocationMeter;
import io.weir.engine.testing.ManualTime;
import org.agrona.concurrent.SystemNanoClock;
import org.junit.jupiter.api.Test;

class StripedBucketAllocationTest {
    private static final int CALLS = 100_000;

    @Test
    void tryAcquireBesideStripesAllocatesNothingWhetherGrantedOrRefused() {
        for (double rate : new double[] {1e9, 1e6, 1e-3}) {
            TokenBucket bucket = new TokenBucket(
                    SystemNanoClock.INSTANCE,
                    new ManualTime(0),
                    BucketConfig.builder().rate(rate).maxTokens(2_000).build());
            bucket.tryAcquire();
            assertThat(bucket.toString()).contains("Stripes");
            assertThat(AllocationMeter.leastBytes(CALLS, () -> {
                        bucket.tryAcquire();
                        bucket.tryAcquire(2.5);
                        bucket.tryAcquireNanos(30);
                        bucket.tryAcquireNanos(1, System.nanoTime());
                        bucket.availableTokens();
                        bucket.estimatedWaitNanos(3);
                    }))
                    .as("bytes in %d calls at %s a second", CALLS, rate)
                    .isLessThan(1_024);
        }
    }
}

package io.weir.guide;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.bucket4j.Bucket;
import io.weir.guide.OrdersToo.Order;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class FromBucket4jGuideTest {
    private final OrdersToo orders = new OrdersToo();

    @Test
    void before() throws Exception {
        // guide:before
        Bucket bucket = Bucket.builder()
                .addLimit(limit -> limit.capacity(100).refillGreedy(50, Duration.ofSeconds(1)))
                .build();
        bucket.asBlocking().consume(1);
        Order order = orders.find(7);
        // guide:end
        assertThat(order.id()).isEqualTo(7);
    }

    @Test
    void aWaiterThatIsInterruptedHasPaid() throws Exception {
        Bucket bucket = Bucket.builder()
                .addLimit(limit -> limit.capacity(5).refillGreedy(1, Duration.ofHours(1)))
                .build();
        assertThat(bucket.tryConsume(5)).isTrue();
        Thread.currentThread().interrupt();
        try {
            bucket.asBlocking().consume(2);
        } catch (InterruptedException e) {
            assertThat(bucket.getAvailableTokens()).isEqualTo(-2);
        }
    }
}

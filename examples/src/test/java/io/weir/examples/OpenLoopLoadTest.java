package io.weir.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

/** About real time: the load keeps to the clock. */
class OpenLoopLoadTest {
    private final List<Long> intended = new ArrayList<>();

    @Test
    void callsKeepTheirScheduleThoughOneOfThemHoldsTheLoadUp() {
        long start = System.nanoTime();
        List<Long> begun = new ArrayList<>();
        OpenLoopLoad load = new OpenLoopLoad(1000, Duration.ofMillis(100), at -> {
            intended.add(at - start);
            begun.add(System.nanoTime() - start);
            if (intended.size() == 10) {
                LockSupport.parkNanos(30_000_000);
            }
        });

        load.startingAt(start).run();

        assertThat(load.arrivals()).isEqualTo(load.total()).isEqualTo(100);
        for (int i = 0; i < 100; i++) {
            assertThat(intended.get(i)).isEqualTo(i * 1_000_000L);
            assertThat(begun.get(i)).as("never early").isGreaterThanOrEqualTo(intended.get(i));
        }
    }

    @Test
    void everyCallWhoseTimeComesBeforeTheEndIsMade() {
        assertThat(new OpenLoopLoad(0.5, Duration.ofSeconds(3), at -> {}).total())
                .isEqualTo(2);
        assertThat(new OpenLoopLoad(0.1, Duration.ofSeconds(1), at -> {}).total())
                .isEqualTo(1);
        assertThat(new OpenLoopLoad(200, Duration.ofSeconds(20), at -> {}).total())
                .isEqualTo(4000);
        assertThat(new OpenLoopLoad(333.3, Duration.ofSeconds(10), at -> {}).total())
                .isEqualTo(3333);
    }

    @Test
    void aStoppedLoadBeginsNoMoreCalls() {
        AtomicReference<OpenLoopLoad> self = new AtomicReference<>();
        OpenLoopLoad load = new OpenLoopLoad(1000, Duration.ofHours(1), at -> {
            intended.add(at);
            if (intended.size() == 5) {
                self.get().stop();
            }
        });
        self.set(load);

        load.startingAt(System.nanoTime()).run();

        assertThat(intended).hasSize(5);
        assertThat(load.arrivals()).isEqualTo(5);
    }
}

package io.weir.engine.time;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.ref.WeakReference;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** I1 and I2 of {@link TimerNode}. */
class TimerNodeTest {
    private final RecordingTask task = new RecordingTask();

    @Test
    void aNewNodeIsArmed() {
        assertThat(task.at(-5).isArmed()).isTrue();
        assertThat(task.at(-5).deadlineNanos()).isEqualTo(-5);
        assertThat(task.at(-5)).hasToString("TimerNode[pending, deadlineNanos=-5]");
    }

    @Test
    void aNodeEndsOnce() {
        TimerNode fired = task.at(1);
        assertThat(fired.tryFire()).isTrue();
        assertThat(fired.isArmed()).isFalse();
        assertThat(fired.tryFire()).isFalse();
        assertThat(fired.tryCancel()).isFalse();
        assertThat(fired.tryAbort()).isFalse();

        TimerNode cancelled = task.at(2);
        assertThat(cancelled.tryCancel()).isTrue();
        assertThat(cancelled.isArmed()).isFalse();
        assertThat(cancelled.tryFire()).isFalse();
        assertThat(cancelled.tryAbort()).isFalse();

        TimerNode aborted = task.at(3);
        assertThat(aborted.tryAbort()).isTrue();
        assertThat(aborted.tryFire()).isFalse();

        assertThat(task.fired).containsExactly(fired);
        assertThat(task.aborted).containsExactly(aborted);
    }

    @Test
    void aTaskSeesItsNodeAsEnded() {
        TimerNode[] seen = new TimerNode[1];
        TimerNode node = new TimerNode(
                new TimerTask() {
                    @Override
                    public void onTimer(TimerNode fired) {
                        assertThat(fired.isArmed()).isFalse();
                        assertThat(fired.tryCancel()).isFalse();
                        seen[0] = fired;
                    }

                    @Override
                    public void onTimerClosed(TimerNode aborted) {}
                },
                0);
        node.tryFire();
        assertThat(seen[0]).isSameAs(node);
    }

    @Test
    void aCancelledNodeHoldsNothing() {
        RecordingTask unheld = new RecordingTask();
        WeakReference<RecordingTask> reference = new WeakReference<>(unheld);
        TimerNode node = unheld.at(1);
        node.tryCancel();
        unheld = null;
        RecordingTask.await("the task is collected", () -> {
            System.gc();
            return reference.get() == null;
        });
        assertThat(node.isArmed()).isFalse();
    }

    @Test
    void racingEndersHaveOneWinner() throws Exception {
        for (int round = 0; round < 2_000; round++) {
            AtomicInteger calls = new AtomicInteger();
            AtomicInteger wins = new AtomicInteger();
            TimerNode node = new TimerNode(
                    new TimerTask() {
                        @Override
                        public void onTimer(TimerNode fired) {
                            calls.incrementAndGet();
                        }

                        @Override
                        public void onTimerClosed(TimerNode aborted) {
                            calls.incrementAndGet();
                        }
                    },
                    0);
            CountDownLatch go = new CountDownLatch(1);
            Thread other = new Thread(() -> {
                awaitQuietly(go);
                if (node.tryCancel()) {
                    wins.incrementAndGet();
                    calls.incrementAndGet();
                }
            });
            other.start();
            go.countDown();
            if (round % 2 == 0 ? node.tryFire() : node.tryAbort()) {
                wins.incrementAndGet();
            }
            other.join();
            assertThat(wins).hasValue(1);
            assertThat(calls).hasValue(1);
        }
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}

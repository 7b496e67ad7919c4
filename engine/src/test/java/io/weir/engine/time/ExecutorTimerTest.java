package io.weir.engine.time;

import static io.weir.engine.time.RecordingTask.await;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** I1 and I2 of {@link ExecutorTimer}. */
class ExecutorTimerTest {
    private static final long HOUR = TimeUnit.HOURS.toNanos(1);

    private final RecordingTask task = new RecordingTask();
    private final ScheduledThreadPoolExecutor executor = new ScheduledThreadPoolExecutor(1);
    private final ExecutorTimer timer = new ExecutorTimer(executor, System::nanoTime);

    @RegisterExtension
    final CapturedLog logged = new CapturedLog();

    @AfterEach
    void stop() {
        executor.shutdownNow();
    }

    @Test
    void aNodeFiresOnTheExecutorAfterItsDeadline() {
        long deadline = System.nanoTime() + 1_000_000;
        TimerNode node = task.at(deadline);
        timer.arm(node);
        await("it fires", () -> task.fired.contains(node));
        assertThat(task.lastNanos - deadline).isNotNegative();
        assertThat(task.lastThread).isNotSameAs(Thread.currentThread());
        assertThat(timer.waiting()).isZero();
        assertThat(timer.cancel(node)).isFalse();
    }

    @Test
    void aCancelLeavesNothingInTheExecutorIfItRemovesOnCancel() {
        executor.setRemoveOnCancelPolicy(true);
        TimerNode node = task.at(System.nanoTime() + HOUR);
        timer.arm(node);
        assertThat(executor.getQueue()).hasSize(1);
        assertThat(timer.cancel(node)).isTrue();
        assertThat(timer.cancel(node)).isFalse();
        assertThat(executor.getQueue()).isEmpty();
        assertThat(timer.waiting()).isZero();
    }

    @Test
    void aNodeCancelledBeforeItIsArmedIsNotScheduled() {
        TimerNode node = task.at(System.nanoTime() + HOUR);
        assertThat(timer.cancel(node)).isTrue();
        timer.arm(node);
        assertThat(executor.getQueue()).isEmpty();
    }

    @Test
    void anExecutorWhoseClockIsAheadDoesNotFireEarly() {
        AtomicLong clock = new AtomicLong();
        AtomicInteger looks = new AtomicInteger();
        ExecutorTimer slow = new ExecutorTimer(executor, () -> {
            looks.incrementAndGet();
            return clock.get();
        });
        slow.arm(task.at(1_000));
        await("it has looked a few times", () -> looks.get() > 5);
        assertThat(task.fired).isEmpty();
        clock.set(1_000);
        await("it fires", () -> task.fired.size() == 1);
    }

    @Test
    void closingTellsWhatIsLeftAndLeavesTheExecutorAlone() {
        executor.setRemoveOnCancelPolicy(true);
        TimerNode first = task.at(System.nanoTime() + HOUR);
        TimerNode second = task.at(System.nanoTime() + Long.MAX_VALUE);
        timer.arm(first);
        timer.arm(second);
        timer.close();
        timer.close();
        assertThat(task.aborted).containsExactlyInAnyOrder(first, second);
        assertThat(executor.getQueue()).isEmpty();
        assertThat(executor.isShutdown()).isFalse();
        TimerNode late = task.at(System.nanoTime());
        timer.arm(late);
        assertThat(task.aborted).contains(late);
    }

    @Test
    void anExecutorThatWasShutDownTellsTheTask() {
        executor.shutdown();
        TimerNode node = task.at(System.nanoTime());
        timer.arm(node);
        assertThat(task.aborted).containsExactly(node);
        assertThat(timer.waiting()).isZero();
    }

    @Test
    void aTaskThatThrowsHarmsNoOther() {
        timer.arm(new TimerNode(
                new TimerTask() {
                    @Override
                    public void onTimer(TimerNode node) {
                        throw new IllegalStateException("part of a test");
                    }

                    @Override
                    public void onTimerClosed(TimerNode node) {}
                },
                System.nanoTime()));
        timer.arm(task.at(System.nanoTime()));
        await("the other fires", () -> task.fired.size() == 1);
        assertThat(logged.warnings()).containsExactly("A timer's task failed");
    }

    @Test
    void armingAndCancellingAndClosingLoseNothing() throws Exception {
        executor.setRemoveOnCancelPolicy(true);
        AtomicInteger cancelled = new AtomicInteger();
        int nodes = 20_000;
        TimerNode[] made = new TimerNode[nodes];
        for (int i = 0; i < nodes; i++) {
            made[i] = task.at(System.nanoTime() + (i % 3 == 0 ? HOUR : i * 10L));
        }
        Thread canceller = new Thread(() -> {
            for (int i = 0; i < nodes; i += 5) {
                if (timer.cancel(made[i])) {
                    cancelled.incrementAndGet();
                }
            }
        });
        canceller.start();
        for (int i = 0; i < nodes; i++) {
            timer.arm(made[i]);
            if (i == nodes * 3 / 4) {
                new Thread(timer::close).start();
            }
        }
        canceller.join();
        await("all have ended", () -> cancelled.get() + task.fired.size() + task.aborted.size() == nodes);
        await(
                "nothing is left",
                () -> timer.waiting() == 0 && executor.getQueue().isEmpty());
    }
}

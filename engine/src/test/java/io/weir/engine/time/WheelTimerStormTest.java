package io.weir.engine.time;

import static io.weir.engine.time.RecordingTask.await;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** I1 and I3 of {@link WheelTimer}, under load. */
class WheelTimerStormTest {
    private static final int THREADS = 4;
    private static final int NODES = 60_000;

    /** Told about its node once, or the test fails. */
    private static final class OnceTask implements TimerTask {
        final AtomicIntegerArray told;
        final int index;
        final AtomicInteger fired;

        OnceTask(AtomicIntegerArray told, int index, AtomicInteger fired) {
            this.told = told;
            this.index = index;
            this.fired = fired;
        }

        @Override
        public void onTimer(TimerNode node) {
            told.incrementAndGet(index);
            fired.incrementAndGet();
        }

        @Override
        public void onTimerClosed(TimerNode node) {
            told.incrementAndGet(index);
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 1_000_000, 30_000_000_000L})
    void everyNodeEndsExactlyOnceWhileFourThreadsArmAndCancelAndOneCloses(long idleNanos) throws Exception {
        WheelTimer timer = new WheelTimer(
                System::nanoTime, "weir-timer-storm", idleNanos, body -> WheelTimer.daemon(body, "weir-timer-storm"));
        AtomicIntegerArray told = new AtomicIntegerArray(THREADS * NODES);
        AtomicInteger fired = new AtomicInteger();
        AtomicInteger armed = new AtomicInteger();
        List<Thread> threads = new ArrayList<>();
        for (int t = 0; t < THREADS; t++) {
            int first = t * NODES;
            Thread thread = new Thread(() -> {
                SplittableRandom random = new SplittableRandom(first);
                TimerNode[] recent = new TimerNode[64];
                int[] recentIndex = new int[64];
                for (int i = 0; i < NODES; i++) {
                    while (i == NODES / 2 && fired.get() == 0) {
                        Thread.yield(); // a loaded machine may take long to start the timer's thread
                    }
                    long ahead = random.nextInt(4) == 0 ? TimeUnit.HOURS.toNanos(1) : random.nextInt(2_000_000);
                    TimerNode node = new TimerNode(new OnceTask(told, first + i, fired), System.nanoTime() + ahead);
                    timer.arm(node);
                    armed.incrementAndGet();
                    int slot = random.nextInt(64);
                    if (recent[slot] != null && timer.cancel(recent[slot])) {
                        told.incrementAndGet(recentIndex[slot]);
                    }
                    recent[slot] = node;
                    recentIndex[slot] = first + i;
                }
            });
            threads.add(thread);
            thread.start();
        }
        await("three quarters are armed", () -> armed.get() > THREADS * NODES * 3 / 4);
        timer.close();
        for (Thread thread : threads) {
            thread.join();
        }
        await("all have ended", () -> sum(told) >= THREADS * NODES);
        for (int i = 0; i < told.length(); i++) {
            assertThat(told.get(i)).as("node %d", i).isEqualTo(1);
        }
        assertThat(fired.get()).isPositive();
    }

    private static int sum(AtomicIntegerArray counts) {
        int sum = 0;
        for (int i = 0; i < counts.length(); i++) {
            sum += counts.get(i);
        }
        return sum;
    }

    @Test
    void aMillionCancelledTimeoutsOfAnHourDoNotPileUp() {
        WheelTimer timer = new WheelTimer(System::nanoTime, "weir-timer-storm");
        RecordingTask task = new RecordingTask();
        int live = 100;
        for (int i = 0; i < live; i++) {
            timer.arm(task.at(System.nanoTime() + TimeUnit.HOURS.toNanos(1)));
        }
        for (int i = 0; i < 1_000_000; i++) {
            TimerNode node = task.at(System.nanoTime() + TimeUnit.HOURS.toNanos(1));
            timer.arm(node);
            timer.cancel(node);
            if (i % 1_000 == 0) {
                await("the thread keeps up", () -> timer.queued() < 10_000);
            }
        }
        // At its last pass it linked at most what it then allowed to be pushed before the next.
        await("it sleeps", timer::isAsleep);
        assertThat(timer.linked()).isBetween(live, 2 * (live + 1_024));
        assertThat(timer.queued()).isLessThanOrEqualTo(timer.linked() + 1_024);
        timer.close();
        await("the live ones are told", () -> task.aborted.size() == live);
        assertThat(task.fired).isEmpty();
    }
}

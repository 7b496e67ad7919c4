package io.weir.engine.time;

import static io.weir.engine.time.RecordingTask.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The timer's thread, in real time: few and tolerant. What fires when is tested on {@link Wheel}. */
class WheelTimerTest {
    private static final long MS = 1_000_000;
    private static final long HOUR = TimeUnit.HOURS.toNanos(1);

    private final RecordingTask task = new RecordingTask();
    private final List<WheelTimer> timers = new ArrayList<>();
    private final WheelTimer timer = timer(TimeUnit.SECONDS.toNanos(30));

    @RegisterExtension
    final CapturedLog logged = new CapturedLog();

    private WheelTimer timer(long idleNanos) {
        return timer(idleNanos, body -> WheelTimer.daemon(body, "weir-timer-test"));
    }

    private WheelTimer timer(long idleNanos, ThreadFactory threads) {
        WheelTimer made = new WheelTimer(System::nanoTime, "weir-timer-test", idleNanos, threads);
        timers.add(made);
        return made;
    }

    @AfterEach
    void stop() {
        timers.forEach(WheelTimer::close);
    }

    private static TimerTask running(Runnable body) {
        return new TimerTask() {
            @Override
            public void onTimer(TimerNode node) {
                body.run();
            }

            @Override
            public void onTimerClosed(TimerNode node) {}
        };
    }

    private void fireOne(WheelTimer on) {
        int before = task.fired.size();
        on.arm(task.at(System.nanoTime()));
        await("it fires", () -> task.fired.size() == before + 1);
    }

    @Test
    void aNodeFiresAfterItsDeadlineAndNotBefore() {
        for (int i = 0; i < 20; i++) {
            long deadline = System.nanoTime() + i * MS / 2;
            int before = task.fired.size();
            timer.arm(task.at(deadline));
            await("it fires", () -> task.fired.size() == before + 1);
            assertThat(task.lastNanos - deadline).isNotNegative();
        }
        assertThat(task.aborted).isEmpty();
    }

    @Test
    void anEarlierDeadlineWakesAThreadThatSleepsToALaterOne() {
        timer.arm(task.at(System.nanoTime() + HOUR));
        await("it sleeps", timer::isAsleep);
        TimerNode early = task.at(System.nanoTime() + MS);
        timer.arm(early);
        await("it fires", () -> task.fired.contains(early));
        assertThat(task.fired).containsExactly(early);
    }

    @Test
    void aLaterDeadlineDoesNotWakeIt() {
        timer.arm(task.at(System.nanoTime() + HOUR));
        await("it sleeps", timer::isAsleep);
        for (int i = 0; i < 100; i++) {
            timer.arm(task.at(System.nanoTime() + HOUR + 10 * i * MS));
        }
        assertThat(timer.queued()).isEqualTo(100);
    }

    @Test
    void theThreadIsADaemonWithItsNameAndStartsOnFirstUse() {
        assertThat(timer.hasNoThread()).isTrue();
        fireOne(timer);
        assertThat(task.lastThread.isDaemon()).isTrue();
        assertThat(task.lastThread.getName()).isEqualTo("weir-timer-test");
        assertThat(task.lastThread.getContextClassLoader()).isNull();
        await("it sleeps", () -> task.lastThread.getState() == Thread.State.TIMED_WAITING);
    }

    @Test
    void anIdleTimerHasNoThreadAndGetsOneAgain() {
        WheelTimer idle = timer(20 * MS);
        fireOne(idle);
        Thread first = task.lastThread;
        await("it retires", idle::hasNoThread);
        await("its thread ends", () -> !first.isAlive());
        fireOne(idle);
        assertThat(task.lastThread).isNotSameAs(first);
    }

    @Test
    void aTimerWithAFarDeadlineKeepsItsThread() {
        WheelTimer idle = timer(5 * MS);
        idle.arm(task.at(System.nanoTime() + HOUR));
        fireOne(idle);
        Thread first = task.lastThread;
        for (int i = 0; i < 5; i++) {
            idle.arm(task.at(System.nanoTime() + 10 * MS));
        }
        await("they fire", () -> task.fired.size() == 6);
        assertThat(task.lastThread).isSameAs(first);
        assertThat(first.isAlive()).isTrue();
    }

    @Test
    void handoversBetweenThreadsLoseNothing() {
        WheelTimer hasty = timer(1);
        for (int i = 0; i < 2_000; i++) {
            hasty.arm(task.at(System.nanoTime() + (i % 3) * 30_000));
            if (i % 7 == 0) {
                await("it retires", hasty::hasNoThread);
            }
        }
        await("all fire", () -> task.fired.size() == 2_000);
    }

    @Test
    void aNodeFiresUnlessItsCancelCameFirst() {
        List<TimerNode> uncancelled = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            TimerNode node = task.at(System.nanoTime() + (i % 2 == 0 ? HOUR : i * 20_000));
            timer.arm(node);
            if (!timer.cancel(node)) {
                uncancelled.add(node); // this thread was stopped for longer than that
            }
            assertThat(timer.cancel(node)).isFalse();
        }
        TimerNode last = task.at(System.nanoTime() + 4 * MS);
        uncancelled.add(last);
        timer.arm(last);
        await("the last one fires", () -> task.fired.contains(last));
        assertThat(task.fired).containsExactlyInAnyOrderElementsOf(uncancelled);
        assertThat(timer.cancel(last)).isFalse();
    }

    @Test
    void aNodeCancelledBeforeItIsArmedNeverFiresAndStartsNoThread() {
        TimerNode node = task.at(0);
        assertThat(timer.cancel(node)).isTrue();
        timer.arm(node);
        assertThat(timer.hasNoThread()).isTrue();
        assertThat(timer.queued()).isZero();
    }

    @Test
    void aNodeArmedTwiceFiresOnce() {
        TimerNode node = task.at(System.nanoTime() + 3 * MS);
        timer.arm(node);
        timer.arm(node);
        await("it fires", () -> !task.fired.isEmpty());
        fireOne(timer);
        assertThat(task.fired).hasSize(2);
    }

    @Test
    void aTaskThatThrowsHarmsNoOther() {
        long now = System.nanoTime();
        timer.arm(new TimerNode(
                running(() -> {
                    throw new AssertionError("part of a test");
                }),
                now));
        timer.arm(task.at(now));
        await("the other fires", () -> task.fired.size() == 1);
        assertThat(logged.warnings()).containsExactly("A timer's task failed");
    }

    @Test
    void aTaskThatThrowsOnCloseHarmsNoOther() {
        TimerNode bad = new TimerNode(
                new TimerTask() {
                    @Override
                    public void onTimer(TimerNode node) {}

                    @Override
                    public void onTimerClosed(TimerNode node) {
                        throw new IllegalStateException("part of a test");
                    }
                },
                System.nanoTime() + HOUR);
        timer.arm(bad);
        timer.arm(task.at(System.nanoTime() + HOUR));
        timer.close();
        await("the other is told", () -> task.aborted.size() == 1);
        assertThat(logged.warnings()).containsExactly("A timer's task failed as the timer was closed");
    }

    @Test
    void aThreadThatCannotBeStartedIsTheArmersErrorAndTheNextArmTriesAgain() {
        boolean[] fail = {true};
        WheelTimer poor = timer(HOUR, body -> {
            if (fail[0]) {
                throw new OutOfMemoryError("part of a test");
            }
            return WheelTimer.daemon(body, "weir-timer-test");
        });
        TimerNode refused = task.at(System.nanoTime());
        assertThatThrownBy(() -> poor.arm(refused)).isInstanceOf(OutOfMemoryError.class);
        assertThat(refused.isArmed()).isFalse();
        assertThat(poor.hasNoThread()).isTrue();
        fail[0] = false;
        TimerNode next = task.at(System.nanoTime());
        poor.arm(next);
        await("it fires", () -> !task.fired.isEmpty());
        assertThat(task.fired).containsExactly(next);
        assertThat(task.aborted).isEmpty();
    }

    @Test
    void aTimerClosedWhileItsThreadCannotBeStartedTellsTheOthers() {
        WheelTimer[] poor = new WheelTimer[1];
        TimerNode other = task.at(System.nanoTime());
        poor[0] = timer(HOUR, body -> {
            poor[0].arm(other); // leaves it to the thread that is about to be started
            poor[0].close();
            throw new OutOfMemoryError("part of a test");
        });
        assertThatThrownBy(() -> poor[0].arm(task.at(System.nanoTime()))).isInstanceOf(OutOfMemoryError.class);
        assertThat(task.aborted).containsExactly(other);
        assertThat(poor[0].queued()).isZero();
    }

    @Test
    void anInterruptNeitherEndsTheThreadNorMakesItSpin() {
        fireOne(timer);
        Thread thread = task.lastThread;
        thread.interrupt();
        fireOne(timer);
        assertThat(task.lastThread).isSameAs(thread);
        await("it sleeps again", () -> !thread.isInterrupted() && thread.getState() == Thread.State.TIMED_WAITING);
    }

    @Test
    void aTaskMayArmAndCancelAndClose() {
        TimerNode far = task.at(System.nanoTime() + HOUR);
        timer.arm(far);
        TimerNode cancelled = task.at(System.nanoTime() + HOUR);
        timer.arm(cancelled);
        timer.arm(new TimerNode(
                running(() -> {
                    timer.cancel(cancelled);
                    timer.arm(new TimerNode(running(timer::close), System.nanoTime() + MS));
                }),
                System.nanoTime()));
        await("the far one is told", () -> task.aborted.contains(far));
        assertThat(task.aborted).containsExactly(far);
    }

    @Test
    void closingTellsEveryArmedNodeOnceAndEndsTheThread() {
        fireOne(timer);
        Thread thread = task.lastThread;
        List<TimerNode> nodes = new ArrayList<>();
        for (int i = 0; i < 1_000; i++) {
            nodes.add(task.at(System.nanoTime() + HOUR + i * (HOUR / 7)));
            timer.arm(nodes.get(i));
        }
        timer.cancel(nodes.remove(17));
        timer.close();
        timer.close();
        await("the thread ends", () -> !thread.isAlive());
        assertThat(task.aborted).containsExactlyInAnyOrderElementsOf(nodes);
        assertThat(task.fired).hasSize(1);
    }

    @Test
    void armingAfterCloseTellsTheTaskInTheCall() {
        timer.close();
        TimerNode node = task.at(System.nanoTime());
        timer.arm(node);
        assertThat(task.aborted).containsExactly(node);
        assertThat(task.lastThread).isSameAs(Thread.currentThread());
        assertThat(timer.cancel(node)).isFalse();
        assertThat(timer.cancel(task.at(1))).isTrue();
    }

    @Test
    void afterAClockJumpAllThatIsLateFires() {
        AtomicLong clock = new AtomicLong(Long.MAX_VALUE - HOUR); // wraps on the way
        WheelTimer jumping = new WheelTimer(clock::get, "weir-timer-test");
        timers.add(jumping);
        for (int i = 1; i <= 1_000; i++) {
            jumping.arm(task.at(clock.get() + i * (HOUR / 100)));
        }
        await("it sleeps", jumping::isAsleep);
        clock.addAndGet(20 * HOUR);
        jumping.arm(task.at(clock.get() - 20 * HOUR)); // before what it sleeps to, so wakes it
        await("all fire", () -> task.fired.size() == 1_001);
    }

    @Test
    void aClockThatFailsForAWhileLosesNothing() throws Exception {
        CountDownLatch failed = new CountDownLatch(3);
        WheelTimer shaky = new WheelTimer(
                () -> {
                    if (failed.getCount() > 0) {
                        failed.countDown();
                        throw new IllegalStateException("part of a test");
                    }
                    return System.nanoTime();
                },
                "weir-timer-test");
        timers.add(shaky);
        shaky.arm(task.at(System.nanoTime()));
        await("it fires", () -> task.fired.size() == 1);
        assertThat(logged.warnings()).hasSize(3).containsOnly("The timer's thread met an error and goes on");
    }
}

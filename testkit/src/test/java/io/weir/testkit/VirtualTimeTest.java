package io.weir.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weir.engine.time.TimerNode;
import io.weir.engine.time.TimerTask;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class VirtualTimeTest {
    private final VirtualTime time = new VirtualTime();
    private final List<String> log = new ArrayList<>();

    private TimerNode node(VirtualTime on, long deadline, String name, Runnable body) {
        return new TimerNode(
                new TimerTask() {
                    @Override
                    public void onTimer(TimerNode fired) {
                        log.add(name + "@" + (on.nanoTime()));
                        body.run();
                    }

                    @Override
                    public void onTimerClosed(TimerNode aborted) {
                        log.add(name + " closed");
                    }
                },
                deadline);
    }

    private TimerNode arm(long deadline, String name) {
        return arm(deadline, name, () -> {});
    }

    private TimerNode arm(long deadline, String name, Runnable body) {
        TimerNode node = node(time, deadline, name, body);
        time.timer().arm(node);
        return node;
    }

    @Test
    void timersFireInTheOrderOfTheirDeadlinesAtTheirDeadlines() {
        arm(30, "c");
        arm(10, "a");
        arm(20, "b1");
        arm(20, "b2");
        arm(41, "later");
        assertThat(time.pendingTimers()).isEqualTo(5);
        time.advance(Duration.ofNanos(40));
        assertThat(log).containsExactly("a@10", "b1@20", "b2@20", "c@30");
        assertThat(time.nanoTime()).isEqualTo(40);
        assertThat(time.pendingTimers()).isEqualTo(1);
    }

    @Test
    void aTimerThatIsOverdueFiresNowAndTheClockNeverGoesBack() {
        time.advance(Duration.ofNanos(100));
        arm(7, "late");
        assertThat(log).isEmpty();
        time.runPending();
        assertThat(log).containsExactly("late@100");
    }

    @Test
    void aTimerArmedByATimerFiresInTheSameAdvanceIfItGetsDue() {
        arm(10, "a", () -> arm(15, "b", () -> arm(15, "c", () -> arm(99, "d"))));
        arm(20, "e");
        time.advance(Duration.ofNanos(50));
        assertThat(log).containsExactly("a@10", "b@15", "c@15", "e@20");
        assertThat(time.pendingTimers()).isEqualTo(1);
    }

    @Test
    void tasksRunBeforeTimeMovesOnAndAfterEachTimer() {
        time.executor().execute(() -> {
            log.add("first@" + time.nanoTime());
            time.executor().execute(() -> log.add("second@" + time.nanoTime()));
        });
        arm(10, "a", () -> time.executor().execute(() -> log.add("of a@" + time.nanoTime())));
        arm(10, "b");
        assertThat(time.pendingTasks()).isEqualTo(1);
        time.advance(Duration.ofNanos(11));
        assertThat(log).containsExactly("first@0", "second@0", "a@10", "of a@10", "b@10");
    }

    @Test
    void aCancelledTimerIsGone() {
        TimerNode node = arm(10, "a");
        assertThat(time.timer().cancel(node)).isTrue();
        assertThat(time.timer().cancel(node)).isFalse();
        assertThat(time.pendingTimers()).isZero();
        TimerNode never = node(time, 10, "b", () -> {});
        time.timer().cancel(never);
        time.timer().arm(never);
        assertThat(time.pendingTimers()).isZero();
        time.advance(Duration.ofDays(1));
        assertThat(log).isEmpty();
    }

    @Test
    void aTimerMayCancelAnotherOfTheSameTime() {
        TimerNode[] other = new TimerNode[1];
        arm(10, "a", () -> time.timer().cancel(other[0]));
        other[0] = arm(10, "b");
        time.advance(Duration.ofNanos(10));
        assertThat(log).containsExactly("a@10");
    }

    @ParameterizedTest
    @ValueSource(longs = {0, -5, Long.MIN_VALUE, Long.MAX_VALUE - 10, Long.MAX_VALUE})
    void aClockMayBeNegativeAndWrap(long start) {
        VirtualTime wrapping = new VirtualTime(start);
        wrapping.timer().arm(node(wrapping, start + 20, "b", () -> {}));
        wrapping.timer().arm(node(wrapping, start + 15, "a", () -> {}));
        wrapping.timer().arm(node(wrapping, start + Long.MAX_VALUE, "z", () -> {}));
        wrapping.advance(Duration.ofNanos(7));
        wrapping.timer().arm(node(wrapping, wrapping.nanoTime() + Long.MAX_VALUE, "z", () -> {}));
        wrapping.advanceTo(start + 30);
        assertThat(log).containsExactly("a@" + (start + 15), "b@" + (start + 20));
        assertThat(wrapping.nanoTime()).isEqualTo(start + 30);
        assertThat(wrapping.pendingTimers()).isEqualTo(2);
        wrapping.advance(Duration.ofDays(36_500));
        assertThat(wrapping.pendingTimers()).isEqualTo(2);
    }

    @Test
    void theWallClockMovesAlong() {
        assertThat(time.wallTime()).isEqualTo(Instant.parse("2026-01-01T00:00:00Z"));
        time.advance(Duration.ofDays(31).plusMillis(5));
        assertThat(time.wallTime()).isEqualTo(Instant.parse("2026-02-01T00:00:00.005Z"));
        VirtualTime own = new VirtualTime(-1, Instant.EPOCH);
        own.advance(Duration.ofSeconds(2));
        assertThat(own.wallTime()).isEqualTo(Instant.ofEpochSecond(2));
    }

    @Test
    void closingTellsEveryArmedTimerAndLaterOnesAtOnce() {
        arm(10, "a");
        arm(5, "b");
        time.timer().close();
        time.timer().close();
        arm(1, "c");
        assertThat(log).containsExactly("b closed", "a closed", "c closed");
        assertThat(time.pendingTimers()).isZero();
    }

    @Test
    void aFailureIsThrownAfterTheOthersRan() {
        IllegalStateException failure = new IllegalStateException("part of a test");
        arm(1, "a", () -> {
            throw failure;
        });
        arm(2, "b", () -> {
            throw new AssertionError("second");
        });
        arm(3, "c");
        assertThatThrownBy(() -> time.advance(Duration.ofNanos(9))).isSameAs(failure);
        assertThat(failure.getSuppressed()).hasSize(1);
        assertThat(log).containsExactly("a@1", "b@2", "c@3");
        assertThat(time.nanoTime()).isEqualTo(9);
    }

    @Test
    void timeThatGoesBackIsRefused() {
        time.advanceTo(5);
        assertThatThrownBy(() -> time.advanceTo(4))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("nanoTime is 4, must not be before now, 5");
        assertThatThrownBy(() -> time.advance(Duration.ofNanos(-1)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("by is PT-0.000000001S, must not be negative");
        assertThatThrownBy(() -> time.advance(Duration.ofSeconds(Long.MAX_VALUE)))
                .isInstanceOf(IllegalArgumentException.class);
        assertThat(time.nanoTime()).isEqualTo(5);
        assertThatThrownBy(() -> time.advance(Duration.ofNanos(Long.MAX_VALUE)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("292 years");
    }

    @Test
    void aTimerMayNotMoveTheTime() {
        arm(1, "a", () -> time.advance(Duration.ofNanos(1)));
        assertThatThrownBy(() -> time.advance(Duration.ofNanos(1)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("may not move the time");
    }

    @Test
    void armingAndCancellingFromOtherThreadsLosesNothing() throws Exception {
        AtomicInteger ended = new AtomicInteger();
        TimerTask count = new TimerTask() {
            @Override
            public void onTimer(TimerNode node) {
                ended.incrementAndGet();
            }

            @Override
            public void onTimerClosed(TimerNode node) {
                ended.incrementAndGet();
            }
        };
        int each = 20_000;
        ConcurrentLinkedQueue<TimerNode> shared = new ConcurrentLinkedQueue<>();
        List<Thread> threads = new ArrayList<>();
        for (int t = 0; t < 3; t++) {
            Thread thread = new Thread(() -> {
                for (int i = 0; i < each; i++) {
                    TimerNode node = new TimerNode(count, time.nanoTime() + i % 50);
                    shared.add(node);
                    time.timer().arm(node);
                    TimerNode victim = i % 3 == 0 ? shared.poll() : null;
                    if (victim != null && time.timer().cancel(victim)) {
                        ended.incrementAndGet();
                    }
                }
            });
            threads.add(thread);
            thread.start();
        }
        for (int i = 0; i < 1_000; i++) {
            time.advance(Duration.ofNanos(3));
        }
        time.timer().close();
        for (Thread thread : threads) {
            thread.join();
        }
        assertThat(ended).hasValue(3 * each);
        assertThat(time.pendingTimers()).isZero();
    }
}

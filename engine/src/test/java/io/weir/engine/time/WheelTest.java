package io.weir.engine.time;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** I1 to I4 of {@link Wheel}, at the places where such wheels go wrong. */
class WheelTest {
    private static final int SHIFT = 16;
    private static final long TICK = 1L << SHIFT;

    private final RecordingTask task = new RecordingTask();

    private static List<TimerNode> advance(Wheel wheel, long now) {
        wheel.advance(now);
        List<TimerNode> due = new ArrayList<>();
        wheel.pollDue(due::add);
        assertThat(wheel.isConsistent()).isTrue();
        return due;
    }

    private TimerNode add(Wheel wheel, long deadline) {
        TimerNode node = task.at(deadline);
        wheel.add(node);
        assertThat(wheel.isConsistent()).isTrue();
        return node;
    }

    /** Goes where the wheel says, until the node is due, and returns the time of that. */
    private static long follow(Wheel wheel, TimerNode node) {
        for (int steps = 0; steps < 12; steps++) {
            long next = wheel.nextNanos();
            if (advance(wheel, next).contains(node)) {
                return next;
            }
        }
        throw new AssertionError("not due after one step per level");
    }

    @ParameterizedTest
    @ValueSource(longs = {0, -1, 12_345, Long.MAX_VALUE, Long.MIN_VALUE, Long.MAX_VALUE - 3 * TICK, -3 * TICK})
    void aNodeIsDueAtTheFirstTickThatIsNotBeforeItsDeadline(long origin) {
        for (long ahead : new long[] {1, TICK - 1, TICK, TICK + 1, 63 * TICK, 64 * TICK, 65 * TICK + 7}) {
            Wheel wheel = new Wheel(origin, SHIFT);
            TimerNode node = add(wheel, origin + ahead);
            long tickAhead = (ahead + TICK - 1) / TICK * TICK;
            assertThat(advance(wheel, origin + tickAhead - 1)).isEmpty();
            assertThat(advance(wheel, origin + tickAhead)).containsExactly(node);
            assertThat(wheel.isEmpty()).isTrue();
        }
    }

    @Test
    void whatHasPassedIsDueAtOnce() {
        Wheel wheel = new Wheel(1_000, SHIFT);
        TimerNode now = add(wheel, 1_000);
        TimerNode past = add(wheel, -TimeUnit.DAYS.toNanos(40_000));
        assertThat(wheel.nextNanos()).isEqualTo(1_000);
        assertThat(advance(wheel, 1_000)).containsExactly(now, past);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 60, 3_600, 86_400, 31_536_000L, 3_153_600_000L, 9_000_000_000L})
    void aFarDeadlineIsMetExactly(long seconds) {
        for (long origin : new long[] {0, -77, Long.MAX_VALUE - 5, Long.MIN_VALUE}) {
            Wheel wheel = new Wheel(origin, SHIFT);
            advance(wheel, origin + 123 * TICK + 17);
            long ahead = TimeUnit.SECONDS.toNanos(seconds);
            TimerNode node = add(wheel, origin + ahead);
            long late = follow(wheel, node) - (origin + ahead);
            assertThat(late).isBetween(0L, TICK - 1);
        }
    }

    @Test
    void theFarthestDeadlineIsNotMistakenForThePast() {
        for (long origin : new long[] {0, -1, Long.MIN_VALUE, Long.MAX_VALUE}) {
            Wheel wheel = new Wheel(origin, SHIFT);
            add(wheel, origin + Long.MAX_VALUE);
            assertThat(advance(wheel, origin + TimeUnit.DAYS.toNanos(365))).isEmpty();
            // Armed by a thread whose clock is already a second ahead of the wheel's.
            add(wheel, origin + TimeUnit.DAYS.toNanos(365) + TimeUnit.SECONDS.toNanos(1) + Long.MAX_VALUE);
            assertThat(advance(wheel, origin + TimeUnit.DAYS.toNanos(365 * 100)))
                    .isEmpty();
            assertThat(wheel.size()).isEqualTo(2);
        }
    }

    @Test
    void everyTickAroundEveryEdgeOfALevelIsExact() {
        for (int level = 1; level < 8; level++) {
            long edge = 1L << (6 * level);
            for (long start : new long[] {0, 1, edge - 2, edge - 1, edge, edge + 1}) {
                for (long tick = Math.max(start + 1, edge - 3); tick < Math.max(start + 1, edge - 3) + 70; tick++) {
                    Wheel wheel = new Wheel(0, SHIFT);
                    wheel.advance(start * TICK);
                    TimerNode node = task.at(tick * TICK);
                    wheel.add(node);
                    assertThat(wheel.nextNanos()).isLessThanOrEqualTo(tick * TICK);
                    wheel.advance(tick * TICK - 1);
                    assertThat(wheel.hasDue()).isFalse();
                    assertThat(advance(wheel, tick * TICK)).containsExactly(node);
                }
            }
        }
    }

    @Test
    void theNextTimeIsNeverAfterTheNextNode() {
        Wheel wheel = new Wheel(0, SHIFT);
        add(wheel, 5_000 * TICK);
        add(wheel, 70 * TICK);
        assertThat(wheel.nextNanos()).isEqualTo(64 * TICK);
        add(wheel, 3 * TICK);
        assertThat(wheel.nextNanos()).isEqualTo(3 * TICK);
    }

    @Test
    void aHundredThousandNodesOfOneTickFireInTheOrderOfTheirArming() {
        Wheel wheel = new Wheel(0, SHIFT);
        List<TimerNode> nodes = new ArrayList<>();
        long deadline = TimeUnit.SECONDS.toNanos(1);
        for (int i = 0; i < 100_000; i++) {
            TimerNode node = task.at(deadline);
            nodes.add(node);
            wheel.add(node);
            if (i == 50_000) {
                wheel.advance(deadline - TimeUnit.MILLISECONDS.toNanos(1)); // has moved the first half down
            }
        }
        assertThat(advance(wheel, deadline + TICK)).isEqualTo(nodes);
        assertThat(wheel.isEmpty()).isTrue();
    }

    @Test
    void aRemovedNodeIsNeverDue() {
        Wheel wheel = new Wheel(0, SHIFT);
        TimerNode first = add(wheel, 10 * TICK);
        TimerNode second = add(wheel, 10 * TICK);
        TimerNode far = add(wheel, 10_000 * TICK);
        assertThat(Wheel.contains(first)).isTrue();
        wheel.remove(first);
        assertThat(Wheel.contains(first)).isFalse();
        assertThat(wheel.isConsistent()).isTrue();
        wheel.remove(far);
        assertThat(wheel.isConsistent()).isTrue();
        assertThat(advance(wheel, 20_000 * TICK)).containsExactly(second);
        assertThat(wheel.isEmpty()).isTrue();
    }

    @Test
    void aDueNodeCanStillBeRemoved() {
        Wheel wheel = new Wheel(0, SHIFT);
        TimerNode first = add(wheel, 1);
        TimerNode second = add(wheel, 1);
        wheel.advance(TICK);
        wheel.remove(first);
        assertThat(advance(wheel, TICK)).containsExactly(second);
    }

    @Test
    void whatATakerDoesNotWantStaysDue() {
        Wheel wheel = new Wheel(0, SHIFT);
        TimerNode first = add(wheel, 1);
        TimerNode second = add(wheel, 1);
        TimerNode third = add(wheel, 1);
        wheel.advance(TICK);
        List<TimerNode> taken = new ArrayList<>();
        wheel.pollDue(node -> {
            taken.add(node);
            return false;
        });
        assertThat(taken).containsExactly(first);
        assertThat(Wheel.contains(first)).isFalse();
        assertThat(wheel.isConsistent()).isTrue();
        assertThatThrownBy(() -> wheel.pollDue(node -> {
                    throw new IllegalStateException("took " + (node == second));
                }))
                .hasMessage("took true");
        assertThat(wheel.isConsistent()).isTrue();
        assertThat(wheel.size()).isEqualTo(1);
        assertThat(advance(wheel, TICK)).containsExactly(third);
        wheel.pollDue(node -> {
            throw new AssertionError("nothing is due");
        });
        assertThat(wheel.isConsistent()).isTrue();
    }

    @Test
    void neighboursMoveDownTogetherAndInOrder() {
        Wheel wheel = new Wheel(0, SHIFT);
        TimerNode first = add(wheel, 70 * TICK);
        TimerNode second = add(wheel, 70 * TICK);
        TimerNode dropped = add(wheel, 70 * TICK);
        TimerNode third = add(wheel, 70 * TICK);
        TimerNode later = add(wheel, 71 * TICK);
        TimerNode fourth = add(wheel, 70 * TICK);
        TimerNode atOnce = add(wheel, 64 * TICK);
        TimerNode last = add(wheel, 71 * TICK);
        dropped.tryCancel();
        assertThat(advance(wheel, 64 * TICK)).containsExactly(atOnce);
        assertThat(Wheel.contains(dropped)).isFalse();
        assertThat(wheel.size()).isEqualTo(6);
        assertThat(advance(wheel, 70 * TICK)).containsExactly(first, second, third, fourth);
        assertThat(advance(wheel, 71 * TICK)).containsExactly(later, last);
    }

    @Test
    void aCancelledNodeIsDroppedOnItsWayDown() {
        Wheel wheel = new Wheel(0, SHIFT);
        TimerNode cancelled = add(wheel, 70 * TICK);
        TimerNode live = add(wheel, 71 * TICK);
        cancelled.tryCancel();
        assertThat(advance(wheel, 64 * TICK)).isEmpty();
        assertThat(wheel.size()).isEqualTo(1);
        assertThat(advance(wheel, 71 * TICK)).containsExactly(live);
    }

    @Test
    void timeThatGoesBackChangesNothing() {
        Wheel wheel = new Wheel(0, SHIFT);
        TimerNode node = add(wheel, 100 * TICK);
        advance(wheel, 50 * TICK);
        assertThat(advance(wheel, -50 * TICK)).isEmpty();
        assertThat(advance(wheel, 99 * TICK)).isEmpty();
        assertThat(advance(wheel, 100 * TICK)).containsExactly(node);
    }

    @Test
    void everythingCanBePolled() {
        Wheel wheel = new Wheel(0, SHIFT);
        for (int i = 0; i < 60; i++) {
            add(wheel, 1L << i);
        }
        wheel.advance(5 * TICK);
        int polled = 0;
        while (wheel.pollAny() != null) {
            polled++;
            assertThat(wheel.isConsistent()).isTrue();
        }
        assertThat(polled).isEqualTo(60);
        assertThat(wheel.isEmpty()).isTrue();
    }

    @Test
    void aTickOutsideItsRangeIsRefused() {
        assertThatThrownBy(() -> new Wheel(0, 3)).hasMessage("tickShift is 3, must be 4 to 40");
        assertThatThrownBy(() -> new Wheel(0, 41)).isInstanceOf(IllegalArgumentException.class);
    }
}

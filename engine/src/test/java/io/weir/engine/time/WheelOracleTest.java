package io.weir.engine.time;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.agrona.DeadlineTimerWheel;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Random histories of {@link Wheel}, seeded, against two others that are known to be right. After each step its bitmaps
 * agree with its lists (I2).
 */
class WheelOracleTest {

    /** What has fired at each time is what agrona's DeadlineTimerWheel fired by the same tick. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void theSameNodesFireAtTheSameTimesAsInAgronasWheel(long seed) {
        Random random = new Random(seed);
        int shift = 10;
        long tick = 1L << shift;
        long origin = random.nextInt();
        Wheel wheel = new Wheel(origin, shift);
        DeadlineTimerWheel oracle = new DeadlineTimerWheel(TimeUnit.NANOSECONDS, origin, (int) tick, 64);
        RecordingTask task = new RecordingTask();
        Map<TimerNode, Long> ids = new HashMap<>();
        Map<Long, TimerNode> nodes = new HashMap<>();
        long now = origin;
        for (int step = 0; step < 3_000; step++) {
            for (int i = random.nextInt(4); i > 0; i--) {
                long deadline = now - 2 * tick + (random.nextLong() >>> 1) % (tick << random.nextInt(14));
                TimerNode node = task.at(deadline);
                wheel.add(node);
                long id = oracle.scheduleTimer(deadline);
                ids.put(node, id);
                nodes.put(id, node);
            }
            if (random.nextInt(3) == 0 && !ids.isEmpty()) {
                TimerNode victim = ids.keySet().iterator().next();
                wheel.remove(victim);
                long id = ids.remove(victim);
                assertThat(oracle.cancelTimer(id)).isTrue();
                nodes.remove(id);
            }
            now += random.nextInt((int) tick * (random.nextInt(20) == 0 ? 200 : 3));
            Set<TimerNode> expected = new HashSet<>();
            long reached = origin + (now - origin) / tick * tick;
            do {
                oracle.poll(
                        reached,
                        (unit, at, id) -> {
                            TimerNode node = nodes.remove(id);
                            ids.remove(node);
                            return expected.add(node);
                        },
                        Integer.MAX_VALUE);
            } while (oracle.currentTickTime() <= reached);
            // A node whose spoke the oracle has just passed fires there at its next poll.
            oracle.poll(
                    reached,
                    (unit, at, id) -> {
                        TimerNode node = nodes.remove(id);
                        ids.remove(node);
                        return expected.add(node);
                    },
                    Integer.MAX_VALUE);
            wheel.advance(now);
            assertThat(drain(wheel)).as("step %d", step).isEqualTo(expected);
            assertThat(wheel.size()).isEqualTo(ids.size());
            assertThat(wheel.isConsistent()).isTrue();
        }
    }

    /** Deadlines from the next tick to decades away, on a clock that wraps, against a map sorted by the time left. */
    @ParameterizedTest
    @ValueSource(longs = {11, 12, 13, 14, 15, 16, 17, 18, 19, 20})
    void farDeadlinesFireAtTheSameTimesAsInASortedMap(long seed) {
        Random random = new Random(seed);
        int shift = 4 + random.nextInt(16);
        long tick = 1L << shift;
        long origin = switch (random.nextInt(3)) {
            case 0 -> Long.MAX_VALUE - random.nextInt(1 << 20);
            case 1 -> -random.nextLong(1L << 50);
            default -> random.nextLong();
        };
        Wheel wheel = new Wheel(origin, shift);
        RecordingTask task = new RecordingTask();
        TreeMap<Long, List<TimerNode>> oracle =
                new TreeMap<>(); // by the first tick after the deadline, counted from the origin
        long elapsed = 0;
        int pending = 0;
        for (int step = 0; step < 3_000; step++) {
            for (int i = random.nextInt(3); i > 0; i--) {
                long at = elapsed + 1 + random.nextLong(tick << random.nextInt(58 - shift));
                TimerNode node = task.at(origin + at);
                wheel.add(node);
                oracle.computeIfAbsent((at + tick - 1) / tick, t -> new ArrayList<>())
                        .add(node);
                pending++;
            }
            long next = wheel.isEmpty() ? elapsed : wheel.nextNanos() - origin;
            if (!oracle.isEmpty()) {
                assertThat(next).isLessThanOrEqualTo(oracle.firstKey() * tick);
            }
            elapsed = random.nextBoolean()
                    ? Math.max(next, elapsed)
                    : elapsed + random.nextLong(tick << random.nextInt(20));
            wheel.advance(origin + elapsed);
            List<TimerNode> expected = new ArrayList<>();
            while (!oracle.isEmpty() && oracle.firstKey() <= elapsed / tick) {
                expected.addAll(oracle.pollFirstEntry().getValue());
            }
            List<TimerNode> due = new ArrayList<>();
            wheel.pollDue(due::add);
            assertThat(due).as("step %d, in order", step).isEqualTo(expected);
            pending -= due.size();
            assertThat(wheel.size()).isEqualTo(pending);
            assertThat(wheel.isConsistent()).isTrue();
        }
    }

    private static Set<TimerNode> drain(Wheel wheel) {
        Set<TimerNode> due = new HashSet<>();
        wheel.pollDue(due::add);
        return due;
    }
}

package io.weir.simulation;

import java.util.SplittableRandom;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.Test;

/**
 * Runs thousands of schedules, each from a seed of its own. {@code -Dweir.simulation.schedules=1000000} runs as many, {@code
 * -Dweir.simulation.base=…} others, and {@code -Dweir.simulation.seed=…} the one that failed, with its trace.
 */
class SimulationTest {
    private static final int SCHEDULES = Integer.getInteger("weir.simulation.schedules", 5_000);
    private static final long BASE = Long.getLong("weir.simulation.base", 20_260_101L);

    @Test
    void everyScheduleOfPipelinesKeepsEveryInvariant() {
        runAll(Schedule::run);
    }

    @Test
    void everyScheduleOfAQueueKeepsEveryInvariant() {
        runAll(QueueSchedule::run);
    }

    private static void runAll(BiConsumer<Long, StringBuilder> schedule) {
        Long one = Long.getLong("weir.simulation.seed");
        if (one != null) {
            run(schedule, one);
            return;
        }
        SplittableRandom seeds = new SplittableRandom(BASE);
        for (int i = 0; i < SCHEDULES; i++) {
            run(schedule, seeds.nextLong());
        }
    }

    private static void run(BiConsumer<Long, StringBuilder> schedule, long seed) {
        try {
            schedule.accept(seed, null);
        } catch (Violation found) {
            throw new AssertionError(replay(schedule, seed, found), found);
        }
    }

    /** The same schedule again, with its trace. */
    private static String replay(BiConsumer<Long, StringBuilder> schedule, long seed, Violation found) {
        StringBuilder trace = new StringBuilder();
        String again;
        try {
            schedule.accept(seed, trace);
            again = "not found again";
        } catch (Violation repeated) {
            again = repeated.getMessage().equals(found.getMessage()) ? "found again" : "then " + repeated.getMessage();
        }
        return found.getMessage() + " (" + again + ")\n" + trace + "\nreplay it: -Dweir.simulation.seed=" + seed;
    }
}

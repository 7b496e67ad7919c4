package io.weir.simulation;

import java.util.LinkedHashMap;
import java.util.Map;

/** First come, first served: who stands in one line, in the order of arriving. Only a prompt world shows the order. */
final class Arrivals {
    private final World world;
    private final String name;
    /** With the event in which each came. */
    private final Map<Attempt, Integer> here = new LinkedHashMap<>();

    Arrivals(World world, String name) {
        this.world = world;
        this.name = name;
    }

    void entered(Attempt attempt) {
        here.put(attempt, world.step);
    }

    void left(Attempt attempt) {
        here.remove(attempt);
    }

    void admitted(Attempt attempt) {
        Integer came = here.remove(attempt);
        if (came == null || world.mode != World.Mode.PROMPT) {
            return;
        }
        int waiting = 0;
        for (Map.Entry<Attempt, Integer> each : here.entrySet()) {
            if (each.getValue() < Math.min(came, world.step)) {
                waiting++;
            }
        }
        if (came < world.step) {
            world.check(
                    waiting == 0, Invariant.ORDER, () -> name + ": " + attempt + " was served before an earlier one");
        } else {
            // Those who have been granted, and whose task has not run yet, wait no longer.
            int others = waiting;
            world.check(
                    others <= world.tasks(),
                    Invariant.ORDER,
                    () -> name + ": " + attempt + " overtook " + others + " who wait");
        }
    }
}

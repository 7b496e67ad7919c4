package io.weir.simulation;

import io.weir.retry.RetryBudget;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** A budget that all retries of a schedule share, and whether it was kept to. */
final class Budget {
    private static final long TTL = 2_000_000_000L;

    private final World world;
    private final double ratio;
    private final double perSecond;
    final RetryBudget budget;
    /** In nanoseconds since the schedule began, like the others. */
    private final List<Long> successes = new ArrayList<>();

    private final List<Long> retries = new ArrayList<>();

    Budget(World world) {
        this.world = world;
        ratio = world.random.nextInt(4) / 2.0;
        perSecond = world.random.nextInt(3) == 0 ? 0 : 0.5;
        budget = RetryBudget.of(ratio, perSecond, Duration.ofNanos(TTL));
    }

    void succeeded() {
        successes.add(world.passed());
    }

    /**
     * A retry was made.
     *
     * @param at when it was allowed: when the attempt before it had ended
     */
    void retried(long at) {
        retries.add(at);
    }

    /** In any time of length t at most ratio · (the successes in it and in the ttl before) + perSecond · (t + ttl), and at least one. */
    void check() {
        if (world.mode == World.Mode.JUMPING) {
            return; // deposits live longer by each step back
        }
        long slack = 2 * world.longestFrame;
        Collections.sort(retries);
        for (int i = 0; i < retries.size(); i++) {
            for (int j = i; j < retries.size(); j++) {
                long from = retries.get(i) - TTL - slack;
                long to = retries.get(j) + slack;
                long paid =
                        successes.stream().filter(at -> at >= from && at <= to).count();
                double most = Math.max(1, ratio * paid + perSecond * (to - from) * 1e-9 + 1e-6);
                int made = j - i + 1;
                world.check(
                        made <= most,
                        Invariant.TOKENS,
                        () -> made + " retries from " + from + " to " + to + ", the budget allows " + most);
            }
        }
    }
}

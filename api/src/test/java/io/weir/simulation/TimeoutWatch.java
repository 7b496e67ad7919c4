package io.weir.simulation;

import io.weir.Guard;
import io.weir.guard.Timeout;
import io.weir.internal.Failed;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/** A timeout, which a prompt world keeps to the nanosecond. */
final class TimeoutWatch extends Watch {
    private final Timeout timeout;
    private final long nanos;
    private final boolean cancels;
    private final Map<Attempt, Long> inside = new HashMap<>();

    TimeoutWatch(World world, String name) {
        super(world, name);
        nanos = 1 + world.random.nextLong(2_000_000_000L);
        cancels = world.random.nextInt(4) != 0;
        timeout = Timeout.builder(name)
                .duration(Duration.ofNanos(nanos))
                .cancelRunning(cancels)
                .runtime(world.runtime)
                .build();
    }

    @Override
    Guard guard() {
        return timeout;
    }

    @Override
    boolean leavesRunning() {
        return !cancels;
    }

    @Override
    void entered(Attempt attempt) {
        inside.put(attempt, world.elapsed());
    }

    @Override
    void left(Attempt attempt, Failed failed) {
        long took = world.elapsed() - inside.remove(attempt);
        check(
                world.mode != World.Mode.PROMPT || world.isTimerClosed() || took <= nanos,
                Invariant.TIME,
                () -> attempt + " took " + took + " ns of " + nanos);
    }

    @Override
    void checkAtRest() {
        check(inside.isEmpty(), Invariant.LEDGER, () -> inside.keySet() + " never came out");
    }
}

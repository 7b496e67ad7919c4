package io.weir.simulation;

import io.weir.Guard;
import io.weir.executor.AsyncExecutor;

/** An executor, which may be shut down. */
final class ExecutorWatch extends PlacesWatch {
    private final AsyncExecutor executor;
    private final Shutdowns shutdowns = new Shutdowns(world, name);
    private final int places;

    ExecutorWatch(World world, String name) {
        super(world, name);
        places = 1 + world.random.nextInt(4);
        executor = AsyncExecutor.builder(name)
                .maxConcurrency(places)
                .runtime(world.runtime)
                .build();
    }

    @Override
    Guard guard() {
        return executor;
    }

    @Override
    int inUse() {
        return executor.inFlight();
    }

    @Override
    int waiters() {
        return executor.waiting();
    }

    @Override
    int limit() {
        return places;
    }

    @Override
    boolean isAwaited() {
        return shutdowns.isAwaited();
    }

    @Override
    void checkAtRest() {
        super.checkAtRest();
        check(!isAwaited(), Invariant.NOBODY_HANGS, () -> "a shutdown never ended: " + executor);
    }

    @Override
    void close() {
        shutdowns.begin(executor::shutdown, executor::shutdown);
    }
}

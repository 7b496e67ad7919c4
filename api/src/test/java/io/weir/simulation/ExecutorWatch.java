package io.weir.simulation;

import io.weir.Guard;
import io.weir.executor.AsyncExecutor;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** An executor, which may be shut down. */
final class ExecutorWatch extends PlacesWatch {
    private final AsyncExecutor executor;
    private final List<CompletableFuture<Boolean>> shutdowns = new ArrayList<>();
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
        return !shutdowns.stream().allMatch(CompletableFuture::isDone);
    }

    @Override
    void checkAtRest() {
        super.checkAtRest();
        check(!isAwaited(), Invariant.NOBODY_HANGS, () -> "a shutdown never ended: " + executor);
    }

    @Override
    void close() {
        switch (world.random.nextInt(3)) {
            case 0 -> shutdowns.add(executor.shutdown());
            case 1 -> shutdowns.add(executor.shutdown(Duration.ZERO));
            default -> shutdowns.add(executor.shutdown(Duration.ofNanos(world.random.nextLong(2_000_000_000L))));
        }
        world.log(() -> name + " is shut down");
    }
}

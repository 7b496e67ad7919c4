package io.weir.simulation;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.function.Supplier;

/** The shutdowns of one executor: each in one of its forms, and all of them end. */
final class Shutdowns {
    private final World world;
    private final String name;
    private final List<CompletableFuture<Boolean>> begun = new ArrayList<>();

    Shutdowns(World world, String name) {
        this.world = world;
        this.name = name;
    }

    void begin(Supplier<CompletableFuture<Boolean>> unlimited, Function<Duration, CompletableFuture<Boolean>> within) {
        switch (world.random.nextInt(3)) {
            case 0 -> begun.add(unlimited.get());
            case 1 -> begun.add(within.apply(Duration.ZERO));
            default -> begun.add(within.apply(Duration.ofNanos(world.random.nextLong(2_000_000_000L))));
        }
        world.log(() -> name + " is shut down");
    }

    boolean isAwaited() {
        return !begun.stream().allMatch(CompletableFuture::isDone);
    }
}

package io.weir.simulation;

import io.weir.Guard;
import io.weir.guard.Bulkhead;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** A bulkhead; by hand its places are taken, waited for, given back, and it is resized. */
final class BulkheadWatch extends PlacesWatch {
    private final Bulkhead bulkhead;
    private final List<CompletableFuture<Void>> waits = new ArrayList<>();
    private boolean closed;

    BulkheadWatch(World world, String name) {
        super(world, name);
        Bulkhead.Builder builder = Bulkhead.builder(name)
                .maxConcurrent(1 + world.random.nextInt(4))
                .maxWaiters(world.random.nextInt(3) == 0 ? 0 : world.random.nextInt(6))
                .runtime(world.runtime);
        if (world.random.nextInt(3) == 0) {
            builder.maxWait(Duration.ofNanos(1 + world.random.nextLong(2_000_000_000L)));
        }
        this.bulkhead = builder.build();
    }

    @Override
    Guard guard() {
        return bulkhead;
    }

    @Override
    int inUse() {
        return bulkhead.inUse();
    }

    @Override
    int waiters() {
        return bulkhead.waiters();
    }

    @Override
    int limit() {
        return bulkhead.maxConcurrent();
    }

    @Override
    void byHand() {
        if (closed) {
            return;
        }
        switch (world.random.nextInt(5)) {
            case 0 -> {
                world.log(() -> name + ".tryAcquire");
                if (bulkhead.tryAcquire()) {
                    byHand++;
                }
            }
            case 1 -> {
                world.log(() -> name + ".acquire");
                CompletableFuture<Void> wait = world.random.nextBoolean()
                        ? bulkhead.acquire()
                        : bulkhead.acquire(Duration.ofNanos(world.random.nextLong(1_000_000_000L)));
                waits.add(wait);
                wait.thenRun(() -> byHand++);
            }
            case 2 -> {
                if (!waits.isEmpty()) {
                    world.log(() -> name + ": a wait is cancelled");
                    waits.get(world.random.nextInt(waits.size())).cancel(true);
                }
            }
            case 3 -> {
                if (byHand > 0) {
                    world.log(() -> name + ".release");
                    byHand--;
                    bulkhead.release();
                }
            }
            default -> {
                int size = 1 + world.random.nextInt(5);
                world.log(() -> name + ".resize(" + size + ")");
                largestLimit = Math.max(largestLimit, size);
                bulkhead.resize(size);
            }
        }
    }

    @Override
    boolean letGo() {
        boolean any = byHand > 0;
        while (byHand > 0) {
            byHand--;
            bulkhead.release();
        }
        return any;
    }

    @Override
    boolean isAwaited() {
        return !waits.stream().allMatch(CompletableFuture::isDone);
    }

    @Override
    void checkAtRest() {
        super.checkAtRest();
        check(!isAwaited(), Invariant.NOBODY_HANGS, () -> "a wait never ended");
    }

    @Override
    void close() {
        closed = true;
        world.log(() -> name + ".close");
        bulkhead.close();
    }
}

package io.weir.simulation;

import io.weir.Guard;
import io.weir.guard.AdaptiveBulkhead;
import io.weir.guard.LimitAlgorithm;

/** An adaptive bulkhead. */
final class AdaptiveWatch extends PlacesWatch {
    private final AdaptiveBulkhead bulkhead;

    AdaptiveWatch(World world, String name) {
        super(world, name);
        AdaptiveBulkhead.Builder builder = AdaptiveBulkhead.builder(name)
                .initial(1 + world.random.nextInt(4))
                .max(6)
                .maxWaiters(world.random.nextInt(2) == 0 ? 0 : world.random.nextInt(6))
                .runtime(world.runtime);
        switch (world.random.nextInt(3)) {
            case 0 -> builder.algorithm(LimitAlgorithm.aimd());
            case 1 -> builder.algorithm(LimitAlgorithm.vegas());
            default -> builder.algorithm(LimitAlgorithm.gradient());
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
        return bulkhead.limit();
    }

    @Override
    boolean limitMovesByItself() {
        return true;
    }

    @Override
    void checkAtRest() {
        super.checkAtRest();
        check(
                bulkhead.metrics().rejected() >= refused,
                Invariant.METRICS,
                () -> bulkhead.metrics() + ", but it refused " + refused);
        check(
                bulkhead.limit() >= 1 && bulkhead.limit() <= 6,
                Invariant.PLACES,
                () -> "the limit is " + bulkhead.limit() + ", of 1 to 6");
    }

    @Override
    void close() {
        world.log(() -> name + ".close");
        bulkhead.close();
    }
}

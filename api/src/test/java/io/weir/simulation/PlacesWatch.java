package io.weir.simulation;

import io.weir.BulkheadFullException;
import io.weir.internal.Failed;
import java.util.HashSet;
import java.util.Set;

/** What limits how many calls run: both bulkheads and the executor. */
abstract class PlacesWatch extends Watch {
    private final Arrivals arrivals;
    private final Set<Attempt> inside = new HashSet<>();
    private final Set<Attempt> asking = new HashSet<>();
    int byHand;
    private int inUseBefore;
    private int limitBefore;
    int largestLimit;
    long refused;

    PlacesWatch(World world, String name) {
        super(world, name);
        this.arrivals = new Arrivals(world, name);
    }

    /** The line that an attempt stands in. */
    Arrivals arrivals(Attempt attempt) {
        return arrivals;
    }

    /** Came, and went without having been let in as far as anybody saw. */
    void leftUnadmitted(Attempt attempt) {}

    abstract int inUse();

    abstract int waiters();

    abstract int limit();

    @Override
    void entered(Attempt attempt) {
        asking.add(attempt);
        arrivals(attempt).entered(attempt);
    }

    @Override
    void admitted(Attempt attempt) {
        asking.remove(attempt);
        arrivals(attempt).admitted(attempt);
        check(inside.add(attempt), Invariant.LEDGER, () -> attempt + " was let in twice");
    }

    @Override
    void ended(Attempt attempt, Failed failed) {
        inside.remove(attempt);
    }

    @Override
    void left(Attempt attempt, Failed failed) {
        arrivals(attempt).left(attempt);
        if (!asking.remove(attempt)) {
            return;
        }
        leftUnadmitted(attempt);
        if (failed != null
                && failed.failure() instanceof BulkheadFullException full
                && full.guard().equals(name)) {
            refused++;
        }
    }

    @Override
    void check() {
        int taken = inUse();
        int running = inside.size() + byHand;
        check(taken >= running, Invariant.PERMITS, () -> taken + " places are taken, but " + running + " calls run");
        if (world.tasks() == 0) {
            check(
                    taken == running,
                    Invariant.PERMITS,
                    () -> taken + " places are taken, and " + running + " calls run");
        }
        largestLimit = Math.max(Math.max(largestLimit, limit()), limitBefore);
        if (world.mode != World.Mode.STOPPED || !limitMovesByItself()) {
            check(
                    taken <= Math.max(largestLimit, inUseBefore),
                    Invariant.PLACES,
                    () -> taken + " places are taken of " + largestLimit + ", before it was " + inUseBefore);
        }
        inUseBefore = taken;
        limitBefore = limit();
        largestLimit = 0;
    }

    boolean limitMovesByItself() {
        return false;
    }

    @Override
    void checkAtRest() {
        check(inUse() == 0, Invariant.PERMITS, () -> inUse() + " places are taken at the end");
        check(waiters() == 0, Invariant.NOBODY_HANGS, () -> waiters() + " wait at the end");
        check(inside.isEmpty(), Invariant.LEDGER, () -> inside + " never came out");
    }
}

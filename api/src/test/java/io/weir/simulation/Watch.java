package io.weir.simulation;

import io.weir.Guard;
import io.weir.internal.Failed;
import java.util.function.Supplier;

/** Watches one guard, from the probes on either side of it, and knows what can be done to it by hand. */
abstract class Watch {
    final World world;
    final String name;

    Watch(World world, String name) {
        this.world = world;
        this.name = name;
    }

    /** The guard, or a view of it, to put into a pipeline. */
    abstract Guard guard();

    /** A call has come to the guard. */
    void entered(Attempt attempt) {}

    /** The guard has let a call in; more than once if it repeats. */
    void admitted(Attempt attempt) {}

    /** What is inside has ended. */
    void ended(Attempt attempt, Failed failed) {}

    /** The call is past the guard, on its way out. */
    void left(Attempt attempt, Failed failed) {}

    /** Something done to the guard by a user. */
    void byHand() {}

    /** Lets go of what is held by hand; false if that was nothing. */
    boolean letGo() {
        return false;
    }

    /** Whether somebody waits who came by hand. */
    boolean isAwaited() {
        return false;
    }

    /** Between two events, with no thread stopped. */
    void check() {}

    /** When every call has ended and nothing is held by hand. */
    void checkAtRest() {}

    /** Ends the guard's life, if it has one. */
    void close() {}

    /** Whether the guard may change what a call ends with. */
    boolean answers() {
        return false;
    }

    /** Whether the guard may leave behind what still runs. */
    boolean leavesRunning() {
        return false;
    }

    final void check(boolean holds, Invariant invariant, Supplier<String> what) {
        world.check(holds, invariant, () -> name + ": " + what.get());
    }
}

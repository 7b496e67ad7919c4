package io.weir.internal;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The parts of calls that a stage has let in and may cut short by its own decision, not a clock's: what a shutdown cancels. Only what waits is in
 * here: a call that ends at once never comes. Thread-safe.
 */
public final class Cuts {
    /*
     * A cut is made by whoever takes it out of the set: cutAll, or add that finds it over; who takes his own out is not cut any more. add puts in
     * first and looks whether it is over then, cutAll says so first and goes through the set then, so none is missed. AsyncExecutorTest,
     * AsyncExecutorRaceTest.
     */
    private final Set<Cut> live = ConcurrentHashMap.newKeySet();
    private volatile boolean over;

    /** A part of a call. */
    interface Cut {
        /** Cuts it short; called at most once, on any thread. Runs no user code. */
        void cut();
    }

    void add(Cut cut) {
        live.add(cut);
        if (over) {
            cutOnce(cut);
        }
    }

    /** False if it is cut, or being cut, or was never put in. */
    boolean remove(Cut cut) {
        return live.remove(cut);
    }

    private void cutOnce(Cut cut) {
        if (live.remove(cut)) {
            cut.cut();
        }
    }

    /** Cuts short all that is in, and all that comes from now on. */
    public void cutAll() {
        over = true;
        live.forEach(this::cutOnce);
    }
}

package io.weir.simulation;

import java.util.ArrayList;
import java.util.List;

/** A call's way through the guards; under a hedge each attempt of the call has one of its own, which begins inside of that hedge. */
final class Attempt {
    final Caller caller;
    /** What the hedge was asked to do; null of the call itself. */
    final Attempt parent;

    final int number;
    /** The innermost probe that it is inside of. */
    int place;
    /** The machine that drives it, if that is known. */
    Object machine;
    /** How many attempts it had in hedges further in. */
    int children;
    /** Invocations that belong to it, those of its own hedges too. */
    int invocations;
    /** Probes that it is inside of. */
    int held;
    /** What the last end that it heard was, if it was a result. */
    Object result;
    /** The event in which its hedge was done with it. */
    private int overStep = Integer.MAX_VALUE;

    Attempt(Caller caller, Attempt parent, int place) {
        this.caller = caller;
        this.parent = parent;
        this.number = parent == null ? 0 : parent.children++;
        this.place = place;
    }

    void hold(int by) {
        held += by;
        caller.held += by;
    }

    void invoked() {
        for (Attempt each = this; each != null; each = each.parent) {
            each.invocations++;
        }
    }

    void over(int step) {
        overStep = Math.min(overStep, step);
    }

    /** Whether the call, or a hedge further out, was done with it before that event. */
    boolean isOverBefore(int step) {
        for (Attempt each = this; each != null; each = each.parent) {
            if (each.overStep < step) {
                return true;
            }
        }
        return caller.doneStep < step;
    }

    /**
     * Which attempt comes to a probe.
     *
     * @param candidates those that are just outside of it
     * @param machine what drives it
     */
    static Attempt of(List<Attempt> candidates, Object machine) {
        Attempt unknown = null;
        for (Attempt each : candidates) {
            if (each.machine == machine) {
                return each;
            }
            unknown = each.machine == null ? each : unknown;
        }
        if (unknown != null) {
            unknown.machine = machine;
        }
        return unknown;
    }

    /** Those of a call that a probe may let in. */
    static List<Attempt> justOutside(Caller caller, int probe) {
        List<Attempt> there = new ArrayList<>();
        for (Attempt each : caller.live) {
            if (each.place == probe - 1) {
                there.add(each);
            }
        }
        return there;
    }

    @Override
    public String toString() {
        return parent == null ? caller.toString() : parent + " attempt " + number;
    }
}

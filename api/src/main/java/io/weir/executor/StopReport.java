package io.weir.executor;

import java.util.List;

/** How a work queue's stop ended. Immutable. */
public final class StopReport<T> {
    private final List<T> lost;

    StopReport(List<T> lost) {
        this.lost = List.copyOf(lost);
    }

    /**
     * The items that had been accepted and were not done when the timeout passed, in the order in which they were accepted: those that
     * never began, and those that had, and were cancelled or interrupted. Empty if everything was done.
     */
    public List<T> lost() {
        return lost;
    }

    @Override
    public String toString() {
        return "StopReport(" + lost.size() + " lost)";
    }
}

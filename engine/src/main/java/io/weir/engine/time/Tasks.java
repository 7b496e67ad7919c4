package io.weir.engine.time;

/**
 * Runs tasks so that what they throw is logged, and ends neither the thread that runs them nor the loop that goes
 * through them.
 */
final class Tasks {
    private Tasks() {}

    static void fire(TimerNode node) {
        try {
            node.tryFire();
        } catch (Throwable e) {
            report(e, "A timer's task failed");
        }
    }

    static void abort(TimerNode node) {
        try {
            node.tryAbort();
        } catch (Throwable e) {
            report(e, "A timer's task failed as the timer was closed");
        }
    }

    static void report(Throwable failure, String what) {
        try {
            // Looked up here: an application that never sees a failing task never initialises its logging for us.
            System.getLogger("io.weir.engine.time").log(System.Logger.Level.WARNING, what, failure);
        } catch (Throwable ignored) {
            // A logger that fails, perhaps for want of memory, must not end the thread.
        }
    }
}

package io.weir.engine.time;

/** One wait: a task and a deadline. Single-use. */
public final class TimerNode {
    private final long deadlineNanos;
    final TimerTask task;

    public TimerNode(TimerTask task, long deadlineNanos) {
        this.task = task;
        this.deadlineNanos = deadlineNanos;
    }

    public long deadlineNanos() {
        return deadlineNanos;
    }
}

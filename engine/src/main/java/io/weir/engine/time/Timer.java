package io.weir.engine.time;

/** Runs {@link TimerTask}s at their deadlines. Thread-safe; every method is non-blocking. */
public interface Timer extends AutoCloseable {

    /**
     * Arms a node that has never been armed before. A deadline that has passed fires as soon as the timer gets to it,
     * never inside this call. On a closed timer the node's task is told through {@link TimerTask#onTimerClosed} before
     * this method returns.
     *
     * @param node a new node
     */
    void arm(TimerNode node);

    /**
     * Cancels a node. One compare-and-set decides between the cancel and the firing; it is O(1) and safe from any
     * thread, also before {@link #arm} has been called (the node then never fires).
     *
     * @param node a node of this timer
     * @return true if the node will never fire because of this call; false if it fired, or was cancelled, before
     */
    boolean cancel(TimerNode node);

    /**
     * Stops the timer's thread, if any, and has every armed node's task told {@link TimerTask#onTimerClosed}: by that
     * thread, perhaps after this method has returned, or in this call if there is none. Idempotent.
     */
    @Override
    void close();
}

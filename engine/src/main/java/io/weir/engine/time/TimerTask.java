package io.weir.engine.time;

/**
 * What a {@link Timer} runs. Implementations are Weir's own: short, non-blocking, and free of user code, since all
 * timers of a runtime share one thread.
 */
public interface TimerTask {

    /**
     * Called at most once for an armed node, at its deadline or later, unless the node was cancelled first.
     *
     * @param node the node that fired; single-use, so another wait needs another node
     */
    void onTimer(TimerNode node);

    /**
     * Called instead of {@link #onTimer} when the timer was closed before the node's deadline, so that nobody waits for
     * a timer that has ended.
     *
     * @param node the node that will never fire
     */
    void onTimerClosed(TimerNode node);
}

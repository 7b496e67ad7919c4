package io.weir.engine.bucket;

/**
 * What a caller may need besides its tokens: a slot, held by one caller from its grant to its release. Thread-safe; no method blocks. Its line is first
 * come, first served, and for those who stand there it is without bound.
 */
public interface Slots {

    /**
     * Takes a slot, now or never.
     *
     * @return whether it was granted; true obliges to one {@link #release}
     * @throws IllegalStateException if there will be no more
     */
    boolean tryAcquire();

    /**
     * Takes a slot, now or as soon as one is free.
     *
     * @param waiter a new waiter, for 1 token
     * @param timeoutNanos the longest wait of use; {@link Long#MAX_VALUE} for no timeout
     * @return 0 if granted at once: {@code onEnd} is not called; less if in line: {@code onEnd} will be called once, or has been already; more if refused
     * @throws IllegalStateException if there will be no more
     */
    long acquire(Waiter waiter, long timeoutNanos);

    /** Takes a waiter out of the line. False if it had ended already: a slot that it was granted is still to be released. */
    boolean cancel(Waiter waiter);

    /** Gives a slot back, and lets whoever waits for one have it. */
    void release();
}

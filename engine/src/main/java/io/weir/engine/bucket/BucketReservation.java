package io.weir.engine.bucket;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * Tokens that have been debited, and count as granted when they fall due. Keeps the due time it was told, also after a change of rate.
 * Thread-safe.
 */
public final class BucketReservation {

    private static final VarHandle CANCELLED;

    static {
        try {
            CANCELLED = MethodHandles.lookup().findVarHandle(BucketReservation.class, "cancelled", boolean.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final TokenBucket bucket;
    private final Cell cell;
    private final long wordLeft;
    private final long fromWord;
    private final long fromStripes;
    private final double tokens;
    private final long dueNanos;

    @SuppressWarnings("unused") // by CANCELLED only
    private boolean cancelled;

    BucketReservation(
            TokenBucket bucket,
            Cell cell,
            long wordLeft,
            long fromWord,
            long fromStripes,
            double tokens,
            long dueNanos) {
        this.bucket = bucket;
        this.cell = cell;
        this.wordLeft = wordLeft;
        this.fromWord = fromWord;
        this.fromStripes = fromStripes;
        this.tokens = tokens;
        this.dueNanos = dueNanos;
    }

    /** The clock reading, in nanoseconds, at which the tokens may be used; compare by subtraction. */
    public long dueNanos() {
        return dueNanos;
    }

    /** How long it is until then, in nanoseconds, by the bucket's clock; 0 if it is due. */
    public long waitNanos() {
        return Math.max(0, dueNanos - bucket.clock.nanoTime());
    }

    /** The tokens reserved. */
    public double tokens() {
        return tokens;
    }

    /**
     * Gives the reservation up, if it isn't due yet. If nobody was debited after it and the bucket has not been reconfigured, everything goes
     * back; else nothing does, as a later grant may have been made on the strength of it.
     *
     * @return true if this call cancelled it, and the tokens must not be used; false if it is due, or was cancelled before
     */
    public boolean cancel() {
        if (dueNanos - bucket.clock.nanoTime() <= 0 || !CANCELLED.compareAndSet(this, false, true)) {
            return false;
        }
        bucket.giveBack(cell, wordLeft, fromWord, fromStripes);
        return true;
    }

    @Override
    public String toString() {
        return "BucketReservation[tokens=" + tokens + ", dueNanos=" + dueNanos + "]";
    }
}

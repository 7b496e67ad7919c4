package io.weir.engine.util;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * Longs that share no cache line, with each other or with anything else. Each has 128 bytes to itself, as processors fetch lines of 64 in
 * pairs. Thread-safe as far as the access modes go; an index outside 0 to length - 1 is a mistake of the caller's that need not be found.
 */
public final class PaddedLongs {
    private static final int SHIFT = 4; // 16 longs
    private static final VarHandle LONGS = MethodHandles.arrayElementVarHandle(long[].class);

    private final long[] longs;

    /**
     * All 0.
     *
     * @param length how many, 1 to 2<sup>20</sup>
     */
    public PaddedLongs(int length) {
        if (length < 1 || length > 1 << 20) {
            throw new IllegalArgumentException("length is " + length + "; it must be between 1 and " + (1 << 20));
        }
        longs = new long[(length + 1) << SHIFT];
    }

    private static int slot(int index) {
        return (index + 1) << SHIFT;
    }

    /** A plain write, for before the array is published. */
    public void setPlain(int index, long value) {
        longs[slot(index)] = value;
    }

    /** A load that nothing is ordered by. */
    public long getOpaque(int index) {
        return (long) LONGS.getOpaque(longs, slot(index));
    }

    /** A volatile load. */
    public long getVolatile(int index) {
        return (long) LONGS.getVolatile(longs, slot(index));
    }

    /** An atomic change that nothing is ordered by. May fail without a reason. */
    public boolean weakCompareAndSetPlain(int index, long from, long to) {
        return LONGS.weakCompareAndSetPlain(longs, slot(index), from, to);
    }

    /** A volatile CAS. */
    public boolean compareAndSet(int index, long from, long to) {
        return LONGS.compareAndSet(longs, slot(index), from, to);
    }

    /** Sets bits, volatile, and returns what was there before. */
    public long getAndSetBits(int index, long bits) {
        return (long) LONGS.getAndBitwiseOr(longs, slot(index), bits);
    }
}

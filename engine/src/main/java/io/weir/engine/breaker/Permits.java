package io.weir.engine.breaker;

/**
 * The layout of a permit.
 *
 * <pre>
 *  63  62  61 ........................ 25  24 ... 20  19 .......... 0
 *   0   0  generation number, low 37 bits  trial slot  use of that slot
 * </pre>
 *
 * A use of 0 means no trial: the permit of a generation that admits everybody, the same long for each of its callers.
 * Uses of a slot count from 1. Bit 63 is 0, so a permit is never negative, and {@link Breaker#REFUSED} is none; bit 62 is
 * 0 too, for a caller that wants to mark permits.
 *
 * <p><b>Wrap-around.</b> Uses don't wrap: a slot that has reached {@link #LAST_USE} is not claimed again in its
 * generation, and when all slots have, the generation is renewed (see {@link Breaker}). Generation numbers are longs;
 * their 37 bits here recur after 1.3·10¹¹ generations. To be taken for a younger one's, a permit would have to be held
 * across exactly a multiple of that many: at one transition a microsecond, without a pause, that is 38 hours.
 */
final class Permits {
    static final int USE_BITS = 20;
    static final int SLOT_BITS = 5;
    static final int MAX_SLOTS = 1 << SLOT_BITS;
    static final int LAST_USE = (1 << USE_BITS) - 1;

    private static final int GENERATION_SHIFT = USE_BITS + SLOT_BITS;
    private static final long GENERATION_MASK = (Long.MAX_VALUE >>> 1 >>> GENERATION_SHIFT) << GENERATION_SHIFT;

    private Permits() {}

    /** The permit without a trial of a generation; also the generation bits of its trials' permits. */
    static long ofGeneration(long number) {
        return (number << GENERATION_SHIFT) & GENERATION_MASK;
    }

    static long ofTrial(long generationPermit, int slot, int use) {
        return generationPermit | ((long) slot << USE_BITS) | use;
    }

    static void requireIssued(long permit) {
        if (permit < 0) {
            throw new IllegalArgumentException("permit must be one that was granted (not negative), but was " + permit);
        }
    }

    static long generation(long permit) {
        return permit & GENERATION_MASK;
    }

    static int slot(long permit) {
        return (int) (permit >>> USE_BITS) & (MAX_SLOTS - 1);
    }

    static int use(long permit) {
        return (int) permit & LAST_USE;
    }

    static boolean isTrial(long permit) {
        return use(permit) != 0;
    }
}

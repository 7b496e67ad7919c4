package io.weir.engine.bucket;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.agrona.concurrent.NanoClock;

/**
 * The slots of {@link KeyedBuckets}: an open-addressing table of a fixed size, two longs a slot, four slots a cache line. Thread-safe; every
 * method ends after a bounded number of steps of its own, or because another thread got on. Allocates nothing after construction.
 */
final class KeyTable {
    /*
     * A slot is a hash H and a word T = [ TAT in ticks since birth, 61 bits | state, 3 bits ]; 0 is a slot never used. H means something only in
     * the states marked *:
     *
     *   VIRGIN    -> BUSY                  claim
     *   BUSY      -> TENTATIVE*            publish: the claimer has written H
     *   TENTATIVE -> LIVE*                 confirm, by the claimer, with the level that the key starts at
     *   TENTATIVE -> BUSY                  displaced, by anyone: the claimer's confirm will fail
     *   BUSY      -> FREE                  release, by the claimer
     *   LIVE      -> LIVE                  a grant: TAT goes up
     *   LIVE      -> BUSY                  claim (reclaim of an idle key), only if its TAT is older than a full bucket's
     *   FREE      -> BUSY                  claim, under the same condition
     *   LIVE      -> PROMOTED* -> FREE     the level goes to an object (KeyObjects), and then the slot goes
     *
     * A claimer that is stopped for ever costs its slot; nobody waits for it. A key's slots to be are a sequence of lines that depends on its
     * hash only, and within it the first slot that can be claimed is.
     *
     * K1  A word never comes back. Within LIVE, TAT goes up with each write. A claim needs TAT < at - burst, strictly, and writes at - burst;
     *     whoever gets the slot next starts there or later. So a LIVE word is higher than every LIVE word before it, and a CAS from one that was
     *     read while H was the key's can succeed only while the slot is still that key's: no ABA, though "full" is one value for all.
     *     That is why nothing is ever given back to a slot: a lower word might come back.
     *     (TENTATIVE and BUSY words do come back; from them only the claimer moves on, and to be displaced harms nobody.)
     *     jcstress ReclaimVersusTake; KeyTableTest#aTakerThatWasStoppedDoesNotTakeFromTheSlotsNextKey.
     * K2  H changes only while T is BUSY, and is written before TENTATIVE. So T, then H again, tells whose T is.
     * K3  One bucket a key: at most one LIVE slot. An inserter publishes, then looks at every other slot of the sequence, displacing TENTATIVE ones of
     *     its key, and gives up if one is LIVE; then it confirms. Of two that both publish before either confirms, the one that publishes last
     *     sees the other, as that one hasn't confirmed or is LIVE; if the other looked after that it has displaced it. So at most one confirms.
     *     jcstress InsertVersusInsert; KeyedBucketsLincheckTest; KeyTableTest#anInserterStoppedBeforeASlotThatIsFreedMeanwhileMakesNoSecondBucket.
     * K4  A busy key is never reset: only a claim takes a slot from its key, and its condition says that the bucket is full, and more than
     *     that by a tick. jcstress ReclaimVersusTake; KeyedBucketsTest#aFloodOfNewKeysResetsNoBusyKey.
     * K5  A search may stop at a virgin slot: who inserted the key took the first slot that could be had, and none becomes virgin again.
     *
     * The other promises, between slots, objects and the overflow bucket, are in KeyedBuckets.
     */
    private static final long STATE = 7;
    private static final long LIVE = 1;
    private static final long BUSY = 2;
    private static final long TENTATIVE = 3;
    private static final long PROMOTED = 4;
    private static final long FREE = 5;

    /** What {@link #take} says of a key that has no slot. */
    static final long ABSENT = -1;

    /** What {@link #claim} says when every slot of the key's is in use. */
    static final int NONE = -1;

    /** What {@link #claim} says when the key has a slot already. */
    static final int PRESENT = -2;

    /** What {@link #promote} and {@link #tat} say when there is no slot. */
    static final long NO_LEVEL = Long.MIN_VALUE;

    static final int SLOTS_PER_LINE = 4;

    private static final int LINE = 2 * SLOTS_PER_LINE;
    private static final int MOST_LINES_A_KEY = 12;

    // A large array starts at a cache line with a header of 16 bytes; so do lines, with six longs before them.
    private static final int FIRST = 6;

    private static final VarHandle WORDS = MethodHandles.arrayElementVarHandle(long[].class);

    final KeyScale scale;
    final long birthNanos;
    private final NanoClock clock;
    private final long[] words;
    private final int lines;
    private final int linesAKey;

    KeyTable(NanoClock clock, KeyScale scale, int slots) {
        this.clock = clock;
        this.scale = scale;
        this.lines = primeFrom(Math.max(1, (int) (((long) slots + SLOTS_PER_LINE - 1) / SLOTS_PER_LINE)));
        this.linesAKey = Math.min(MOST_LINES_A_KEY, lines);
        this.words = new long[FIRST + LINE * lines];
        this.birthNanos = clock.nanoTime();
    }

    /** A prime number of lines, so that any step walks through all of them. */
    private static int primeFrom(int least) {
        int candidate = least;
        while (!isPrime(candidate)) {
            candidate++;
        }
        return candidate;
    }

    private static boolean isPrime(int number) {
        for (int divisor = 2; (long) divisor * divisor <= number; divisor++) {
            if (number % divisor == 0) {
                return false;
            }
        }
        return true;
    }

    // ---- hot path

    /**
     * Takes from the key's slot.
     *
     * @param hash not 0
     * @return 0 if granted; the known wait if refused, or 1 if it isn't wanted; {@link #ABSENT} if there is no slot
     */
    long take(long hash, long cost, boolean wantWait) {
        int line = home(hash);
        int step = 0;
        for (int n = linesAKey; ; line = next(line, step)) {
            for (int at = first(line), end = at + LINE; at < end; at += 2) {
                // Acquire, here and below: what is read of H and T was written before what is read after it.
                long owner = (long) WORDS.getAcquire(words, at);
                if (owner == hash) {
                    long result = takeFrom(at, hash, cost, wantWait);
                    if (result != ABSENT) {
                        return result;
                    }
                } else if (owner == 0 && (long) WORDS.getAcquire(words, at + 1) == 0) {
                    return ABSENT;
                }
            }
            if (--n == 0) {
                return ABSENT;
            }
            step = step == 0 ? step(hash) : step;
        }
    }

    private long takeFrom(int slot, long hash, long cost, boolean wantWait) {
        while (true) {
            long word = (long) WORDS.getAcquire(words, slot + 1);
            if ((word & STATE) != LIVE || (long) WORDS.getAcquire(words, slot) != hash) {
                return ABSENT;
            }
            long elapsed = elapsed(); // after the word, so that a refusal judges no future state
            long at = scale.at(elapsed);
            long tat = word >> 3;
            long need = scale.need(cost);
            if (at - tat < need) {
                return wantWait ? scale.waitNanos(Math.max(tat, at - scale.burst) + need, elapsed) : 1;
            }
            if (WORDS.compareAndSet(words, slot + 1, word, (Math.max(tat, at - scale.burst) + cost) << 3 | LIVE)) {
                return 0;
            }
            Thread.onSpinWait();
        }
    }

    private int home(long hash) {
        return (int) Math.multiplyHigh(hash >>> 1, (long) lines << 1);
    }

    /** From 1 to lines - 1, by other bits of the hash. */
    private int step(long hash) {
        return lines == 1 ? 0 : 1 + (int) Math.multiplyHigh(hash << 32 >>> 1, (long) (lines - 1) << 1);
    }

    private int next(int line, int step) {
        int next = line + step;
        return next >= lines || next < 0 ? next - lines : next;
    }

    private static int first(int line) {
        return FIRST + line * LINE;
    }

    private long elapsed() {
        return KeyScale.elapsed(birthNanos, clock.nanoTime());
    }

    long now() {
        return scale.at(elapsed());
    }

    // ---- inserting

    /** Makes the first slot that can be had BUSY, and returns it; or {@link #NONE}, or {@link #PRESENT}. */
    int claim(long hash) {
        while (true) {
            long full = now() - scale.burst;
            int victim = victim(hash, full);
            if (victim < 0) {
                return victim;
            }
            long word = (long) WORDS.getVolatile(words, victim + 1);
            // K1: strictly later than any word before; the slot is ours alone then, but for displacing.
            if (claimable(word, full) && WORDS.compareAndSet(words, victim + 1, word, full << 3 | BUSY)) {
                return victim;
            }
            Thread.onSpinWait();
        }
    }

    private int victim(long hash, long full) {
        int line = home(hash);
        int step = step(hash);
        int victim = NONE;
        for (int n = linesAKey; n > 0; n--, line = next(line, step)) {
            for (int at = first(line), end = at + LINE; at < end; at += 2) {
                long word = (long) WORDS.getVolatile(words, at + 1);
                if ((word & STATE) == LIVE && (long) WORDS.getVolatile(words, at) == hash) {
                    return PRESENT;
                }
                if (victim == NONE && claimable(word, full)) {
                    victim = at;
                }
                if (word == 0) {
                    return victim;
                }
            }
        }
        return victim;
    }

    private static boolean claimable(long word, long full) {
        long state = word & STATE;
        return word == 0 || (state == LIVE || state == FREE) && word >> 3 < full;
    }

    /** Makes a claimed slot TENTATIVE. Everything that is read after this decides whether to {@link #confirm}. */
    void publish(int slot, long hash) {
        WORDS.setRelease(words, slot, hash); // before T, and read only with it
        long word = (long) WORDS.getVolatile(words, slot + 1);
        WORDS.setVolatile(words, slot + 1, word & ~STATE | TENTATIVE);
        VarHandle.fullFence(); // what is read next may be read by weaker modes
    }

    /**
     * Makes a published slot LIVE, unless it was displaced meanwhile.
     *
     * @param start the TAT to start at, no older than a full bucket's
     * @param cost what to take at once, if it is there; 0 for nothing
     * @return 0 if confirmed and granted; the known wait if confirmed and refused; {@link #ABSENT} if displaced
     */
    long confirm(int slot, long start, long cost) {
        long word = (long) WORDS.getVolatile(words, slot + 1);
        long elapsed = elapsed();
        long at = scale.at(elapsed);
        long tat = Math.max(Math.max(start, at - scale.burst), word >> 3);
        long need = scale.need(cost);
        boolean granted = at - tat >= need;
        boolean done = (word & STATE) == TENTATIVE
                && WORDS.compareAndSet(words, slot + 1, word, (granted ? tat + cost : tat) << 3 | LIVE);
        if (!done) {
            return ABSENT;
        }
        return granted ? 0 : scale.waitNanos(tat + need, elapsed);
    }

    /** Gives a claimed slot up. */
    void release(int slot) {
        while (true) {
            long word = (long) WORDS.getVolatile(words, slot + 1);
            if (WORDS.compareAndSet(words, slot + 1, word, word & ~STATE | FREE)) { // else it was displaced just now
                return;
            }
            Thread.onSpinWait();
        }
    }

    /**
     * Displaces every tentative slot of a key but one: none of them will be confirmed as it is.
     *
     * @param except the caller's own slot, or {@link #NONE}
     * @return whether a slot of the key is LIVE or on its way to an object
     */
    boolean displace(long hash, int except) {
        int line = home(hash);
        int step = step(hash);
        for (int n = linesAKey; n > 0; n--, line = next(line, step)) {
            for (int at = first(line), end = at + LINE; at < end; at += 2) {
                long word = (long) WORDS.getVolatile(words, at + 1);
                if (word == 0) {
                    return false;
                }
                if (at != except && settled(at, hash)) {
                    return true;
                }
            }
        }
        return false;
    }

    /** Whether the slot is the key's, and LIVE or PROMOTED; displaces it if it is TENTATIVE. */
    private boolean settled(int slot, long hash) {
        while ((long) WORDS.getVolatile(words, slot) == hash) {
            long word = (long) WORDS.getVolatile(words, slot + 1);
            long state = word & STATE;
            if (state == LIVE || state == PROMOTED) {
                return (long) WORDS.getVolatile(words, slot) == hash;
            }
            if (state != TENTATIVE || WORDS.compareAndSet(words, slot + 1, word, word & ~STATE | BUSY)) {
                return false;
            }
            Thread.onSpinWait();
        }
        return false;
    }

    // ---- to an object and back

    /**
     * Stops a key's slot for an object that is to go on with its level, and displaces tentative ones.
     *
     * @param entry in place already, so that nobody inserts the key any more
     * @return the TAT that the object starts at; {@link #NO_LEVEL} if there is no slot, or the object has been made meanwhile
     */
    long promote(long hash, KeyObjects.Entry entry) {
        int line = home(hash);
        int step = step(hash);
        for (int n = linesAKey; n > 0; n--, line = next(line, step)) {
            for (int at = first(line), end = at + LINE; at < end; at += 2) {
                long word = (long) WORDS.getVolatile(words, at + 1);
                if (word == 0) {
                    return NO_LEVEL;
                }
                while (settled(at, hash)) {
                    word = (long) WORDS.getVolatile(words, at + 1);
                    // After the word: if it doesn't change from here, it is this key's, and the object wasn't made yet.
                    if (entry.bucket() != null) {
                        return NO_LEVEL;
                    }
                    boolean own = (long) WORDS.getVolatile(words, at) == hash;
                    if (own && (word & STATE) == PROMOTED && (long) WORDS.getVolatile(words, at + 1) == word
                            || own
                                    && (word & STATE) == LIVE
                                    && WORDS.compareAndSet(words, at + 1, word, word & ~STATE | PROMOTED)) {
                        return word >> 3;
                    }
                    Thread.onSpinWait();
                }
            }
        }
        return NO_LEVEL;
    }

    /** Frees the key's slot that was promoted with {@code tat}, once its object is there. It can be claimed when that level is full. */
    void freePromoted(long hash, long tat) {
        int slot = promoted(hash);
        if (slot != NONE) {
            WORDS.compareAndSet(words, slot + 1, tat << 3 | PROMOTED, tat << 3 | FREE);
        }
    }

    /** Frees what somebody who was stopped before {@link #freePromoted} has left, before the entry goes. */
    void freeLeftover(KeyObjects objects, KeyObjects.Entry entry) {
        int slot = promoted(entry.hash);
        if (slot == NONE) {
            return;
        }
        long word = (long) WORDS.getVolatile(words, slot + 1);
        // If the entry is in place after the word was read and the CAS succeeds, no later entry of the key counted on
        // the slot.
        if ((word & STATE) == PROMOTED
                && (long) WORDS.getVolatile(words, slot) == entry.hash
                && objects.find(entry.hash) == entry) {
            WORDS.compareAndSet(words, slot + 1, word, word & ~STATE | FREE);
        }
    }

    private int promoted(long hash) {
        int line = home(hash);
        int step = step(hash);
        for (int n = linesAKey; n > 0; n--, line = next(line, step)) {
            for (int at = first(line), end = at + LINE; at < end; at += 2) {
                long word = (long) WORDS.getVolatile(words, at + 1);
                if (word == 0) {
                    return NONE;
                }
                if ((word & STATE) == PROMOTED && (long) WORDS.getVolatile(words, at) == hash) {
                    return at;
                }
            }
        }
        return NONE;
    }

    // ---- readings

    /** The tokens in the key's slot; NaN if it has none. */
    double tokens(long hash) {
        long tat = tat(hash);
        return tat == NO_LEVEL ? Double.NaN : scale.tokens(Math.max(0, Math.min(scale.burst, now() - tat)));
    }

    /** The wait that {@link #take} would tell now; 0 if it would grant, {@link #ABSENT} if the key has no slot. */
    long waitNanos(long hash, long cost) {
        long tat = tat(hash);
        if (tat == NO_LEVEL) {
            return ABSENT;
        }
        long elapsed = elapsed();
        long at = scale.at(elapsed);
        long need = scale.need(cost);
        return at - tat >= need ? 0 : scale.waitNanos(Math.max(tat, at - scale.burst) + need, elapsed);
    }

    /** Whether {@link #claim} would find a slot for a new key now. */
    boolean hasRoom(long hash) {
        return victim(hash, now() - scale.burst) != NONE;
    }

    /** The TAT in the key's slot; {@link #NO_LEVEL} if it has none. */
    private long tat(long hash) {
        int line = home(hash);
        int step = step(hash);
        for (int n = linesAKey; n > 0; n--, line = next(line, step)) {
            for (int at = first(line), end = at + LINE; at < end; at += 2) {
                long word = (long) WORDS.getVolatile(words, at + 1);
                if (word == 0) {
                    return NO_LEVEL;
                }
                while ((word & STATE) == LIVE && (long) WORDS.getVolatile(words, at) == hash) {
                    long seen = word;
                    word = (long) WORDS.getVolatile(words, at + 1);
                    if (word == seen) { // so it was the key's; else somebody has taken, or it is another's by now: look
                        // again
                        return word >> 3;
                    }
                    Thread.onSpinWait();
                }
            }
        }
        return NO_LEVEL;
    }

    boolean holds(long hash) {
        return tat(hash) != NO_LEVEL;
    }

    int slots() {
        return lines * SLOTS_PER_LINE;
    }

    /** How many slots hold a key; with {@code busy} only those whose key isn't full by now. Reads every slot. */
    int count(boolean busy) {
        long full = now() - scale.burst;
        int count = 0;
        for (int at = FIRST; at < words.length; at += 2) {
            long word = (long) WORDS.getAcquire(words, at + 1);
            long state = word & STATE;
            if (word != 0 && state != FREE && (!busy || word >> 3 >= full)) {
                count++;
            }
        }
        return count;
    }

    /** For tests: the word of a slot. */
    long word(int slot) {
        return (long) WORDS.getVolatile(words, slot + 1);
    }

    /** The size of the array, in bytes. */
    long bytes() {
        return 8L * words.length;
    }
}

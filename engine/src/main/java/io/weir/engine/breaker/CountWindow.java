package io.weir.engine.breaker;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.agrona.concurrent.NanoClock;

/** Judges the last N outcomes, exactly. Takes 8 bytes an outcome and at most 400 more: a million take 8 MB. */
final class CountWindow extends FailureDetector {
    /*
     * A ring of N words. A word is one outcome together with the sums of the window that ends with it:
     *
     *   63 ........ | ............ | ................ |    2    |   1  |    0
     *   lap (rest)  | slow calls n | failures n bits  | tripped | slow | failed        n = bits of N
     *
     * The first outcome goes to word 0 in lap 1, the N+1st to word 0 in lap 2; lap 0 is a word never written. The head
     * is the word of the latest outcome: the one whose successor in the ring is of the lap before. To record is to CAS
     * that successor, from the outcome of N ago to the new one, its sums being the head's less what leaves plus what
     * comes. So there is no second word that would have to agree with the ring, and no cursor to take: the CAS is the
     * whole recording.
     *
     * W1 (order): recordings form one linear order, the order of their CASes, and stand in the ring in it. The CAS
     *     needs the successor as it was N recordings ago, so the head is still the head. Laps tell any two contents of
     *     a word apart.
     * W2 (sums): the head's sums are those of the last N outcomes: by induction along W1, as each CAS takes them from
     *     the head before it and from the very outcome that it replaces. No thread can stall between two steps of this.
     * W3 (silence): in a window of N quick successes another one changes nothing, so it writes nothing. Its place in the
     *     order is its reading of the successor, which shows that the head, read before, was still the head then.
     * W4 (final): the recording that reaches a rate says so in its own word, and nothing is recorded after it.
     * W5 (hint): the hint is where to begin to look for the head, and no more. It may be anything in 0..N-1; a
     *     search by halves finds the head from afar, so a thread that stored it late costs the next ones some steps.
     *
     * Laps wrap to 2, not to 0, so that a full window stays full. For a word to be taken for its namesake, a thread
     * would have to sleep between two of its steps for exactly all laps: 2·10^12 outcomes for a million calls, and more
     * for fewer. (Lincheck finds it, when there are three laps.)
     *
     * Looked for by: CountWindowLincheckTest (W1, W2, W3, W4), CountWindowTest (W2, W3, W5, the wrap), and in jcstress
     * CountWindowTwoRecordings (W1, W2), CountWindowSilence (W3), CountWindowTripsOnce (W4), and their broken twins.
     */
    static final int MAX_SIZE = 1_000_000;

    private static final VarHandle WORDS = MethodHandles.arrayElementVarHandle(long[].class);

    private static final long FAILED = 1;
    private static final long SLOW = 2;
    private static final long TRIPPED = 4;
    private static final int OUTCOME_BITS = 3;

    /** The hint shares the array, two cache lines away from its length on one side, and from the words on the other. */
    private static final int HINT = 16;

    private static final int BASE = 32;

    /** A power of two: the words of a cache line. The hint is moved once a line, and words within it are just read. */
    private static final int STEPS = 8;

    private final WindowLimits limits;
    private final int size;
    private final int countBits;
    private final int lapShift;
    private final long lastLap;
    private final long countMask;
    private final long sumsMask;
    private final long[] words;

    CountWindow(int size, WindowLimits limits) {
        this(size, limits, Long.SIZE);
    }

    /** With fewer laps, so that a test can see them wrap. */
    CountWindow(int size, WindowLimits limits, int mostLapBits) {
        this.size = size;
        this.limits = limits;
        this.countBits = Integer.SIZE - Integer.numberOfLeadingZeros(size);
        this.countMask = (1L << countBits) - 1;
        this.sumsMask = ((1L << 2 * countBits) - 1) << OUTCOME_BITS;
        this.lapShift = OUTCOME_BITS + 2 * countBits;
        this.lastLap = (1L << Math.min(mostLapBits, Long.SIZE - lapShift)) - 1;
        this.words = new long[BASE + size];
        words[HINT] = size - 1L; // the head of an empty window: its successor is word 0
    }

    @Override
    boolean onSuccess(long durationNanos, NanoClock clock) {
        return record(limits.isSlow(durationNanos) ? SLOW : 0);
    }

    @Override
    boolean onFailure(long durationNanos, NanoClock clock) {
        return record(limits.isSlow(durationNanos) ? SLOW | FAILED : FAILED);
    }

    private boolean record(long outcome) {
        int at = hint();
        int steps = 0;
        for (; ; ) {
            long head = word(at);
            int nextAt = at + 1 == size ? 0 : at + 1;
            long oldest = word(nextAt);
            long lap = nextAt == 0 ? lapAfter(lap(head)) : lap(head);
            if (lapAfter(lap(oldest)) == lap) { // W1: it was the head when its successor was read
                if ((head & TRIPPED) != 0) {
                    return true; // W4
                }
                if (outcome == 0 && (head & sumsMask) == 0 && isFull(at, head)) { // W3
                    if (steps > 0) {
                        moveHint(at);
                    }
                    return false;
                }
                long next = next(at, head, oldest, lap, outcome);
                if (replace(nextAt, oldest, next)) {
                    if ((nextAt & (STEPS - 1)) == 0 || steps > STEPS) {
                        moveHint(nextAt);
                    }
                    return (next & TRIPPED) != 0;
                }
                Thread.onSpinWait(); // another one was recorded in between
            }
            steps++;
            at = (steps & (2 * STEPS - 1)) == 0 ? headByHalves() : nextAt;
        }
    }

    /** The head's successor, with its sums (W2), and the verdict on them. */
    private long next(int at, long head, long oldest, long lap, long outcome) {
        long failures = failures(head) - (oldest & FAILED) + (outcome & FAILED);
        long slow = slow(head) - (oldest & SLOW) / SLOW + (outcome & SLOW) / SLOW;
        long total = Math.min(size, total(at, head) + 1L);
        long verdict = (failures | slow) != 0 && limits.reached(total, failures, slow) ? TRIPPED : 0;
        return lap << lapShift | slow << OUTCOME_BITS + countBits | failures << OUTCOME_BITS | verdict | outcome;
    }

    /**
     * Where the head was, or a place near it if others are recording: words up to the head are of word 0's lap, those
     * after it are not.
     */
    private int headByHalves() {
        long lap = lap(word(0));
        int low = 0;
        int high = size;
        while (high - low > 1) {
            int middle = (low + high) >>> 1;
            if (lap(word(middle)) == lap) {
                low = middle;
            } else {
                high = middle;
            }
        }
        return low;
    }

    private boolean isFull(int at, long head) {
        return lap(head) > 1 || total(at, head) == size;
    }

    private int total(int at, long head) {
        long lap = lap(head);
        return lap == 0 ? 0 : lap == 1 ? at + 1 : size;
    }

    private long lapAfter(long lap) {
        return lap == lastLap ? 2 : lap + 1;
    }

    private long lap(long word) {
        return word >>> lapShift;
    }

    private long failures(long word) {
        return word >>> OUTCOME_BITS & countMask;
    }

    private long slow(long word) {
        return word >>> OUTCOME_BITS + countBits & countMask;
    }

    private long word(int at) {
        // Acquire: the head is read before its successor (W1, W3).
        return (long) WORDS.getAcquire(words, BASE + at);
    }

    private boolean replace(int at, long seen, long next) {
        // Volatile: the recording has happened for everybody before its caller goes on. The only write of a word.
        return WORDS.compareAndSet(words, BASE + at, seen, next);
    }

    private int hint() {
        return (int) (long) WORDS.getOpaque(words, HINT); // opaque: it publishes nothing (W5)
    }

    private void moveHint(int at) {
        WORDS.setOpaque(words, HINT, (long) at);
    }

    // For tests.

    /** Puts the hint anywhere, as a thread might that stored it late. */
    void misplaceHint(int at) {
        moveHint(at);
    }

    /** A sum over all words: changes with every recording that writes. */
    long fingerprint() {
        long sum = 0;
        for (int i = 0; i < size; i++) {
            sum = sum * 31 + word(i);
        }
        return sum;
    }

    /** "total/failures/slow", and "!" if it has tripped. Exact if nobody records meanwhile. */
    @Override
    public String toString() {
        int at = headByHalves();
        long head = word(at);
        if (lap(head) == 0) {
            head = 0;
        }
        return total(at, head) + "/" + failures(head) + "/" + slow(head) + ((head & TRIPPED) != 0 ? "!" : "");
    }
}

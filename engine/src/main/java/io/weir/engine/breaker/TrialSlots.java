package io.weir.engine.breaker;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.atomic.AtomicInteger;
import org.agrona.concurrent.NanoClock;
import org.jspecify.annotations.Nullable;

/** The trial slots of one HALF_OPEN generation. */
final class TrialSlots {
    /*
     *              claim: use + 1                  begin, younger than the timeout
     *    FREE(u) ------------------> CLAIMED(u,t) ---------------------------------> RUNNING(u,t)
     *      ^                              |                                           |   |   |
     *      |   given back, begun too late,|                                           |   |   |
     *      |   or judged too old to begin |                                           |   |   |
     *      +------------------------------+                                           |   |   |
     *      +-------------- succeeded (counted next), excluded, cancelled, given back -+   |   |
     *                       FAILED(u,t): reported by its call <---------------------------+   |
     *                       EXPIRED(u,t): judged, t = start + timeout <-----------------------+
     *
     * A slot is one reference to an immutable record; every step is one CAS of it. (One long can't hold a use count
     * that never wraps and an instant that never does: a HALF_OPEN breaker may idle for years. Trials are no hot path.)
     *
     * T1: at most one live trial a slot: a slot is claimed only from FREE, and its use identifies the claim.
     * T2: a step under a permit needs the slot at the permit's own use, so a late, double or foreign report moves
     *     nobody's slot.
     * T3: FAILED and EXPIRED are final. The generation is done for, and whoever meets such a slot re-opens the breaker.
     *     (Freed first, the slot would admit another trial, which could close the breaker before the re-opening.)
     * T4: an expiry is a CAS from RUNNING, so a trial either reported or expired, never both.
     * T5: a call that has begun may begin again (a retry or a hedge inside it), also after its trial failed or expired;
     *     one that has not begun within the timeout never does.
     *
     * Looked for by (jcstress) TrialSlotWinner, TrialSlotReportOrExpiry, TrialSlotReleaseOrClaim and their broken
     * twins, by BreakerHalfOpenLincheckTest, and one by one by BreakerTrialTest.
     */
    private static final VarHandle SLOT = MethodHandles.arrayElementVarHandle(Trial[].class);

    enum Phase {
        FREE,
        CLAIMED,
        RUNNING,
        FAILED,
        EXPIRED
    }

    /** What is in a slot; {@code atNanos} is when it was claimed, began, or failed. */
    static final class Trial {
        final Phase phase;
        final int use;
        final long atNanos;

        Trial(Phase phase, int use, long atNanos) {
            this.phase = phase;
            this.use = use;
            this.atNanos = atNanos;
        }

        boolean isLive() {
            return phase == Phase.CLAIMED || phase == Phase.RUNNING;
        }

        boolean hasFailed() {
            return phase == Phase.FAILED || phase == Phase.EXPIRED;
        }

        boolean isWornOut() {
            return phase == Phase.FREE && use == Permits.LAST_USE;
        }
    }

    /** What became of a report. */
    enum Settled {
        /** The slot was not, or no longer, the permit's. */
        LATE,
        /** The call had not begun: the slot is free, and its outcome says nothing. */
        NOT_BEGUN,
        DONE
    }

    /** Also the permit of slot 0's first trial, which belongs to whoever makes the generation. */
    private final long firstPermit;

    private final long generationPermit;
    private final long timeoutNanos;
    private final Trial[] slots;
    private final AtomicInteger successes;

    /** With the maker's trial in slot 0, claimed at {@code now}. */
    TrialSlots(long generationPermit, int count, long timeoutNanos, AtomicInteger successes, long now) {
        this.generationPermit = generationPermit;
        this.timeoutNanos = timeoutNanos;
        this.successes = successes;
        this.firstPermit = Permits.ofTrial(generationPermit, 0, 1);
        this.slots = new Trial[count];
        slots[0] = new Trial(Phase.CLAIMED, 1, now);
        for (int i = 1; i < count; i++) {
            slots[i] = new Trial(Phase.FREE, 0, 0);
        }
    }

    long firstPermit() {
        return firstPermit;
    }

    boolean owns(long permit) {
        return Permits.isTrial(permit)
                && Permits.generation(permit) == generationPermit
                && Permits.slot(permit) < slots.length;
    }

    /** Successes counted in this generation; shared with the one that renews it. */
    AtomicInteger successes() {
        return successes;
    }

    /** A permit for a free slot, claimed at {@code now}, or {@link Breaker#REFUSED}. */
    long claim(long now) {
        for (int i = 0; i < slots.length; i++) {
            Trial seen = get(i);
            if (seen.phase == Phase.FREE && !seen.isWornOut()) {
                int use = seen.use + 1;
                if (replace(i, seen, new Trial(Phase.CLAIMED, use, now))) { // T1
                    return Permits.ofTrial(generationPermit, i, use);
                }
            }
        }
        return Breaker.REFUSED;
    }

    /** Whether every slot is free but has had its last use: no trial is under way, and none can be any more. */
    boolean isWornOut() {
        for (int i = 0; i < slots.length; i++) {
            if (!get(i).isWornOut()) {
                return false;
            }
        }
        return true;
    }

    /** Whether the call that holds the permit may go on to its innermost supplier (T5). */
    boolean begin(long permit, NanoClock clock) {
        int slot = Permits.slot(permit);
        Trial seen = get(slot);
        if (seen.use != Permits.use(permit) || seen.phase == Phase.FREE) {
            return false; // T2
        }
        if (seen.phase != Phase.CLAIMED) {
            return true;
        }
        long now = clock.nanoTime();
        if (now - seen.atNanos >= timeoutNanos) {
            return !replace(slot, seen, new Trial(Phase.FREE, seen.use, 0)) && hasBegun(permit);
        }
        return replace(slot, seen, new Trial(Phase.RUNNING, seen.use, now)) || hasBegun(permit);
    }

    /** After a lost CAS: two attempts of one call may begin at the same time, and the other one's counts for both. */
    private boolean hasBegun(long permit) {
        Trial seen = get(Permits.slot(permit));
        return seen.use == Permits.use(permit) && seen.phase != Phase.FREE && seen.phase != Phase.CLAIMED;
    }

    /**
     * Gives the permit's slot back, or fails it for good; the caller then helps the transition that follows from it.
     */
    Settled settle(long permit, Outcome outcome, NanoClock clock) {
        int slot = Permits.slot(permit);
        Trial seen = get(slot);
        if (seen.use != Permits.use(permit) || !seen.isLive()) {
            return Settled.LATE; // T2
        }
        boolean fails = outcome == Outcome.FAILURE && seen.phase == Phase.RUNNING;
        Trial next = fails ? new Trial(Phase.FAILED, seen.use, clock.nanoTime()) : new Trial(Phase.FREE, seen.use, 0);
        if (!replace(slot, seen, next)) {
            return Settled.LATE; // T4: expired, or reported by another holder of the same permit
        }
        if (seen.phase == Phase.CLAIMED) {
            return Settled.NOT_BEGUN;
        }
        if (outcome == Outcome.SUCCESS) {
            successes.incrementAndGet();
        }
        return Settled.DONE;
    }

    /** What is in the permit's slot; once its failure has been settled that is final. */
    Trial trialOf(long permit) {
        return get(Permits.slot(permit));
    }

    /**
     * The trial that ends this generation, if any: one that has failed, else the one that expired first, which is
     * failed here, as of its start + timeout. Frees slots whose call has not begun in time.
     */
    @Nullable
    Trial judge(long now) {
        for (; ; ) {
            int oldest = -1;
            Trial expired = null;
            for (int i = 0; i < slots.length; i++) {
                Trial seen = get(i);
                if (seen.hasFailed()) {
                    return seen; // T3
                }
                if (seen.isLive() && now - seen.atNanos >= timeoutNanos) {
                    if (seen.phase == Phase.CLAIMED) {
                        replace(i, seen, new Trial(Phase.FREE, seen.use, 0));
                    } else if (expired == null || seen.atNanos - expired.atNanos < 0) {
                        oldest = i;
                        expired = seen;
                    }
                }
            }
            if (expired == null) {
                return null;
            }
            Trial verdict = new Trial(Phase.EXPIRED, expired.use, expired.atNanos + timeoutNanos);
            if (replace(oldest, expired, verdict)) { // T4
                return verdict;
            }
            Thread.onSpinWait(); // it reported just now: look again
        }
    }

    /** How long until a slot is free at the latest: 0 if one is. */
    long nanosUntilFree(long now) {
        long least = timeoutNanos;
        for (int i = 0; i < slots.length; i++) {
            Trial seen = get(i);
            least = seen.isLive() ? Math.min(least, timeoutNanos - (now - seen.atNanos)) : 0;
            if (least <= 0) {
                return 0;
            }
        }
        return least;
    }

    /** Whether some call may still ask to begin with a permit of this generation. */
    boolean isInUse() {
        for (int i = 0; i < slots.length; i++) {
            if (get(i).phase != Phase.FREE) {
                return true;
            }
        }
        return false;
    }

    private Trial get(int slot) {
        return (Trial) SLOT.getAcquire(
                slots, slot); // acquire: the record's fields, and the count of a success before its slot
    }

    private boolean replace(int slot, Trial seen, Trial next) {
        return SLOT.compareAndSet(
                slots, slot, seen, next); // volatile: nothing weaker is worth an argument off the hot path
    }
}

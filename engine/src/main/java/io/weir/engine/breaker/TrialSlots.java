package io.weir.engine.breaker;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
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
     *      +-------------- succeeded (and so counted), excluded, cancelled, given back +  |   |
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
     *     Successes are counted in the record whose CAS frees the slot, and summed over the slots: a trial that has
     *     succeeded is neither under way nor uncounted at any instant. (Counted after the CAS, there is a moment in
     *     which the last success is in but the breaker is seen HALF_OPEN: not linearizable, Lincheck showed it.)
     * T5: a call that has begun may begin again (a retry or a hedge inside it), also after its trial failed or expired;
     *     one that has not begun within the timeout never does.
     * T6: a report that is overtaken by its own call's beginning still ends it, so no report of a live trial is lost.
     *
     * Looked for by (jcstress) TrialSlotWinner, TrialReportOrExpiry, TrialSlotReleaseOrClaim, TrialBeginOrCancel (T6),
     * TrialVerdict (T3) and their broken twins, by BreakerHalfOpenLincheckTest, and one by one by BreakerTrialTest.
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
        /** How many of the slot's uses have succeeded. */
        final int succeeded;

        final long atNanos;

        Trial(Phase phase, int use, int succeeded, long atNanos) {
            this.phase = phase;
            this.use = use;
            this.succeeded = succeeded;
            this.atNanos = atNanos;
        }

        /** The same use in its next phase. */
        Trial in(Phase next, long nextAtNanos) {
            return new Trial(next, use, succeeded, nextAtNanos);
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
    /** Successes of the generation that this one renews. */
    private final long carried;

    /** With the maker's trial in slot 0, claimed at {@code now}. */
    TrialSlots(long generationPermit, int count, long timeoutNanos, long carried, long now) {
        this.generationPermit = generationPermit;
        this.timeoutNanos = timeoutNanos;
        this.carried = carried;
        this.firstPermit = Permits.ofTrial(generationPermit, 0, 1);
        this.slots = new Trial[count];
        slots[0] = new Trial(Phase.CLAIMED, 1, 0, now);
        for (int i = 1; i < count; i++) {
            slots[i] = new Trial(Phase.FREE, 0, 0, 0);
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

    /**
     * Successes counted in this generation. Each slot's count only grows, so the sum is what was true at some instant
     * during the call or before it; two who count at the same time can't both miss the other's (volatile).
     */
    long successes() {
        long sum = carried;
        for (int i = 0; i < slots.length; i++) {
            sum += ((Trial) SLOT.getVolatile(slots, i)).succeeded;
        }
        return sum;
    }

    /** A permit for a free slot, claimed at {@code now}, or {@link Breaker#REFUSED}. */
    long claim(long now) {
        for (int i = 0; i < slots.length; i++) {
            Trial seen = get(i);
            if (seen.phase == Phase.FREE && !seen.isWornOut()) {
                int use = seen.use + 1;
                if (replace(i, seen, new Trial(Phase.CLAIMED, use, seen.succeeded, now))) { // T1
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
            return !replace(slot, seen, seen.in(Phase.FREE, 0)) && hasBegun(permit);
        }
        return replace(slot, seen, seen.in(Phase.RUNNING, now)) || hasBegun(permit);
    }

    /** After a lost CAS: two attempts of one call may begin at the same time, and the other one's counts for both. */
    private boolean hasBegun(long permit) {
        Trial seen = get(Permits.slot(permit));
        return seen.use == Permits.use(permit) && seen.phase != Phase.FREE && seen.phase != Phase.CLAIMED;
    }

    /**
     * Gives the permit's slot back, or fails it for good; the caller then helps the transition that follows from it. A
     * lost CAS is looked into, as the winner may be the call's own begin (of a hedge, or of a call that is cancelled just
     * then): were the report dropped, the slot would be held until its timeout. At most twice, as a call begins once.
     */
    Settled settle(long permit, Outcome outcome, NanoClock clock) {
        int slot = Permits.slot(permit);
        for (; ; ) {
            Trial seen = get(slot);
            if (seen.use != Permits.use(permit) || !seen.isLive()) {
                return Settled.LATE; // T2; T4: expired, or reported by another holder of the same permit
            }
            boolean ran = seen.phase == Phase.RUNNING;
            Trial next;
            if (ran && outcome == Outcome.FAILURE) {
                next = seen.in(Phase.FAILED, clock.nanoTime());
            } else if (ran && outcome == Outcome.SUCCESS) {
                next = new Trial(Phase.FREE, seen.use, seen.succeeded + 1, 0);
            } else {
                next = seen.in(Phase.FREE, 0);
            }
            if (replace(slot, seen, next)) {
                return ran ? Settled.DONE : Settled.NOT_BEGUN;
            }
            Thread.onSpinWait();
        }
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
                        replace(i, seen, seen.in(Phase.FREE, 0));
                    } else if (expired == null || seen.atNanos - expired.atNanos < 0) {
                        oldest = i;
                        expired = seen;
                    }
                }
            }
            if (expired == null) {
                return null;
            }
            Trial verdict = expired.in(Phase.EXPIRED, expired.atNanos + timeoutNanos);
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

    private Trial get(int slot) {
        return (Trial) SLOT.getAcquire(slots, slot); // acquire: the record's fields
    }

    private boolean replace(int slot, Trial seen, Trial next) {
        return SLOT.compareAndSet(
                slots, slot, seen, next); // volatile: nothing weaker is worth an argument off the hot path
    }
}

package io.weir.engine.breaker;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * What a breaker is between two transitions. Its own state, number and deadline never change; what does change, the
 * detector and the trial slots, belongs to it alone, so nothing of it needs to agree with anything of the next one.
 */
final class Generation {
    /** For how many HALF_OPEN generations past a trial may still begin anew inside its call. */
    static final int PAST = 8;

    private static final TrialSlots[] NO_PAST = {};

    /** Whether every call passes, with {@link #permit}. */
    final boolean admits;

    /** The permit without a trial, shared by all callers. */
    final long permit;

    /** Only if CLOSED. */
    final @Nullable FailureDetector detector;

    /** What the detector was made by. */
    private final DetectorConfig detection;

    final BreakerState state;
    final long number;

    /** If OPEN: when a call is first let through. */
    final long openUntilNanos;

    /** How many times in a row it has re-opened from HALF_OPEN. */
    final int reopenings;

    /** Only if HALF_OPEN. */
    final @Nullable TrialSlots trials;

    /** The record of the transition that began it, or the one before if it renews a worn-out generation. */
    final Transition transition;

    /**
     * The slots of the latest HALF_OPEN generations before this one, oldest first. Asked only when a call that was
     * admitted by one of them begins an attempt. Kept also if all are free: one may just be being claimed. Slots, never
     * generations, so the past is not kept alive.
     */
    private final TrialSlots[] past;

    /** The breaker's own; with a generation's number it makes the jitter of its open time, the same whoever computes it. */
    private final long seed;

    private Generation(
            BreakerConfig config,
            long seed,
            long number,
            Transition transition,
            int reopenings,
            @Nullable TrialSlots trials,
            TrialSlots[] past) {
        this.seed = seed;
        this.state = transition.to();
        this.number = number;
        this.permit = Permits.ofGeneration(number);
        this.transition = transition;
        this.reopenings = reopenings;
        this.trials = trials;
        this.past = past;
        this.admits =
                state == BreakerState.CLOSED || state == BreakerState.DISABLED || state == BreakerState.METRICS_ONLY;
        this.detection = config.detection();
        this.detector = state == BreakerState.CLOSED ? config.detection().newDetector() : null;
        this.openUntilNanos = transition.atNanos()
                + config.openBackoff().openNanos(config.recoveryNanos(), reopenings, seed + number);
    }

    static Generation first(BreakerConfig config, long seed, long now) {
        return new Generation(config, seed, 0, Transition.first(now), 0, null, NO_PAST);
    }

    /** What comes after this one; HALF_OPEN with its maker's trial in slot 0. */
    Generation next(BreakerConfig config, BreakerState to, Transition.Reason reason, long atNanos) {
        Transition record = transition.next(to, reason, atNanos);
        TrialSlots slots = to == BreakerState.HALF_OPEN ? newTrials(config, 0, atNanos) : null;
        return new Generation(config, seed, number + 1, record, reopeningsOfNext(to), slots, pastOfNext());
    }

    /**
     * The same HALF_OPEN, with fresh slots, when all of this one's have had their last use and are free. The count of
     * successes is carried over; worn-out slots never change again, so it is exact.
     */
    Generation renewed(BreakerConfig config, TrialSlots wornOut, long now) {
        TrialSlots slots = newTrials(config, wornOut.successes(), now);
        return new Generation(config, seed, number + 1, transition, reopenings, slots, past);
    }

    /** Whether it is CLOSED, with a detector of another kind than a configuration's. */
    boolean isOutdated(BreakerConfig config) {
        return detector != null && !detection.equals(config.detection());
    }

    /** The same CLOSED, with a fresh detector. */
    Generation redetecting(BreakerConfig config) {
        return new Generation(config, seed, number + 1, transition, reopenings, trials, past);
    }

    private TrialSlots newTrials(BreakerConfig config, long successes, long now) {
        return new TrialSlots(
                Permits.ofGeneration(number + 1),
                config.halfOpenMaxCalls(),
                config.trialTimeoutNanos(),
                successes,
                now);
    }

    private int reopeningsOfNext(BreakerState to) {
        if (to == BreakerState.HALF_OPEN) {
            return reopenings;
        }
        return state == BreakerState.HALF_OPEN && to == BreakerState.OPEN ? Math.min(reopenings, 1 << 20) + 1 : 0;
    }

    private TrialSlots[] pastOfNext() {
        if (trials == null) {
            return past;
        }
        int dropped = past.length == PAST ? 1 : 0;
        TrialSlots[] longer = Arrays.copyOfRange(past, dropped, past.length + 1);
        longer[longer.length - 1] = trials;
        return longer;
    }

    /** The slots that a trial's permit belongs to; null if they are forgotten. */
    @Nullable
    TrialSlots trialsOf(long trialPermit) {
        if (trials != null && trials.owns(trialPermit)) {
            return trials;
        }
        for (int i = past.length - 1; i >= 0; i--) {
            if (past[i].owns(trialPermit)) {
                return past[i];
            }
        }
        return null;
    }
}

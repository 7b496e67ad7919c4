package io.weir.engine.breaker;

import io.weir.engine.breaker.Transition.Reason;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the contract says a breaker does, in plain sequential code: a state, a count, and a list of the trials under way,
 * with no slots, no use counts and no generations that anybody could stall in. Permits are what the breaker under test
 * issued; here they are only the keys of calls.
 */
final class BreakerModel {
    enum Phase {
        CLAIMED,
        RUNNING,
        FAILED,
        OVER
    }

    private static final class Call {
        final int halfOpen;
        final int slot;
        Phase phase = Phase.CLAIMED;
        long since;

        Call(int halfOpen, int slot, long since) {
            this.halfOpen = halfOpen;
            this.slot = slot;
            this.since = since;
        }

        /** Of two that began at the same time, the one in the lower slot, for which only the order of looking speaks. */
        boolean isOlderThan(Call other) {
            return since == other.since ? slot < other.slot : since - other.since < 0;
        }

        boolean isLive() {
            return phase == Phase.CLAIMED || phase == Phase.RUNNING;
        }
    }

    private final BreakerConfig config;
    private final long seed;
    private final int threshold;
    private final boolean successEndsRow;
    private final Map<Long, Call> trials = new HashMap<>();
    private final List<Call> inFlight = new ArrayList<>(); // of this HALF_OPEN
    private final Deque<Integer> remembered = new ArrayDeque<>(); // HALF_OPENs past whose trials may go on
    final List<String> transitions = new ArrayList<>();

    BreakerState state = BreakerState.CLOSED;
    private int number;
    private int halfOpens;
    private long since;
    private int failuresInRow;
    private int trialSuccesses;
    private int reopenings;
    long successes;
    long failures;
    long excluded;
    long cancelled;
    long released;
    long rejected;
    long late;

    BreakerModel(BreakerConfig config, long seed, int threshold, boolean successEndsRow) {
        this.seed = seed;
        this.config = config;
        this.threshold = threshold;
        this.successEndsRow = successEndsRow;
    }

    int number() {
        return number;
    }

    /** Whether a call is admitted now, without being a trial. */
    boolean admits() {
        return state == BreakerState.CLOSED || state == BreakerState.DISABLED || state == BreakerState.METRICS_ONLY;
    }

    /** What is due at {@code now} happens: trials too old to begin give up, one too old to report re-opens it. */
    void judge(long now) {
        if (state != BreakerState.HALF_OPEN) {
            return;
        }
        Call oldest = null;
        for (Call call : inFlight) {
            if (call.isLive() && now - call.since >= config.trialTimeoutNanos()) {
                if (call.phase == Phase.CLAIMED) {
                    call.phase = Phase.OVER;
                } else if (oldest == null || call.isOlderThan(oldest)) {
                    oldest = call;
                }
            }
        }
        inFlight.removeIf(call -> !call.isLive());
        if (oldest != null) {
            oldest.phase = Phase.FAILED;
            go(BreakerState.OPEN, Reason.TRIAL_EXPIRED, oldest.since + config.trialTimeoutNanos());
        }
    }

    /** Whether a call gets a trial now; {@link #issued} must follow if so. */
    boolean acquireTrial(long now) {
        if (state == BreakerState.OPEN && now - since >= openNanos()) {
            go(BreakerState.HALF_OPEN, Reason.RECOVERY_TIME_OVER, now);
            return true;
        }
        if (state == BreakerState.HALF_OPEN && inFlight.size() < config.halfOpenMaxCalls()) {
            return true;
        }
        rejected++;
        return false;
    }

    private long openNanos() {
        return config.openBackoff().openNanos(config.recoveryNanos(), reopenings, seed + number);
    }

    /** False if the permit has been issued before. */
    boolean issued(long permit, long now) {
        Call call = new Call(halfOpens, Permits.slot(permit), now);
        inFlight.add(call);
        return trials.put(permit, call) == null;
    }

    private @Nullable Call known(long permit) {
        Call call = trials.get(permit);
        boolean forgotten = call != null && !isPresent(call) && !remembered.contains(call.halfOpen);
        return forgotten ? null : call;
    }

    private boolean isPresent(Call call) {
        return state == BreakerState.HALF_OPEN && call.halfOpen == halfOpens;
    }

    boolean begin(long permit, boolean trial, long now) {
        if (!trial) {
            return true;
        }
        Call call = known(permit);
        if (call != null && call.phase == Phase.CLAIMED) {
            boolean inTime = now - call.since < config.trialTimeoutNanos();
            call.phase = inTime ? Phase.RUNNING : Phase.OVER;
            call.since = now;
            inFlight.removeIf(each -> !each.isLive());
        }
        if (call != null && call.phase != Phase.OVER) {
            return true;
        }
        rejected++;
        return false;
    }

    void report(long permit, boolean trial, Outcome outcome, long now) {
        judge(now);
        if (trial) {
            reportTrial(known(permit), outcome, now);
        } else if (permit != Permits.ofGeneration(number) || !admits()) {
            countLate(outcome, true);
        } else if (state != BreakerState.DISABLED) {
            count(outcome);
            if (state == BreakerState.CLOSED) {
                detect(outcome, now);
            }
        }
    }

    private void detect(Outcome outcome, long now) {
        if (outcome == Outcome.SUCCESS && successEndsRow) {
            failuresInRow = 0;
        } else if (outcome == Outcome.FAILURE && ++failuresInRow == threshold) {
            go(BreakerState.OPEN, Reason.FAILURES, now);
        }
    }

    private void reportTrial(@Nullable Call call, Outcome outcome, long now) {
        if (call == null || !call.isLive()) {
            countLate(outcome, false);
            return;
        }
        boolean present = isPresent(call);
        boolean ran = call.phase == Phase.RUNNING;
        boolean result = outcome == Outcome.SUCCESS || outcome == Outcome.FAILURE;
        call.phase = ran && outcome == Outcome.FAILURE ? Phase.FAILED : Phase.OVER;
        if (!present) {
            countLate(outcome, false);
            return;
        }
        inFlight.remove(call);
        count(result && !ran ? Outcome.RELEASED : outcome);
        if (ran && outcome == Outcome.FAILURE) {
            go(BreakerState.OPEN, Reason.TRIAL_FAILED, now);
        } else if (ran && outcome == Outcome.SUCCESS && ++trialSuccesses == config.halfOpenSuccessThreshold()) {
            go(BreakerState.CLOSED, Reason.TRIALS_SUCCEEDED, now);
        }
    }

    private void countLate(Outcome outcome, boolean countsRelease) {
        if (outcome != Outcome.RELEASED) {
            late++;
        } else if (countsRelease) {
            released++;
        }
    }

    private void count(Outcome outcome) {
        switch (outcome) {
            case SUCCESS -> successes++;
            case FAILURE -> failures++;
            case EXCLUDED -> excluded++;
            case CANCELLED -> cancelled++;
            case RELEASED -> released++;
        }
    }

    void byHand(BreakerState to, long now) {
        judge(now);
        if (to == BreakerState.CLOSED) {
            go(to, Reason.RESET, now);
        } else if (to != state) {
            go(to, Reason.BY_HAND, now);
        }
    }

    private void go(BreakerState to, Reason reason, long at) {
        if (state == BreakerState.HALF_OPEN) {
            remembered.addLast(halfOpens);
            if (remembered.size() > Generation.PAST) {
                remembered.removeFirst();
            }
        }
        boolean reopens = state == BreakerState.HALF_OPEN && to == BreakerState.OPEN;
        if (to == BreakerState.HALF_OPEN) {
            halfOpens++;
        } else {
            reopenings = reopens ? reopenings + 1 : 0;
        }
        number++;
        transitions.add("#" + number + " " + state + " -> " + to + " (" + reason + ") at " + at);
        state = to;
        since = at;
        inFlight.clear();
        failuresInRow = 0;
        trialSuccesses = 0;
    }

    long retryAfter(long now) {
        return switch (state) {
            case OPEN -> Math.max(0, since + openNanos() - now);
            case FORCED_OPEN -> Long.MAX_VALUE;
            case HALF_OPEN -> untilASlotIsFree(now);
            case CLOSED, DISABLED, METRICS_ONLY -> 0;
        };
    }

    private long untilASlotIsFree(long now) {
        if (inFlight.size() < config.halfOpenMaxCalls()) {
            return 0;
        }
        long least = config.trialTimeoutNanos();
        for (Call call : inFlight) {
            least = Math.min(least, config.trialTimeoutNanos() - (now - call.since));
        }
        return Math.min(Math.max(0, least), config.recoveryNanos());
    }
}

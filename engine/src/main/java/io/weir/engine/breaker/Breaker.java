package io.weir.engine.breaker;

import io.weir.engine.breaker.Transition.Reason;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import org.agrona.concurrent.NanoClock;
import org.jspecify.annotations.Nullable;

/**
 * A circuit breaker's state machine. It says who may call, is told how the calls ended, and opens and closes
 * accordingly; it has no thread, no timer, and no user code in it.
 *
 * <p>A caller takes a permit, says that it begins, makes the call, and gives the permit back, in one of five ways:
 *
 * <pre>
 * long permit = breaker.tryAcquire();
 * if (permit &lt; 0) ...                  refused
 * if (!breaker.begin(permit)) ...       refused: it came too late for its trial
 * ...                                   the call; then one of
 * breaker.onSuccess(permit, nanos);     breaker.onFailure(permit, nanos);
 * breaker.onExcluded(permit);           breaker.onCancelled(permit);       breaker.release(permit);
 * </pre>
 *
 * <p>The transitions: every event in every state; "-" keeps the state, and is no transition. (A test reads this table.) A
 * reset of a CLOSED breaker is a transition. With the trial and the open time over, a HALF_OPEN breaker goes by way of OPEN.
 * OPEN counts from the failure on, after a trial that never reported from its start + the trial timeout on. (What trips a
 * failure detector is any outcome: with a window a success may be the one.)
 *
 * <pre>
 *  event                            CLOSED        OPEN          HALF_OPEN     FORCED_OPEN   DISABLED      METRICS_ONLY
 *  call                             -             -             -             -             -             -
 *  call, open time over             -             HALF_OPEN     -             -             -             -
 *  call, trial and open time over   -             HALF_OPEN     HALF_OPEN     -             -             -
 *  success, the last needed         -             -             CLOSED        -             -             -
 *  failure, not the last allowed    -             -             OPEN          -             -             -
 *  failure, the last allowed        OPEN          -             OPEN          -             -             -
 *  excluded                         -             -             -             -             -             -
 *  cancelled                        -             -             -             -             -             -
 *  released                         -             -             -             -             -             -
 *  trial never begins in time       -             -             -             -             -             -
 *  trial never reports in time      -             -             OPEN          -             -             -
 *  late success                     -             -             -             -             -             -
 *  late failure                     -             -             -             -             -             -
 *  failure with an invented permit  -             -             -             -             -             -
 *  reset()                          CLOSED        CLOSED        CLOSED        CLOSED        CLOSED        CLOSED
 *  forceOpen()                      FORCED_OPEN   FORCED_OPEN   FORCED_OPEN   -             FORCED_OPEN   FORCED_OPEN
 *  disable()                        DISABLED      DISABLED      DISABLED      DISABLED      -             DISABLED
 *  metricsOnly()                    METRICS_ONLY  METRICS_ONLY  METRICS_ONLY  METRICS_ONLY  METRICS_ONLY  -
 * </pre>
 *
 * <p>Expiry needs no timer: whatever touches the breaker next, but {@link #stateNow()}, {@link #begin} and {@link
 * #latestTransition()}, judges it first.
 *
 * <p>Thread-safe. No method waits, and none allocates while the breaker is CLOSED or refuses. Times are readings of the
 * clock given, in nanoseconds; they may be negative and wrap. A clock that steps back delays what is due, and does no
 * other harm.
 */
public final class Breaker {
    /*
     * The breaker is one reference to the present Generation, and a transition is one CAS of it, in succeed(). What is
     * decided in a generation is recorded in it, finally, before that CAS (a tripped detector, a failed slot, enough
     * successes), and whoever meets it helps the transition: a thread that stalls between the two keeps nobody.
     *
     * B1: states form one chain: each generation's predecessor was the present one until the CAS that put it in its
     *     place.
     * B2: what a thread does for a permit changes only the permit's own generation, however long it stalled and
     *     wherever; once that is past, nobody asks it.
     * B3: a deadline is a final field of the generation, so the loser of a transition's race has written nothing, and
     *     no reader sees a new state with an old deadline.
     * B4: in flight at once are at most halfOpenMaxCalls trials of the present generation (T1 in TrialSlots), and a
     *     trial was claimed while its generation was the present one: it is looked at again after the claim.
     * B5: a breaker that is HALF_OPEN leaves it, or has a slot free, at the latest trialTimeout after its last claim or
     *     start.
     * B6: a snapshot of the counters that shows a transition shows the outcomes that led to it: they are counted before
     *     the detector and the slots hear of them, and read after the reference.
     *
     * B7: a breaker that stays CLOSED has the detector of the latest configuration: who configures writes it and looks
     *     at the reference then, and who puts a generation in place looks at the configuration then. Both are volatile,
     *     so one sees the other. A CLOSED generation with another detector is renewed, which is no transition.
     *
     * Memory order. The reference is read by getAcquire, which makes the new generation's detector and slots visible
     * (its other fields are final), and replaced by a CAS, which releases them. A caller that reads a generation just
     * replaced acts as if it had come a moment earlier: its permit is then of the past.
     *
     * A HALF_OPEN generation whose slots have all had their last use (a million excluded trials each, and no verdict)
     * is renewed: a CAS to a generation of the same state and the same record, which is no transition.
     *
     * Looked for by: BreakerTransitionTableTest (B1), BreakerLateResultTest (B2, B3), BreakerTrialTest (B4, B5),
     * BreakerOverlapTest (B2, B4), BreakerSimulationTest, BreakerClosedLincheckTest and BreakerHalfOpenLincheckTest
     * (all), BreakerConfigureTest (B7), and in jcstress ConfigureOrClose (B7), OneOpening (B1), ForceOrFailure (B1), LateResult (B2), LateTrial (B2), TrialSlotWinner (B4),
     * TrialClaimOrTransition (B4), TrialVerdict (B1, T3), CounterSnapshot (B6) and their broken twins.
     */

    /** What {@link #tryAcquire} returns when it refuses: any negative number means that. */
    public static final long REFUSED = -1L;

    /** Inside only: the generation that was asked is no longer the present one. */
    private static final long OVERTAKEN = -2L;

    private static final int RECENT = 32;
    private static final VarHandle CURRENT;

    static {
        try {
            CURRENT = MethodHandles.lookup().findVarHandle(Breaker.class, "current", Generation.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final NanoClock clock;
    /** Read where a generation is made, which is nowhere hot. */
    private volatile BreakerConfig config;

    private final @Nullable BreakerCounters counters;
    private volatile @Nullable Runnable hook;

    @SuppressWarnings("FieldMayBeFinal") // through CURRENT
    private Generation current;

    /**
     * A CLOSED breaker.
     *
     * @param clock read off the hot path only (and by a time window)
     */
    public Breaker(NanoClock clock, BreakerConfig config) {
        this(
                clock,
                config,
                config.openBackoff().jitter() == 0
                        ? 0
                        : ThreadLocalRandom.current().nextLong());
    }

    /** With the seed of its open times' jitter. */
    Breaker(NanoClock clock, BreakerConfig config, long seed) {
        this.clock = clock;
        this.config = config;
        this.counters =
                config.metrics() ? new BreakerCounters(config.detection().slowCallNanos()) : null;
        this.current = Generation.first(config, seed, clock.nanoTime());
    }

    /**
     * Sets what is told after each transition, by the thread that made it, outside of every critical section: something
     * quick that schedules the delivery of {@link TransitionFeed}s. What it throws is dropped. Another call replaces
     * it.
     */
    public void onTransition(Runnable newHook) {
        hook = newHook;
    }

    // The hot path.

    /** A permit (0 or greater), or a negative number: refused. */
    public long tryAcquire() {
        Generation generation = current();
        return generation.admits ? generation.permit : acquireTrial();
    }

    /**
     * The same, for a caller that has read the clock. The reading may be stale, so it decides nothing: a CLOSED breaker
     * needs none, and elsewhere one that was taken before the present generation began could refuse a call that is due,
     * or make a trial look old.
     */
    public long tryAcquire(long now) {
        return tryAcquire();
    }

    /** Whether a permit is a trial's, so that {@link #begin} can say no. */
    public static boolean isTrial(long permit) {
        return Permits.isTrial(permit);
    }

    /**
     * Says that the innermost supplier is about to be invoked. May be said again for each attempt within the call.
     *
     * @return false: the permit's trial came too late to begin (or has ended); the call must be rejected and the
     *     supplier not invoked. That is counted as a rejection; a {@link #release} after it is allowed, and does
     *     nothing.
     */
    public boolean begin(long permit) {
        return !Permits.isTrial(permit) || beginTrial(permit);
    }

    /**
     * The call succeeded.
     *
     * @param durationNanos how long it took; negative: unknown, not judged. See {@link #wantsDuration()}.
     */
    public void onSuccess(long permit, long durationNanos) {
        Generation generation = current();
        FailureDetector detector = generation.detector;
        if (permit != generation.permit || detector == null) {
            report(permit, Outcome.SUCCESS, durationNanos);
            return;
        }
        if (counters != null) {
            counters.success(durationNanos);
        }
        if (detector.onSuccess(durationNanos, clock)) {
            trip(generation);
        }
    }

    /** The call failed; as {@link #onSuccess}. */
    public void onFailure(long permit, long durationNanos) {
        Generation generation = current();
        FailureDetector detector = generation.detector;
        if (permit != generation.permit || detector == null) {
            report(permit, Outcome.FAILURE, durationNanos);
            return;
        }
        if (counters != null) {
            counters.failure(durationNanos);
        }
        if (detector.onFailure(durationNanos, clock)) {
            trip(generation);
        }
    }

    /** The call ended in a way that is neither success nor failure. */
    public void onExcluded(long permit) {
        report(permit, Outcome.EXCLUDED, -1);
    }

    /** The user cancelled the call. */
    public void onCancelled(long permit) {
        report(permit, Outcome.CANCELLED, -1);
    }

    /** The call never began, or was rejected further in. */
    public void release(long permit) {
        report(permit, Outcome.RELEASED, -1);
    }

    /** Whether the failure detector judges slow calls, so that durations should be measured. */
    public boolean wantsDuration() {
        return config.detection().judgesDuration(); // as it was made: configure() keeps it
    }

    private Generation current() {
        return (Generation) CURRENT.getAcquire(this);
    }

    // Trials, and everything else off the hot path.

    private long acquireTrial() {
        for (; ; ) {
            Generation generation = judged();
            if (generation.admits) {
                return generation.permit;
            }
            TrialSlots trials = generation.trials;
            long permit = trials != null ? claim(generation, trials) : firstTrial(generation);
            if (permit != OVERTAKEN) {
                if (permit < 0 && counters != null) {
                    counters.rejected.increment();
                }
                return permit;
            }
            Thread.onSpinWait();
        }
    }

    private long claim(Generation halfOpen, TrialSlots trials) {
        long permit = trials.claim(clock.nanoTime());
        if (permit < 0 && trials.isWornOut()) {
            return firstOf(halfOpen.renewed(config, trials, clock.nanoTime()), halfOpen);
        }
        // Looked at again, after the slots (volatile, as the claim is): a late report, or a begin that comes too late,
        // may
        // free a slot of the past, and whoever stalled here would be admitted by it while the breaker is OPEN.
        if ((Generation) CURRENT.getVolatile(this) == halfOpen) {
            return permit;
        }
        if (permit >= 0) {
            trials.settle(permit, Outcome.RELEASED, clock);
        }
        return OVERTAKEN;
    }

    private long firstTrial(Generation generation) {
        if (generation.state != BreakerState.OPEN) {
            return REFUSED;
        }
        // Read after the generation: an older reading could refuse a call that is due.
        long now = clock.nanoTime();
        if (now - generation.openUntilNanos < 0) {
            return REFUSED;
        }
        return firstOf(generation.next(config, BreakerState.HALF_OPEN, Reason.RECOVERY_TIME_OVER, now), generation);
    }

    /** Puts a HALF_OPEN generation in place, and gives its maker's permit. */
    private long firstOf(Generation halfOpen, Generation before) {
        TrialSlots trials = halfOpen.trials;
        return trials != null && succeed(before, halfOpen) ? trials.firstPermit() : OVERTAKEN;
    }

    private boolean beginTrial(long permit) {
        Permits.requireIssued(permit);
        TrialSlots trials = current().trialsOf(permit);
        if (trials != null && trials.begin(permit, clock)) {
            return true;
        }
        if (counters != null) {
            counters.rejected.increment();
        }
        return false;
    }

    private void report(long permit, Outcome outcome, long durationNanos) {
        Permits.requireIssued(permit);
        Generation generation = judged();
        TrialSlots trials = generation.trials;
        if (Permits.isTrial(permit)) {
            if (trials == null || !trials.owns(permit)) {
                reportLate(generation, permit, outcome);
                countTrial(TrialSlots.Settled.LATE, outcome, durationNanos);
                return;
            }
            TrialSlots.Settled settled = trials.settle(permit, outcome, clock);
            countTrial(settled, outcome, durationNanos);
            if (settled == TrialSlots.Settled.DONE) {
                conclude(generation, trials, permit, outcome);
            }
        } else if (permit != generation.permit || !generation.admits) {
            count(outcome == Outcome.RELEASED ? outcome : null, durationNanos);
        } else if (generation.state != BreakerState.DISABLED) {
            count(outcome, durationNanos);
        }
    }

    /**
     * A trial that outlived its generation ends all the same: afterwards it can't begin again. (Left as it was, whether it
     * can would depend on how far a transition had got that the report overlapped. Lincheck showed it.)
     */
    private void reportLate(Generation present, long permit, Outcome outcome) {
        TrialSlots past = present.trialsOf(permit);
        if (past != null) {
            past.settle(permit, outcome, clock);
        }
    }

    /** The transition that a trial's own report brings about, if it is the one that does. */
    private void conclude(Generation generation, TrialSlots trials, long permit, Outcome outcome) {
        if (outcome == Outcome.FAILURE) {
            reopen(generation, trials.trialOf(permit));
        } else if (outcome == Outcome.SUCCESS && enoughSuccesses(trials)) {
            close(generation);
        }
    }

    private void countTrial(TrialSlots.Settled settled, Outcome outcome, long durationNanos) {
        switch (settled) {
            case DONE -> count(outcome, durationNanos);
            case LATE -> {
                // A release is no result, and after a begin() that refused, the rejection has been counted there.
                if (outcome != Outcome.RELEASED) {
                    count(null, durationNanos);
                }
            }
            case NOT_BEGUN -> {
                boolean result = outcome == Outcome.SUCCESS || outcome == Outcome.FAILURE;
                count(result ? Outcome.RELEASED : outcome, durationNanos);
            }
        }
    }

    /** Counts an outcome; null: a late one. */
    private void count(@Nullable Outcome outcome, long durationNanos) {
        if (counters == null) {
            return;
        }
        if (outcome == null) {
            counters.late.increment();
        } else {
            counters.count(outcome, durationNanos);
        }
    }

    /** The present generation, after what is due in it has been judged. */
    private Generation judged() {
        for (; ; ) {
            Generation generation = current();
            TrialSlots trials = generation.trials;
            if (trials == null) {
                return generation;
            }
            TrialSlots.Trial ended = trials.judge(clock.nanoTime());
            if (ended != null) {
                reopen(generation, ended);
            } else if (enoughSuccesses(trials)) {
                close(generation);
            } else {
                return generation;
            }
        }
    }

    private boolean enoughSuccesses(TrialSlots trials) {
        return trials.successes() >= config.halfOpenSuccessThreshold();
    }

    private void trip(Generation closed) {
        succeed(closed, closed.next(config, BreakerState.OPEN, Reason.FAILURES, clock.nanoTime()));
    }

    private void reopen(Generation halfOpen, TrialSlots.Trial failed) {
        Reason reason = failed.phase == TrialSlots.Phase.EXPIRED ? Reason.TRIAL_EXPIRED : Reason.TRIAL_FAILED;
        succeed(halfOpen, halfOpen.next(config, BreakerState.OPEN, reason, failed.atNanos));
    }

    private void close(Generation halfOpen) {
        succeed(halfOpen, halfOpen.next(config, BreakerState.CLOSED, Reason.TRIALS_SUCCEEDED, clock.nanoTime()));
    }

    private void byHand(BreakerState to, Reason reason) {
        for (; ; ) {
            Generation generation = judged();
            if (generation.state == to && to != BreakerState.CLOSED) {
                return;
            }
            if (succeed(generation, generation.next(config, to, reason, clock.nanoTime()))) {
                return;
            }
            Thread.onSpinWait();
        }
    }

    /** The one place where the reference is written; false if {@code before} was no longer the present generation. */
    private boolean succeed(Generation before, Generation next) {
        if (!CURRENT.compareAndSet(this, before, next)) {
            return false;
        }
        if (next.transition != before.transition) {
            next.transition.cutChain();
            tellHook();
        }
        if (next.isOutdated(config)) {
            refreshDetector(); // B7
        }
        return true;
    }

    /** Gives a CLOSED generation that was made by another configuration the detector of the present one. */
    private void refreshDetector() {
        for (; ; ) {
            Generation generation = judged();
            BreakerConfig latest = config;
            if (!generation.isOutdated(latest) || succeed(generation, generation.redetecting(latest))) {
                return;
            }
            Thread.onSpinWait();
        }
    }

    private void tellHook() {
        Runnable told = hook;
        if (told != null) {
            try {
                told.run();
            } catch (Throwable e) {
                // The transition has happened, and its record can be read: the call that made it must not fail for
                // this.
            }
        }
    }

    /** The present configuration. */
    public BreakerConfig config() {
        return config;
    }

    /**
     * Changes the configuration while in use. Another failure detection begins at once, with nothing seen, if the breaker is CLOSED: that is no
     * transition, and the results of calls already admitted will be late. All else holds from the next transition on; how many
     * successes close it, at once: if there are so many by now, this closes it.
     *
     * @throws IllegalArgumentException if it changes when a call is slow, or whether there are metrics
     */
    public void configure(BreakerConfig other) {
        BreakerConfig before = config;
        if (other.detection().slowCallNanos() != before.detection().slowCallNanos()
                || other.metrics() != before.metrics()) {
            throw new IllegalArgumentException("config is " + other
                    + "; it must have the present one's metrics and duration of slow calls: " + before);
        }
        config = other;
        refreshDetector();
    }

    // By hand.

    /**
     * Closes it, with the detection beginning anew; metrics go on counting. Results of calls already admitted will be
     * late.
     */
    public void reset() {
        byHand(BreakerState.CLOSED, Reason.RESET);
    }

    /** Refuses every call until another transition by hand. */
    public void forceOpen() {
        byHand(BreakerState.FORCED_OPEN, Reason.BY_HAND);
    }

    /** Admits every call and records nothing, until another transition by hand. */
    public void disable() {
        byHand(BreakerState.DISABLED, Reason.BY_HAND);
    }

    /** Admits every call and only counts, until another transition by hand. */
    public void metricsOnly() {
        byHand(BreakerState.METRICS_ONLY, Reason.BY_HAND);
    }

    // Diagnostics.

    /**
     * The state, after judging trials that are due. An OPEN breaker is OPEN until a call comes, also when its time is
     * over.
     */
    public BreakerState state() {
        return judged().state;
    }

    /** The state as it is, judging nothing: for toString and debuggers. */
    public BreakerState stateNow() {
        return current().state;
    }

    /**
     * How long a refused caller should wait, in nanoseconds, never negative: when OPEN, what is left of it; when
     * HALF_OPEN, until the oldest trial times out, at most the recovery time (0 with a slot free); {@link
     * Long#MAX_VALUE}: not known, when FORCED_OPEN; 0 when calls are admitted.
     */
    public long retryAfterNanos() {
        Generation generation = judged();
        TrialSlots trials = generation.trials;
        if (trials != null) {
            return Math.min(trials.nanosUntilFree(clock.nanoTime()), config.recoveryNanos());
        }
        return switch (generation.state) {
            case OPEN -> Math.max(0, generation.openUntilNanos - clock.nanoTime());
            case FORCED_OPEN -> Long.MAX_VALUE;
            default -> 0;
        };
    }

    /** What it has counted, after judging trials that are due. */
    public BreakerMetrics metrics() {
        return new BreakerMetrics(counters, judged().transition);
    }

    /** The record of the last transition; before any, that of the breaker's making (number 0). Judges nothing. */
    public Transition latestTransition() {
        return current().transition;
    }

    /** The last transitions, at most 32, oldest first, after judging trials that are due. */
    public List<Transition> recentTransitions() {
        List<Transition> recent = new ArrayList<>(RECENT);
        Transition each = judged().transition;
        while (each != null && each.number() > 0 && recent.size() < RECENT) {
            recent.add(each);
            each = each.previous();
        }
        Collections.reverse(recent);
        return Collections.unmodifiableList(recent);
    }

    /** Gives the state; judges nothing. */
    @Override
    public String toString() {
        return "Breaker[" + latestTransition() + "]";
    }
}

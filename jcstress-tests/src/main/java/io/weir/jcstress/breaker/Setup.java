package io.weir.jcstress.breaker;

import io.weir.engine.breaker.Breaker;
import io.weir.engine.breaker.BreakerConfig;
import io.weir.engine.breaker.BreakerState;
import io.weir.engine.breaker.DetectorConfig;
import org.agrona.concurrent.NanoClock;

/**
 * Breakers in the states that the tests begin with: recovery 10 ns, trial timeout 10 ns, no metrics unless
 * said, a clock set by hand.
 */
final class Setup implements NanoClock {
    static final long RECOVERY = 10;
    static final long TRIAL_TIMEOUT = 10;

    private static final BreakerConfig ONE = config(1, 1);
    static final BreakerConfig TWO = config(2, 1);
    private static final BreakerConfig TWO_SLOTS = config(1, 2);

    private volatile long now;

    private static BreakerConfig config(int failures, int slots) {
        return BreakerConfig.builder()
                .detection(DetectorConfig.consecutive(failures))
                .halfOpenMaxCalls(slots)
                .recoveryNanos(RECOVERY)
                .trialTimeoutNanos(TRIAL_TIMEOUT)
                .metrics(false)
                .build();
    }

    /** CLOSED; opens at the second failure in a row. */
    Breaker closed() {
        return new Breaker(this, TWO);
    }

    Breaker closedWithMetrics() {
        return new Breaker(this, TWO.toBuilder().metrics(true).build());
    }

    /** OPEN, and due: the next call is the first trial. */
    Breaker due() {
        return due(ONE);
    }

    /** The same, with metrics. */
    Breaker dueWithMetrics() {
        return due(ONE.toBuilder().metrics(true).build());
    }

    /** The same, without metrics and with two slots. */
    Breaker dueWithTwoSlots() {
        return due(TWO_SLOTS);
    }

    private Breaker due(BreakerConfig config) {
        Breaker breaker = new Breaker(this, config);
        breaker.onFailure(breaker.tryAcquire(), -1);
        advance(RECOVERY);
        return breaker;
    }

    /** A permit whose call has begun. */
    static long begun(Breaker breaker) {
        long permit = breaker.tryAcquire();
        breaker.begin(permit);
        return permit;
    }

    static int isOpen(Breaker breaker) {
        return breaker.state() == BreakerState.OPEN ? 1 : 0;
    }

    static int transitions(Breaker breaker) {
        return (int) breaker.latestTransition().number();
    }

    /** For one thread: nobody else moves the clock. */
    void advance(long nanos) {
        long before = now;
        now = before + nanos;
    }

    @Override
    public long nanoTime() {
        return now;
    }
}

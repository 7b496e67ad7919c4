package io.weir.engine.permit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.weir.engine.bucket.Waiter;
import io.weir.engine.testing.ManualTime;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class AdaptivePermitsTest {
    private static final long SECOND = 1_000_000_000;
    private static final long RTT = 10_000_000;

    private final ManualTime time = new ManualTime(Long.MAX_VALUE - SECOND); // the clock wraps on the way
    private double answer = Double.NaN;
    private int asked;
    private String seen = "";

    /** Says what the test wants, and notes what it was shown. */
    private final LimitAlgorithm scripted = new LimitAlgorithm() {
        @Override
        public double next(double limit, LimitWindow window, double[] memory) {
            asked++;
            seen = window.toString();
            return answer;
        }

        @Override
        public int memorySize() {
            return 0;
        }
    };

    private AdaptivePermits permits(LimitAlgorithm algorithm) {
        return permits(algorithm, 1);
    }

    private AdaptivePermits permits(LimitAlgorithm algorithm, int minCalls) {
        return new AdaptivePermits(
                time,
                time,
                AdaptiveConfig.builder()
                        .algorithm(algorithm)
                        .maxWaiters(5)
                        .minCalls(minCalls)
                        .build());
    }

    /** A window with so many calls at once, all of which end well after 10 ms; and one more, when it is due. */
    private void window(AdaptivePermits permits, int calls) {
        long[] held = take(permits, calls);
        time.advance(RTT);
        for (long permit : held) {
            permits.onSuccess(permit);
        }
        time.advance(SECOND);
        permits.onSuccess(permits.tryAcquire());
    }

    private static long[] take(AdaptivePermits permits, int calls) {
        long[] held = new long[calls];
        for (int i = 0; i < calls; i++) {
            held[i] = permits.tryAcquire();
            assertThat(held[i] & 1).as("call %d of %d in %s", i, calls, permits).isZero();
        }
        return held;
    }

    private void windowThatAnswers(AdaptivePermits permits, double limit, int calls) {
        answer = limit;
        int before = asked;
        window(permits, calls);
        assertThat(asked).isEqualTo(before + 1);
    }

    // ---- the contract's numbers

    @Test
    void theDefaultsAreTheContracts() {
        AdaptiveConfig config = AdaptiveConfig.defaults();
        assertThat(config.algorithm()).isInstanceOf(GradientLimit.class);
        assertThat(config.initial()).isEqualTo(20);
        assertThat(config.min()).isEqualTo(1);
        assertThat(config.max()).isEqualTo(1_000);
        assertThat(config.maxWaiters()).isZero();
        assertThat(config.toBuilder().build()).hasToString(config.toString());
    }

    @Test
    void asManyAreGrantedAsTheInitialLimit() {
        AdaptivePermits permits = permits(scripted);
        take(permits, 20);
        assertThat(permits.tryAcquire()).isEqualTo(AdaptivePermits.REFUSED);
        assertThat(permits.inUse()).isEqualTo(20);
    }

    @Test
    void aPermitIsTheStartOfItsCallWhateverTheClockSays() {
        for (long now : new long[] {0, -1, -2, 1, Long.MIN_VALUE, Long.MAX_VALUE}) {
            AdaptivePermits permits = permits(scripted);
            long permit = permits.tryAcquire(now);
            assertThat(permit).isNotEqualTo(AdaptivePermits.REFUSED).isEqualTo(now & ~1);
            permits.onSuccess(permit, now);
            assertThat(permits.inUse()).isZero();
        }
    }

    // ---- windows

    @Test
    void aWindowTellsLatencyDropsAndTheMostInFlight() {
        AdaptivePermits permits = permits(scripted);
        long[] held = take(permits, 20);
        time.advance(RTT);
        for (int i = 0; i < 12; i++) {
            permits.onSuccess(held[i]);
        }
        time.advance(RTT);
        permits.onIgnored(held[12]);
        permits.onDropped(held[13]);
        permits.onDropped(held[14]);
        time.advance(SECOND - 2 * RTT);
        permits.onIgnored(held[15]); // closes nothing
        assertThat(asked).isZero();
        permits.onDropped(held[16]);
        assertThat(asked).isEqualTo(1);
        assertThat(seen) // an odd start, and latencies in units of 256 ns
                .isEqualTo(
                        "LimitWindow[12 samples, average 1.0000128E7 ns, least 10000001 ns, 3 drops, at most 20 in flight]");
    }

    @Test
    void aWindowIsNotClosedBeforeItHasEnoughCallsOrHasLastedLongEnough() {
        AdaptivePermits permits = permits(scripted, 10);
        window(permits, 8); // and 1 makes 9
        assertThat(asked).isZero();
        permits.onSuccess(permits.tryAcquire());
        assertThat(asked).isEqualTo(1);
        for (int i = 0; i < 100; i++) {
            permits.onSuccess(permits.tryAcquire());
        }
        assertThat(asked).isEqualTo(1);
    }

    // ---- A2, A3, A4

    @Test
    void theLimitStaysWithinItsBoundsWhateverTheAlgorithmSays() {
        AdaptivePermits permits = permits(scripted);
        for (double wanted : new double[] {
            5, Double.NaN, 0, -1, Double.NEGATIVE_INFINITY, 1e300, Double.POSITIVE_INFINITY, Double.MIN_VALUE, 700.9
        }) {
            int before = permits.limit();
            windowThatAnswers(permits, wanted, before);
            int expected = Double.isNaN(wanted) ? before : (int) Math.max(1, Math.min(1_000, wanted));
            assertThat(permits.limit()).as("wanted %s", wanted).isEqualTo(expected);
        }
    }

    @Test
    void theLimitDoesNotGrowWhileLessThanHalfOfItIsInUse() {
        AdaptivePermits permits = permits(scripted);
        windowThatAnswers(permits, 40, 9);
        assertThat(permits.limit()).isEqualTo(20);
    }

    @Test
    void itGrowsWhenHalfOfItIsInUseAndShrinksAlways() {
        AdaptivePermits permits = permits(scripted);
        windowThatAnswers(permits, 40, 10);
        assertThat(permits.limit()).isEqualTo(40);
        windowThatAnswers(permits, 30, 10);
        assertThat(permits.limit()).isEqualTo(30);
    }

    @Test
    void anAlgorithmThatThrowsCostsNobodyAPermitAndIsAskedAgain() {
        LimitAlgorithm throwing = new LimitAlgorithm() {
            @Override
            public double next(double limit, LimitWindow window, double[] memory) {
                asked++;
                throw new IllegalStateException("expected in this test's log");
            }

            @Override
            public int memorySize() {
                return 0;
            }
        };
        AdaptivePermits permits = permits(throwing);
        window(permits, 20);
        window(permits, 20);
        assertThat(asked).isEqualTo(2);
        assertThat(permits.inUse()).isZero();
        assertThat(permits.limit()).isEqualTo(20);
    }

    @Test
    void anAlgorithmThatCallsThePermitsFindsItsCallersPermitFree() {
        AdaptivePermits[] permits = new AdaptivePermits[1];
        LimitAlgorithm calling = new LimitAlgorithm() {
            @Override
            public double next(double limit, LimitWindow window, double[] memory) {
                asked++;
                permits[0].onSuccess(permits[0].tryAcquire()); // re-enters; it does not close what is being closed
                return permits[0].inUse() == 19 ? 33 : 1;
            }

            @Override
            public int memorySize() {
                return 0;
            }
        };
        permits[0] = permits(calling);
        long[] held = take(permits[0], 20);
        time.advance(SECOND);
        permits[0].onSuccess(held[0]);
        assertThat(asked).isEqualTo(1);
        assertThat(permits[0].limit()).isEqualTo(33);
    }

    // ---- clocks

    @Test
    void badLatenciesAndClockStepsAreHarmless() {
        for (LimitAlgorithm algorithm : new LimitAlgorithm[] {new GradientLimit(), new VegasLimit(), new AimdLimit()}) {
            AdaptivePermits permits = permits(algorithm);
            for (long step :
                    new long[] {0, -1, -SECOND, 3_600 * SECOND, -7_200 * SECOND, Long.MAX_VALUE, Long.MIN_VALUE}) {
                for (int i = 0; i < 40; i++) {
                    long permit = permits.tryAcquire();
                    time.set(time.nanoTime() + step);
                    permits.onSuccess(permit);
                    assertThat(permits.limit())
                            .as("%s, step %d", algorithm, step)
                            .isBetween(1, 1_000);
                }
            }
            int last = permits.limit();
            for (int i = 0; i < 100 && permits.limit() <= last; i++) {
                window(permits, permits.limit());
            }
            assertThat(permits.limit()).as("works on: %s", algorithm).isGreaterThan(last);
        }
    }

    // ---- waiting

    @Test
    void theWaitInLineIsNotPartOfTheLatency() {
        AdaptivePermits permits = permits(scripted);
        long[] held = take(permits, 20);
        QueuedWaiter waiter = new QueuedWaiter();
        assertThat(permits.acquire(waiter, Long.MAX_VALUE)).isEqualTo(AdaptivePermits.QUEUED);
        time.advance(SECOND / 2);
        permits.onIgnored(held[0]);
        assertThat(waiter.end).isEqualTo(Waiter.End.GRANTED);
        long permit = permits.begin();
        assertThat(permit).isEqualTo(time.nanoTime() & ~1);
        permits.onSuccess(permit);
        assertThat(permits.inUse()).isEqualTo(19);
    }

    @Test
    void anAcquireIsGrantedQueuedOrRefusedAndACancelledWaiterLeaves() {
        AdaptivePermits permits = permits(scripted);
        take(permits, 19);
        assertThat(permits.acquire(new QueuedWaiter(), Long.MAX_VALUE)).isEqualTo(time.nanoTime() & ~1);
        assertThat(permits.acquire(new QueuedWaiter(), 0)).isEqualTo(AdaptivePermits.REFUSED);
        QueuedWaiter waiter = new QueuedWaiter();
        assertThat(permits.acquire(waiter, Long.MAX_VALUE)).isEqualTo(AdaptivePermits.QUEUED);
        assertThat(permits.waiters()).isEqualTo(1);
        assertThat(permits.isClosed()).isFalse();
        assertThat(permits.cancel(waiter)).isTrue();
        assertThat(permits.cancel(waiter)).isFalse();
        assertThat(permits.waiters()).isZero();
    }

    @Test
    void asManyDropsAsSuccessesAreAWindowToo() {
        AdaptivePermits permits = permits(scripted);
        long[] held = take(permits, 2);
        permits.onSuccess(held[0]);
        time.advance(SECOND);
        answer = 7;
        permits.onDropped(held[1]);
        assertThat(permits.limit()).isEqualTo(7);
    }

    @Test
    void aRaisedLimitServesThoseInLine() {
        AdaptivePermits permits = permits(scripted);
        long[] held = take(permits, 20);
        QueuedWaiter first = new QueuedWaiter();
        QueuedWaiter second = new QueuedWaiter();
        permits.acquire(first, Long.MAX_VALUE);
        permits.acquire(second, Long.MAX_VALUE);
        answer = 40;
        time.advance(SECOND);
        permits.onSuccess(held[0]); // its permit for the first, the new limit for the second
        assertThat(first.end).isEqualTo(Waiter.End.GRANTED);
        assertThat(second.end).isEqualTo(Waiter.End.GRANTED);
        assertThat(permits.inUse()).isEqualTo(21);
    }

    @Test
    void afterCloseNobodyIsAdmittedAndPermitsComeBack() {
        AdaptivePermits permits = permits(scripted);
        long permit = permits.tryAcquire();
        permits.close();
        assertThatIllegalStateException().isThrownBy(permits::tryAcquire);
        answer = 10;
        time.advance(SECOND);
        permits.onSuccess(permit); // the window is due; nothing to resize
        assertThat(permits.inUse()).isZero();
        assertThat(permits.isClosed()).isTrue();
        assertThat(permits.toString()).contains("0 of 20 in use").contains("closed");
    }

    // ---- bad input

    @Test
    void whatIsNoPermitIsRefusedAndRecordsNothing() {
        AdaptivePermits permits = permits(scripted);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> permits.onSuccess(AdaptivePermits.REFUSED))
                .withMessageContaining("permit is 1");
        assertThatIllegalArgumentException().isThrownBy(() -> permits.onDropped(AdaptivePermits.QUEUED));
        assertThatIllegalStateException().isThrownBy(() -> permits.onIgnored(0));
        assertThat(permits.inUse()).isZero();
    }

    @Test
    void badConfigurationIsNamed() {
        for (String[] bad : new String[][] {
            {"initial", "initial is 0; it must be between 1 and 2147483647"},
            {"min", "min is -1; it must be between 1 and 2147483647"},
            {"bounds", "max is 5; it must be at least min, 6"},
            {"outside", "initial is 20; it must be between 1 and 19"},
            {"window", "windowNanos is 999; it must be between 1000 and 1099511627776"},
            {"calls", "minCalls is 32769; it must be between 1 and 32768"},
            {"waiters", "maxWaiters is -1; it must be between 0 and 2147483647"}
        }) {
            AdaptiveConfig.Builder builder = AdaptiveConfig.builder();
            assertThatIllegalArgumentException()
                    .as(Arrays.toString(bad))
                    .isThrownBy(() -> {
                        switch (bad[0]) {
                            case "initial" -> builder.initial(0);
                            case "min" -> builder.min(-1);
                            case "bounds" -> builder.min(6).max(5).initial(5).build();
                            case "outside" -> builder.max(19).build();
                            case "window" -> builder.windowNanos(999);
                            case "calls" -> builder.minCalls(32_769);
                            default -> builder.maxWaiters(-1);
                        }
                    })
                    .withMessage(bad[1]);
        }
    }
}

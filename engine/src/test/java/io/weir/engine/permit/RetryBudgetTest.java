package io.weir.engine.permit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import io.weir.engine.testing.AllocationMeter;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** R1, R2, R3 of {@link RetryBudget}, and its bound. */
class RetryBudgetTest {
    private static final long SECOND = 1_000_000_000L;
    private static final long TTL = 10 * SECOND;

    private long now = Long.MAX_VALUE - 3 * SECOND; // it wraps under way
    private RetryBudget budget = new RetryBudget(0.1, 0, TTL, now);

    private int withdrawAll() {
        int count = 0;
        while (budget.tryWithdraw(now)) {
            count++;
        }
        return count;
    }

    private void deposit(int calls) {
        for (int i = 0; i < calls; i++) {
            budget.deposit(now);
        }
    }

    @Test
    void tenCallsBuyOneRetryAndNineNone() {
        deposit(9);
        assertThat(withdrawAll()).isZero();
        deposit(1);
        assertThat(withdrawAll()).isEqualTo(1);
        deposit(1_000);
        assertThat(budget.balance(now)).isEqualTo(100.0);
        assertThat(withdrawAll()).isEqualTo(100);
    }

    @Test
    void aRatioIsTakenAsTheLargestFractionUpToIt() {
        for (double ratio : new double[] {0.01, 0.07, 0.1, 0.15, 0.2, 0.29, 1.0 / 3, 0.5, 0.999, 1, 1.5, 2.25, 10}) {
            budget = new RetryBudget(ratio, 0, TTL, now);
            deposit(10_000);
            double kept = Math.min(10_000 * ratio, 262_143.0 / 128);
            int got = withdrawAll();
            if (10_000 * ratio <= 2_047) {
                assertThat(got).as("ratio %s", ratio).isEqualTo((int) (10_000 * ratio + 1e-6));
            } else {
                assertThat(got).as("ratio %s", ratio).isBetween((int) kept, (int) (10_000 * ratio + 1e-6));
            }
        }
    }

    @Test
    void aDepositLivesHalfTheTtlAtLeastAndAllOfItAtMost() {
        for (long first : new long[] {0, 1, TTL / 4, TTL / 2 - 1}) {
            for (long later : new long[] {0, TTL / 2, TTL - 1 - first, TTL - first, TTL, 1L << 61}) {
                long start = now;
                budget = new RetryBudget(0.1, 0, TTL, start);
                now = start + first;
                deposit(10);
                now += later;
                int expected = first + later < TTL ? 1 : 0; // of the first half: gone when the second one is over
                assertThat(withdrawAll()).as("%d ns on, after %d", later, first).isEqualTo(expected);
                assertThat(later < TTL / 2 ? 1 : expected)
                        .as("half the ttl at least")
                        .isEqualTo(expected);
            }
        }
    }

    @Test
    void theOldestDepositIsSpentFirst() {
        deposit(10);
        now += TTL / 2;
        deposit(10);
        assertThat(budget.tryWithdraw(now)).isTrue();
        now += TTL / 2;
        assertThat(withdrawAll()).as("the younger one is left").isEqualTo(1);
    }

    @Test
    void theMinimumComesWithTimeAndIsKeptForTheTtl() {
        budget = new RetryBudget(0.1, 2, TTL, now);
        assertThat(budget.balance(now)).isCloseTo(20.0, within(1e-9));
        assertThat(withdrawAll()).as("it begins full").isEqualTo(20);
        now += SECOND / 2 - 1;
        assertThat(withdrawAll()).isZero();
        now += 1;
        assertThat(withdrawAll()).isEqualTo(1);
        now += 1_000 * SECOND;
        assertThat(withdrawAll()).isEqualTo(20);
        deposit(20);
        assertThat(withdrawAll()).as("deposits come on top").isEqualTo(2);
    }

    @Test
    void aSmallMinimumKeepsOneToken() {
        budget = new RetryBudget(0, 0.001, TTL, now);
        deposit(1_000);
        assertThat(withdrawAll()).isEqualTo(1);
        now += 999 * SECOND;
        assertThat(withdrawAll()).isZero();
        now += 5_000 * SECOND;
        assertThat(withdrawAll()).isEqualTo(1);
    }

    @Test
    void aClockThatStepsBackGrantsNothingTwice() {
        budget = new RetryBudget(0.1, 2, TTL, now);
        deposit(10);
        assertThat(withdrawAll()).isEqualTo(21);
        now -= 1_000 * SECOND;
        assertThat(withdrawAll()).isZero();
        deposit(10);
        assertThat(withdrawAll()).isEqualTo(1);
        now += 1_000 * SECOND;
        assertThat(withdrawAll()).isZero();
    }

    @Test
    void idlingForYearsLeavesNothingOld() {
        for (long days : new long[] {1, 30, 365, 3_650, 36_500}) {
            deposit(1_000);
            now += days * 86_400 * SECOND;
            assertThat(withdrawAll()).as("%d days", days).isZero();
        }
    }

    @Test
    void theBoundHoldsWhateverComes() {
        long seed = Long.getLong("weir.seed", System.nanoTime());
        SplittableRandom random = new SplittableRandom(seed);
        for (int round = 0; round < 200; round++) {
            double ratio = (1 + random.nextInt(30)) / 10.0;
            int min = random.nextInt(5);
            long start = random.nextLong();
            budget = new RetryBudget(ratio, min, TTL, start);
            int size = 100;
            long[] at = new long[size];
            int[] calls = new int[size];
            int[] retries = new int[size];
            now = start;
            for (int i = 0; i < size; i++) {
                at[i] = now - start;
                calls[i] = random.nextInt(3);
                deposit(calls[i]);
                for (int j = random.nextInt(6); j > 0; j--) {
                    retries[i] += budget.tryWithdraw(now) ? 1 : 0;
                }
                now += random.nextInt(5) == 0 ? random.nextLong(TTL) : random.nextLong(SECOND / 2);
            }
            for (int from = 0; from < size; from++) {
                long got = 0;
                for (int to = from; to < size; to++) {
                    got += retries[to];
                    long of = 0;
                    for (int i = 0; i <= to; i++) {
                        of += at[i] > at[from] - TTL ? calls[i] : 0;
                    }
                    double bound = ratio * of + min * (at[to] - at[from] + TTL) / 1e9;
                    assertThat((double) got)
                            .as("seed %d, round %d, from %d to %d", seed, round, from, to)
                            .isLessThanOrEqualTo(bound + 1e-6);
                }
            }
        }
    }

    @Test
    void aFullBudgetIsOnlyRead() {
        deposit(1_000_000);
        double full = budget.balance(now);
        deposit(1_000);
        assertThat(budget.balance(now)).isEqualTo(full).isEqualTo(26_214.3);
    }

    @Test
    void threadsSpendNothingTwiceAndLoseNothing() throws InterruptedException {
        deposit(20_000);
        AtomicInteger got = new AtomicInteger();
        Thread[] all = new Thread[4];
        for (int t = 0; t < all.length; t++) {
            all[t] = new Thread(() -> {
                for (int i = 0; i < 10_000; i++) {
                    budget.deposit(now);
                    if (budget.tryWithdraw(now)) {
                        got.incrementAndGet();
                    }
                }
            });
            all[t].start();
        }
        for (Thread each : all) {
            each.join();
        }
        assertThat(got.get() + withdrawAll()).isEqualTo(6_000);
    }

    @Test
    void itAllocatesNothing() {
        budget = new RetryBudget(0.1, 100, TTL, now);
        assertThat(AllocationMeter.leastBytes(100_000, () -> {
                    now += 100_000;
                    budget.deposit(now);
                    budget.tryWithdraw(now);
                }))
                .isLessThan(1_000);
    }

    @Test
    void badValuesAreNamedWithWhatIsAllowed() {
        bad(0.001, 1, TTL, "ratio must be 0.0, or from 0.01 to 10.0, but was 0.001");
        bad(Double.NaN, 1, TTL, "ratio");
        bad(-1, 1, TTL, "ratio");
        bad(0.1, -1, TTL, "minPerSecond must be 0.0, or from 0.001 to 1000000.0, but was -1.0");
        bad(0.1, Double.POSITIVE_INFINITY, TTL, "minPerSecond");
        bad(0.1, 1, SECOND - 1, "ttlNanos must be from 1000000000 to 60000000000, but was 999999999");
        bad(0.1, 1, 61 * SECOND, "ttlNanos");
    }

    private static void bad(double ratio, double min, long ttl, String message) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new RetryBudget(ratio, min, ttl, 0))
                .withMessageContaining(message);
    }
}

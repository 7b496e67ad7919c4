package io.weir.engine.bucket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.weir.engine.testing.ManualTime;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** The whole bucket at generated rates, from one a day to 10^9 a second, and capacities, to 10^12. {@code -Dweir.seed=n} replays one. */
class TokenBucketRangesTest {
    private static final int CASES = 400;
    private static final double S = 1e9;

    private interface Property {
        void check(SplittableRandom random, BucketConfig config);
    }

    private static void forAll(Property property) {
        Long given = Long.getLong("weir.seed");
        for (long seed = given == null ? 1 : given; seed <= (given == null ? CASES : given); seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            BucketConfig config = config(random);
            try {
                property.check(random, config);
            } catch (Throwable e) {
                throw new AssertionError("seed " + seed + ", " + config + ": " + e.getMessage(), e);
            }
        }
    }

    private static BucketConfig config(SplittableRandom random) {
        while (true) {
            double rate = Math.pow(10, random.nextDouble(-Math.log10(86_400), 9));
            double max = Math.max(1, Math.pow(10, random.nextDouble(0, 12)));
            try {
                return random.nextBoolean()
                        ? BucketConfig.builder().rate(rate).maxTokens(max).build()
                        : BucketConfig.builder()
                                .rate(Math.ceil(rate))
                                .maxTokens(Math.ceil(max))
                                .build();
            } catch (IllegalArgumentException tooLong) {
                // takes more than 70 years to fill: another one
            }
        }
    }

    /** Somewhere, often just before the clock wraps. */
    private static ManualTime clock(SplittableRandom random) {
        return new ManualTime(random.nextBoolean() ? Long.MAX_VALUE - random.nextLong(1L << 40) : random.nextLong());
    }

    private static TokenBucket bucket(ManualTime time, BucketConfig config, double initial) {
        return new TokenBucket(
                time, time, config.toBuilder().initialTokens(initial).build());
    }

    /** Without leases: what these keep for their threads isn't all found at once. */
    private static TokenBucket exact(ManualTime time, BucketConfig config, double initial) {
        return new TokenBucket(
                time, time, config.toBuilder().initialTokens(initial).build(), Leases.NONE);
    }

    @Test
    void theLongRunRateIsExactToAMillionthThroughEveryRenewal() {
        int[] renewals = {0};
        forAll((random, config) -> {
            ManualTime time = clock(random);
            TokenBucket bucket = bucket(time, config, 0);
            double perNano = config.rate() / S;
            double fill = config.maxTokens() / perNano;
            double age = bucket.cell().freshNanos;
            double elapsed = 0;
            double granted = 0;
            for (int i = 0; i < 60; i++) {
                Cell before = bucket.cell();
                long nanos = (long) Math.max(1, Math.min(0.9 * fill, 1.5 * age) * random.nextDouble());
                time.advance(nanos);
                elapsed += nanos;
                double tokens = Math.min(config.maxTokens(), bucket.availableTokens()) * random.nextDouble(0.98, 1);
                if (tokens > 0 && bucket.tryAcquire(tokens)) {
                    granted += tokens;
                }
                renewals[0] += bucket.cell() == before ? 0 : 1;
            }
            double due = elapsed * perNano;
            double got = granted + bucket.availableTokens();
            assertThat(Math.abs(got - due)).isLessThanOrEqualTo(1e-6 * Math.max(due, 60));
        });
        assertThat(renewals[0]).isGreaterThan(CASES);
    }

    @Test
    void anIdleBucketIsFullAndNoMoreWhateverItsRateAndHoweverLong() {
        forAll((random, config) -> {
            double fill = config.maxTokens() / config.rate() * S;
            for (int i = 0; i < 10; i++) {
                ManualTime time = clock(random);
                TokenBucket bucket = exact(time, config, random.nextBoolean() ? 0 : config.maxTokens());
                if (random.nextBoolean()) {
                    bucket.tryAcquire(config.maxTokens() * random.nextDouble());
                }
                long idle = (long) Math.min(Math.max(fill * 1.0000001 + 2, Math.pow(2, random.nextDouble(63))), 9.2e18);
                time.set(time.nanoTime() + idle);
                assertThat(bucket.availableTokens())
                        .as("after %d", idle)
                        .isCloseTo(
                                config.maxTokens(), within(bucket.cell().ticks.tokens(1)));
                assertThat(bucket.tryAcquire(config.maxTokens())).isTrue();
                assertThat(bucket.tryAcquire(config.maxTokens() * 1e-5)).isFalse();
            }
        });
    }

    @Test
    void debtIsPaidInTheTimeThatWasToldHoweverOftenTheCellIsRenewed() {
        forAll((random, config) -> {
            ManualTime time = clock(random);
            TokenBucket bucket = bucket(time, config, 0);
            double tokens = config.maxTokens() * random.nextDouble(0.01, 1);
            BucketReservation reservation = bucket.reserve(tokens, Long.MAX_VALUE);
            assertThat(reservation).isNotNull();
            long wait = reservation.waitNanos();
            assertThat((double) wait)
                    .isBetween(tokens / config.rate() * S * (1 - 1e-6), tokens / config.rate() * S * (1 + 1e-6) + 2);
            double next = Math.min(config.maxTokens(), config.rate());
            for (int i = 0; i < 20 && reservation.waitNanos() > 1; i++) {
                time.advance((long) (reservation.waitNanos() * random.nextDouble()));
                assertThat(bucket.tryAcquire(next)).isFalse();
            }
            time.advance(reservation.waitNanos());
            long rest = bucket.estimatedWaitNanos(next);
            assertThat((double) rest).isCloseTo(next / config.rate() * S, within(3 + 1e-6 * wait));
        });
    }

    @Test
    void aClockThatStandsAndStepsBackNeverBreaksTheBound() {
        forAll((random, config) -> {
            ManualTime time = clock(random);
            TokenBucket bucket = exact(time, config, config.maxTokens());
            double fill = config.maxTokens() / config.rate() * S;
            long start = time.nanoTime();
            long furthest = 0;
            double granted = 0;
            for (int i = 0; i < 200; i++) {
                long now = time.nanoTime() - start;
                switch (random.nextInt(4)) {
                    case 0 -> time.set(start + now + (long) (fill * random.nextDouble(0.2)));
                    case 1 -> time.set(start + now - (long) (fill * random.nextDouble(0.2)));
                    default -> {
                        double tokens = config.maxTokens() * random.nextDouble(0.3);
                        granted += bucket.tryAcquire(tokens) ? tokens : 0;
                    }
                }
                furthest = Math.max(furthest, time.nanoTime() - start);
                double allowed = config.maxTokens() + furthest / S * config.rate();
                assertThat(granted).isLessThanOrEqualTo(allowed * (1 + 1e-9) + 1e-6);
            }
            time.set(start + furthest);
            time.advance((long) (fill * 1.000001) + 1);
            assertThat(bucket.tryAcquire(config.maxTokens())).as("it recovers").isTrue();
        });
    }
}

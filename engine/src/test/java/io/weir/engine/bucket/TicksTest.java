package io.weir.engine.bucket;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** The arithmetic against BigDecimal, for rates from one in 70 years to 10^12 a second. Seeded; a failure names its configuration. */
class TicksTest {
    private static final int CONFIGS = 4_000;

    private static BucketConfig random(SplittableRandom random) {
        while (true) {
            double rate = Math.pow(10, random.nextDouble(-3, 9.1));
            double max = Math.pow(10, random.nextDouble(-4, 12));
            if (random.nextBoolean()) {
                rate = Math.ceil(rate);
                max = Math.ceil(max);
            }
            long period = random.nextInt(3) == 0 ? random.nextLong(1, 1L << 50) : 1_000_000_000L;
            try {
                return BucketConfig.builder()
                        .rate(rate)
                        .periodNanos(period)
                        .maxTokens(max)
                        .build();
            } catch (IllegalArgumentException tooLong) {
                // another one
            }
        }
    }

    private static BigDecimal exactTicks(Ticks ticks, BucketConfig config, long nanos) {
        return new BigDecimal(config.rate())
                .multiply(new BigDecimal(BigInteger.ONE.shiftLeft(ticks.bits)))
                .multiply(BigDecimal.valueOf(nanos))
                .divide(BigDecimal.valueOf(config.periodNanos()), 30, RoundingMode.HALF_EVEN);
    }

    private static long age(SplittableRandom random, Ticks ticks) {
        return random.nextInt(4) == 0
                ? ticks.freshNanos - 1
                : (long) (ticks.freshNanos * Math.pow(random.nextDouble(), 8));
    }

    @Test
    void aTokenIsAMillionTicksOrMoreAndEveryAmountFitsItsEighthOfTheHorizon() {
        SplittableRandom random = new SplittableRandom(1);
        for (int i = 0; i < CONFIGS; i++) {
            BucketConfig config = random(random);
            Ticks ticks = Ticks.of(config, 0);
            assertThat(ticks.perToken).as("%s", config).isGreaterThanOrEqualTo(1e6);
            assertThat(ticks.burst).as("%s", config).isBetween(1L, Ticks.EIGHTH);
            assertThat(ticks.ticksAt(ticks.freshNanos))
                    .as("%s", config)
                    .isBetween(0L, Ticks.EIGHTH + Ticks.EIGHTH / 64);
            assertThat(ticks.freshNanos).as("%s", config).isGreaterThanOrEqualTo(1L << 30);
        }
    }

    @Test
    void ticksAreAsFineAsCapacityAndRateAllow() {
        BucketConfig config = BucketConfig.builder().rate(1).maxTokens(1 << 20).build();
        assertThat(Ticks.of(config, 0).bits).isEqualTo(40);
        assertThat(Ticks.of(config, (1 << 20) + 1).bits).isEqualTo(39);
        BucketConfig.Builder builder = BucketConfig.builder().rate(1).maxTokens(1);
        assertThat(Ticks.of(builder.periodNanos(1 << 20).build(), 0).bits).isEqualTo(40);
        assertThat(Ticks.of(builder.periodNanos((1 << 20) - 1).build(), 0).bits).isEqualTo(39);
    }

    @Test
    void aSumOfTheLineIsAnAmountAndAtMostAnEighthOfTheHorizon() {
        Cell cell = Cell.first(BucketConfig.builder().rate(1).maxTokens(4).build(), 0);
        assertThat(cell.amountOf(0)).isZero();
        assertThat(cell.amountOf(3L << Ticks.MIN_BITS)).isEqualTo(cell.cost(3));
        assertThat(cell.amountOf(Long.MAX_VALUE)).isEqualTo(2 * Ticks.EIGHTH);
    }

    @Test
    void aCellTellsItsWordAndWhetherItIsFrozen() {
        BucketConfig config =
                BucketConfig.builder().rate(1).maxTokens(4).initialTokens(0).build();
        Cell cell = Cell.first(config, 7);
        cell.move(0, cell.cost(1));
        String word = "Cell[tat=" + cell.ticks.cost(1);
        assertThat(cell.toString()).isEqualTo(word + ", stamp=7]");
        cell.freeze(Cell.Plan.same(config, 0));
        assertThat(cell.toString()).isEqualTo(word + ", frozen, stamp=7]");
    }

    @Test
    void timeBecomesTicksRoundedDownWithinAQuarterTick() {
        SplittableRandom random = new SplittableRandom(2);
        for (int i = 0; i < CONFIGS; i++) {
            BucketConfig config = random(random);
            Ticks ticks = Ticks.of(config, 0);
            Cell cell = Cell.first(config, 0);
            for (int k = 0; k < 5; k++) {
                long nanos = age(random, ticks);
                long got = ticks.ticksAt(nanos);
                BigDecimal exact = exactTicks(ticks, config, nanos);
                assertThat(BigDecimal.valueOf(got))
                        .as("%s at %d", config, nanos)
                        .isLessThanOrEqualTo(exact.add(new BigDecimal("0.25")))
                        .isGreaterThan(exact.subtract(BigDecimal.ONE));
                assertThat(cell.at(nanos))
                        .as("hot path, %s at %d", config, nanos)
                        .isEqualTo(2 * got);
            }
        }
    }

    @Test
    void nanosAtIsTheFirstNanosecondAtWhichTheTicksAreThere() {
        SplittableRandom random = new SplittableRandom(3);
        for (int i = 0; i < CONFIGS; i++) {
            BucketConfig config = random(random);
            Ticks ticks = Ticks.of(config, 0);
            for (int k = 0; k < 5; k++) {
                long want = 1 + (long) (Ticks.EIGHTH * Math.pow(random.nextDouble(), 10));
                long nanos = ticks.nanosAt(want);
                if (nanos == Long.MAX_VALUE) {
                    assertThat(exactTicks(ticks, config, 1L << 61)).isLessThan(BigDecimal.valueOf(want));
                    continue;
                }
                assertThat(ticks.ticksAt(nanos)).as("%s for %d", config, want).isGreaterThanOrEqualTo(want);
                BigDecimal late = exactTicks(ticks, config, nanos - 1).subtract(BigDecimal.valueOf(want));
                assertThat(late)
                        .as("rounded up by a nanosecond, %s for %d", config, want)
                        .isLessThanOrEqualTo(exactTicks(ticks, config, 1).max(BigDecimal.ONE));
            }
            assertThat(ticks.nanosAt(0)).isZero();
            assertThat(ticks.nanosAt(-5)).isZero();
        }
    }

    @Test
    void costsAreRoundedUpAndLevelsDownAndWholeTokensAreExact() {
        SplittableRandom random = new SplittableRandom(4);
        for (int i = 0; i < CONFIGS; i++) {
            BucketConfig config = random(random);
            Ticks ticks = Ticks.of(config, 0);
            double tokens = config.maxTokens() * Math.pow(random.nextDouble(), 6);
            BigDecimal exact = new BigDecimal(tokens).multiply(new BigDecimal(1L << ticks.bits));
            assertThat(BigDecimal.valueOf(ticks.cost(tokens))).isEqualTo(exact.setScale(0, RoundingMode.CEILING));
            assertThat(BigDecimal.valueOf(ticks.level(tokens))).isEqualTo(exact.setScale(0, RoundingMode.FLOOR));
            double whole = Math.ceil(tokens);
            assertThat(ticks.cost(whole)).isEqualTo((long) whole << ticks.bits);
            assertThat(ticks.cost(Double.MIN_VALUE)).isEqualTo(1);
        }
    }

    @Test
    void theLongRunRateIsExactToAMillionth() {
        SplittableRandom random = new SplittableRandom(5);
        for (int i = 0; i < CONFIGS; i++) {
            BucketConfig config = random(random);
            Ticks ticks = Ticks.of(config, 0);
            long nanos = ticks.freshNanos - 1;
            double got = ticks.tokens(ticks.ticksAt(nanos));
            double due = config.rate() * nanos / config.periodNanos();
            assertThat(Math.abs(got - due)).as("%s", config).isLessThanOrEqualTo(1e-6 * Math.max(1, due));
        }
    }

    @Test
    void whatASuccessorCarriesIsTheContractsLevelRoundedDown() {
        SplittableRandom random = new SplittableRandom(6);
        for (int i = 0; i < CONFIGS; i++) {
            BucketConfig from = random(random);
            BucketConfig to = random(random);
            Cell cell = Cell.first(
                    from.toBuilder()
                            .initialTokens(from.maxTokens() * random.nextDouble())
                            .build(),
                    7);
            if (random.nextBoolean()) { // into debt
                long word = cell.word();
                cell.move(word, word + 2 * (long) (Ticks.EIGHTH * Math.pow(random.nextDouble(), 6)));
            }
            double before = cell.tokens(cell.level(cell.word(), 7));
            cell.freeze(new Cell.Plan(to, BucketUpdate.none(), false));
            Cell next = cell.successor(7);
            double after = next.tokens(next.level(next.word(), 7));
            double scale =
                    to.compareRate(from) < 0 ? (to.rate() / to.periodNanos()) / (from.rate() / from.periodNanos()) : 1;
            double expected = Math.min(to.maxTokens(), before * scale);
            assertThat(after)
                    .as("%s to %s, %s", from, to, before)
                    .isLessThanOrEqualTo(expected + 1e-12 * Math.abs(expected))
                    .isGreaterThanOrEqualTo(expected - 1e-6 - 1e-12 * Math.abs(expected));
        }
    }
}

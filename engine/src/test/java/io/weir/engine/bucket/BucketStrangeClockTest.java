package io.weir.engine.bucket;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.engine.testing.ManualTime;
import io.weir.engine.testing.StrangeClock;
import java.util.SplittableRandom;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Under any clock a bucket grants at most maxTokens + rate · t, t being the furthest that the clock has come, and is full again when the clock has
 * gone on from there. {@code -Dweir.clock.base=…} gives other seeds.
 */
class BucketStrangeClockTest {
    private static final long BASE = Long.getLong("weir.clock.base", 20260101);
    private static final int SCHEDULES = Integer.getInteger("weir.clock.schedules", 200);
    private static final int CALLS = 2_000;
    private static final BucketConfig TEN_A_SECOND = tenASecond(40);

    private final ManualTime noTimer = new ManualTime(0);

    private static BucketConfig tenASecond(double maxTokens) {
        return BucketConfig.builder().rate(10).maxTokens(maxTokens).build();
    }

    private interface Source {
        boolean tryAcquire(double tokens);
    }

    @Test
    void aBucketKeepsItsBound() {
        check(40, 40, clock -> new TokenBucket(clock, noTimer, TEN_A_SECOND)::tryAcquire);
    }

    @Test
    void aStripedBucketKeepsItsBound() {
        // What its stripes can hold, 32, isn't there at once after idling; in buckets as they are made that is a tenth
        // at most.
        check(400, 360, clock -> new TokenBucket(clock, noTimer, tenASecond(400), new Leases(4, 8))::tryAcquire);
    }

    /** One key among fifty in four slots: it comes and goes, is reclaimed when idle, and refused while there is no room. */
    @ParameterizedTest
    @ValueSource(ints = {4, 1_000})
    void aKeyKeepsItsBoundAmongOthers(int slots) {
        check(40, 40, clock -> {
            KeyedBuckets buckets = new KeyedBuckets(
                    clock, noTimer, TEN_A_SECOND, slots, 8, KeyOverflow.REFUSE, KeyHash.withSecret(1, 2));
            long[] other = {0};
            return tokens -> {
                buckets.tryAcquire(100 + other[0]++ % 50, tokens);
                return buckets.tryAcquire(7, tokens);
            };
        });
    }

    /**
     * By readings there is no bound across a change while the clock is behind: what it had granted by then looks like debt, which a change carries over in
     * time or in tokens, and readings that come again pay again. By the time that passes, steps back left out, it holds all the same: beside this bucket
     * one whose clock stands still instead of stepping back would have granted as much.
     */
    @Test
    void aBucketThatIsReconfiguredGrantsNoMoreThanIfTheClockHadStoodStill() {
        for (int i = 0; i < SCHEDULES; i++) {
            long seed = BASE + i;
            SplittableRandom random = new SplittableRandom(seed);
            StrangeClock clock = new StrangeClock(random);
            TokenBucket bucket = new TokenBucket(clock, noTimer, TEN_A_SECOND);
            double rate = 10;
            double max = 40;
            double inHand = max;
            for (int call = 0; call < CALLS; call++) {
                long before = clock.nanoTime();
                clock.move();
                inHand = Math.min(max, inHand + rate * 1e-9 * Math.max(0, clock.nanoTime() - before));
                if (random.nextInt(20) == 0) {
                    double to = 1 + random.nextInt(40);
                    max = 4 + random.nextInt(40);
                    bucket.update(BucketUpdate.none().rate(to).maxTokens(max));
                    inHand = Math.min(max, inHand * Math.min(1, to / rate));
                    rate = to;
                }
                double tokens = 0.5 * (1 + random.nextInt(8));
                inHand -= bucket.tryAcquire(tokens) ? tokens : 0;
                assertThat(inHand).as("seed %d, call %d", seed, call).isGreaterThan(-1e-3);
            }
        }
    }

    /** What the paragraph above says of readings, in the smallest form. */
    @Test
    void aFallAndARiseOfTheRateForgetWhatAClockThatIsBehindMakesDebtOf() {
        ManualTime time = new ManualTime(0);
        TokenBucket bucket = new TokenBucket(
                time, time, BucketConfig.builder().rate(32).maxTokens(8).build());
        assertThat(bucket.tryAcquire(8)).isTrue();
        time.set(StrangeClock.SECOND / 4);
        assertThat(bucket.tryAcquire(8)).isTrue();
        time.set(0); // as if 8 were owed until a quarter of a second
        bucket.update(BucketUpdate.none().rate(1)); // so 1/4 is
        bucket.update(BucketUpdate.none().rate(32)); // and is paid after a 128th
        time.set(StrangeClock.SECOND / 4);
        assertThat(bucket.availableTokens()).isEqualTo(7.75);
    }

    private static void check(double maxTokens, double atOnce, Function<StrangeClock, Source> make) {
        for (int i = 0; i < SCHEDULES; i++) {
            long seed = BASE + i;
            SplittableRandom random = new SplittableRandom(seed);
            StrangeClock clock = new StrangeClock(random);
            Source source = make.apply(clock);
            double granted = 0;
            for (int call = 0; call < CALLS; call++) {
                clock.move();
                double tokens = 0.5 * (1 + random.nextInt(8));
                granted += source.tryAcquire(tokens) ? tokens : 0;
                assertThat(granted)
                        .as("seed %d, call %d", seed, call)
                        .isLessThanOrEqualTo(maxTokens + 10e-9 * clock.furthest() + 1e-3);
            }
            clock.beyond(StrangeClock.HOUR);
            double inHand = takeAll(source);
            assertThat(inHand).as("seed %d: full again", seed).isBetween(atOnce, maxTokens);
        }
    }

    private static double takeAll(Source source) {
        double taken = 0;
        int refused = 0;
        while (refused < 20) { // a stripe's refusal may be spurious
            if (source.tryAcquire(0.5)) {
                taken += 0.5;
            } else {
                refused++;
            }
        }
        return taken;
    }
}

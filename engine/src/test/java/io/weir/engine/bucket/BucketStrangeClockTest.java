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

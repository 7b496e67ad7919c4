package io.weir.engine.bucket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weir.engine.testing.ManualTime;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** K6 to K8 of {@link KeyedBuckets}: one caller is stopped wherever it reads the clock, and another's whole call comes in between. */
class KeyedBucketsStoppedTest {
    private static final long KEY = 7;
    private static final int MOST_READINGS = 40;
    private static final double MAX_TOKENS = 8;

    private final ManualTime time = new ManualTime(Long.MAX_VALUE - 50_000);
    private final StoppedClock clock = new StoppedClock(time);

    private KeyedBuckets buckets(int slots, KeyOverflow policy) {
        // A token in 1,024 ns, so that levels are exact.
        BucketConfig config = BucketConfig.builder()
                .rate(1)
                .periodNanos(1_024)
                .maxTokens(MAX_TOKENS)
                .build();
        return new KeyedBuckets(clock, time, config, slots, 4, policy, KeyHash.withSecret(1, 2));
    }

    /** Runs it at the n-th reading of the clock from now on. */
    private void at(int n, Runnable action) {
        clock.whileStopped(n == 1 ? action : () -> at(n - 1, action));
    }

    /** What is done with the key; it tells what that took from it. */
    private interface Call {
        double on(KeyedBuckets buckets);
    }

    private static Call taking(double tokens) {
        return buckets -> buckets.tryAcquire(KEY, tokens) ? tokens : 0;
    }

    private static Call reading(Call call) {
        return buckets -> {
            call.on(buckets);
            return 0;
        };
    }

    private static Map<String, Call> calls() {
        Map<String, Call> calls = new LinkedHashMap<>();
        calls.put("take", taking(1));
        calls.put("take and tell the wait", buckets -> buckets.tryAcquireNanos(KEY, 1.25) == 0 ? 1.25 : 0);
        calls.put("acquire", buckets -> buckets.acquire(KEY, new TestWaiter(0.5), 0) == 0 ? 0.5 : 0);
        calls.put("reserve", buckets -> buckets.reserve(KEY, 0.75, 0) != null ? 0.75 : 0);
        calls.put("to an object", buckets -> {
            buckets.update(KEY, BucketUpdate.none());
            return 0;
        });
        calls.put("to a slot", buckets -> {
            buckets.remove(KEY);
            return 0;
        });
        calls.put("read the level", reading(buckets -> buckets.availableTokens(KEY)));
        calls.put("read the wait", reading(buckets -> buckets.estimatedWaitNanos(KEY, 8)));
        calls.put(
                "read the configuration", reading(buckets -> buckets.config(KEY).rate() + buckets.waiters(KEY)));
        return calls;
    }

    private static Map<String, Call> starts() {
        Map<String, Call> starts = new LinkedHashMap<>();
        starts.put("new", buckets -> 0);
        starts.put("in a slot", taking(1));
        starts.put("in an object", buckets -> {
            buckets.update(KEY, BucketUpdate.none());
            return taking(1).on(buckets);
        });
        return starts;
    }

    @Test
    void whoeverIsStoppedAndWhoeverComesByTheKeyIsInOnePlaceWithTheLevelItHas() {
        starts().forEach((start, begin) -> calls().forEach((first, stopped) -> calls().forEach((second, other) -> {
            int n = 1;
            while (n <= MOST_READINGS
                    && isWholeWhenStopped(
                            start + ": " + first + ", stopped at reading " + n + " by " + second,
                            begin,
                            stopped,
                            n,
                            other)) {
                n++;
            }
            assertThat(n).isBetween(1, MOST_READINGS);
        })));
    }

    /** False if there were not so many readings. */
    private boolean isWholeWhenStopped(String what, Call begin, Call stopped, int n, Call other) {
        KeyedBuckets buckets = buckets(12, KeyOverflow.SHARE);
        double[] taken = {begin.on(buckets)};
        boolean[] met = {false};
        at(n, () -> {
            met[0] = true;
            taken[0] += other.on(buckets);
        });
        double own = stopped.on(buckets);
        taken[0] += own;
        clock.whileStopped(() -> {});
        double left = MAX_TOKENS - taken[0];
        assertThat(buckets.availableTokens(KEY)).as(what).isEqualTo(left);
        buckets.remove(KEY);
        assertThat(buckets.objects()).as(what).isZero();
        assertThat(buckets.availableTokens(KEY)).as(what).isEqualTo(left);
        assertThat(buckets.size()).as(what).isEqualTo(taken[0] == 0 ? 0 : 1);
        assertThat(buckets.overflowed()).as(what).isZero();
        return met[0];
    }

    @Test
    void whereverItIsStoppedNobodyIsGrantedMoreThanThereIs() {
        starts().forEach((start, begin) -> {
            for (int n = 1; n <= MOST_READINGS; n++) {
                for (Call first : List.of(taking(6), calls().get("to an object"), calls().get("to a slot"))) {
                    KeyedBuckets buckets = buckets(12, KeyOverflow.SHARE);
                    double[] taken = {begin.on(buckets)};
                    at(n, () -> taken[0] += taking(6).on(buckets));
                    double own = first.on(buckets);
                    clock.whileStopped(() -> {});
                    taken[0] += own + taking(6).on(buckets);
                    assertThat(taken[0]).as("%s, %d", start, n).isBetween(6.0, MAX_TOKENS);
                }
            }
        });
    }

    @Test
    void aFullKeyIsTakenOutOnceHoweverManyAreAtIt() {
        for (int n = 1; n <= MOST_READINGS; n++) {
            KeyedBuckets buckets = buckets(12, KeyOverflow.REFUSE);
            buckets.update(KEY, BucketUpdate.none());
            at(n, () -> buckets.remove(KEY));
            buckets.remove(KEY);
            clock.whileStopped(() -> {});
            assertThat(buckets.objects()).as("stopped at reading %d", n).isZero();
            assertThat(buckets.size()).as("stopped at reading %d", n).isZero();
        }
    }

    @Test
    void whoPaysIntoTheSharedBucketPaysAgainWhereTheKeyHasGotAPlaceMeanwhile() {
        for (int n = 1; n <= MOST_READINGS; n++) {
            KeyedBuckets buckets = buckets(4, KeyOverflow.SHARE);
            for (int key = 11; key <= 14; key++) {
                buckets.tryAcquire(key, MAX_TOKENS);
            }
            at(n, () -> buckets.update(KEY, BucketUpdate.none()));
            assertThat(buckets.tryAcquire(KEY, 3)).isTrue();
            clock.whileStopped(() -> {});
            assertThat(buckets.availableTokens(KEY))
                    .as("stopped at reading %d", n)
                    .isEqualTo(5);
        }
    }

    @Test
    void anInserterThatIsDisplacedAgainAndAgainGoesOnAsIfThereWereNoPlace() {
        KeyedBuckets buckets = buckets(4, KeyOverflow.SHARE);
        for (int key = 11; key <= 13; key++) {
            buckets.tryAcquire(key, MAX_TOKENS);
        }
        int[] displaced = {0};
        List<Boolean> payers = new ArrayList<>();
        Runnable[] payer = new Runnable[1];
        payer[0] = () -> {
            payers.add(buckets.tryAcquire(KEY, 1 / 64.0)); // finds no place, and displaces who is about to have one
            if (++displaced[0] < 64) {
                at(2, payer[0]); // the next round's reading before it confirms
            }
        };
        at(3, payer[0]);
        assertThat(buckets.tryAcquire(KEY, 1)).isTrue();
        assertThat(displaced[0]).isEqualTo(64);
        assertThat(payers).hasSize(64).containsOnly(true);
        assertThat(buckets.overflowed()).isEqualTo(65);
        assertThat(buckets.availableTokens(KEY)).isEqualTo(6);
        assertThat(buckets.size()).as("it has given the slot up").isEqualTo(3);
        time.advance(8);
        assertThat(buckets.tryAcquire(KEY, 6)).isTrue();
        assertThat(buckets.size()).isEqualTo(4);
    }

    @Test
    void anObjectThatIsMadeWhileTheBucketsCloseIsClosed() {
        for (int n = 1; n <= MOST_READINGS; n++) {
            for (boolean slot : new boolean[] {false, true}) {
                KeyedBuckets buckets = buckets(12, KeyOverflow.REFUSE);
                if (slot) {
                    buckets.tryAcquire(KEY, MAX_TOKENS);
                }
                boolean[] met = {false};
                at(n, () -> {
                    met[0] = true;
                    buckets.close();
                });
                TestWaiter waiter = new TestWaiter(MAX_TOKENS);
                long result = 1;
                try {
                    result = buckets.acquire(KEY, waiter, Long.MAX_VALUE);
                } catch (IllegalStateException e) {
                    assertThat(e).hasMessage("the buckets are closed");
                }
                clock.whileStopped(() -> {});
                if (met[0] && result < 0) {
                    assertThat(waiter.end).as("stopped at reading %d", n).isEqualTo(Waiter.End.CLOSED);
                }
                if (met[0]) {
                    assertThat(buckets.waiters(KEY))
                            .as("stopped at reading %d", n)
                            .isZero();
                    assertThatThrownBy(() -> buckets.tryAcquire(KEY, 1)).isInstanceOf(IllegalStateException.class);
                }
            }
        }
    }
}

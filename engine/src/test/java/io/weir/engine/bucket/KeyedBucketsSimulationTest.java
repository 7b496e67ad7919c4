package io.weir.engine.bucket;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.engine.testing.ManualTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/**
 * K6 of {@link KeyedBuckets}: random keys, costs and clock steps against a map of plain buckets. While there is a place for every key the answers are the
 * same; beyond that, and with objects coming and going, no key is ever granted what its plain bucket doesn't have.
 */
class KeyedBucketsSimulationTest {
    private static final int SCHEDULES = Integer.getInteger("weir.simulation.schedules", 5_000);
    private static final long FIRST_SEED = Long.getLong("weir.simulation.seed", 1);
    private static final int STEPS = 60;

    /** A token in 1,024 ns, so that ticks and the model's doubles are exact. */
    private static final BucketConfig CONFIG =
            BucketConfig.builder().rate(1).periodNanos(1_024).maxTokens(8).build();

    /** GCRA in tokens, as the textbook has it. */
    private static final class Plain {
        double tat;

        Plain(double at) {
            tat = at - 8;
        }

        boolean has(double at, double cost) {
            return at - tat >= cost;
        }

        void debit(double at, double cost) {
            tat = Math.max(tat, at - 8) + cost;
        }
    }

    private static class Schedule {
        final long seed;
        final SplittableRandom random;
        final ManualTime time = new ManualTime(Long.MAX_VALUE - 20_000);
        long offset = -time.nanoTime();
        final Map<Long, Plain> model = new HashMap<>();
        final KeyedBuckets buckets;
        final List<String> log = new ArrayList<>();

        Schedule(long seed, int slots, KeyOverflow policy) {
            this.seed = seed;
            this.random = new SplittableRandom(seed);
            this.buckets = new KeyedBuckets(time, time, CONFIG, slots, 4, policy, KeyHash.withSecret(seed, 0));
        }

        /** The time that has passed, in tokens: every step forward counts, as a clock that has stepped back takes it again. */
        double at() {
            return (time.nanoTime() + offset) / 1_024.0;
        }

        Plain plain(long key) {
            return model.computeIfAbsent(key, k -> new Plain(at()));
        }

        double cost() {
            return random.nextInt(4) == 0 ? 8 : random.nextInt(1, 2_048) / 256.0;
        }

        void step() {
            time.advance(4L * random.nextInt(random.nextInt(4) == 0 ? 4_000 : 200));
        }

        void check(boolean ok, String what) {
            log.add(what);
            if (!ok) {
                throw new AssertionError("seed " + seed + ": " + log);
            }
        }
    }

    @Test
    void whileThereIsAPlaceForEveryKeyItDoesWhatAMapOfBucketsDoes() {
        for (long seed = FIRST_SEED; seed < FIRST_SEED + SCHEDULES; seed++) {
            // Six keys on 8 slots: they take each other's places only when nothing is left to forget.
            Schedule s = new Schedule(seed, 8, KeyOverflow.REFUSE);
            for (int step = 0; step < STEPS; step++) {
                s.step();
                // Strangers that come once leave idle slots to be reclaimed, though never when they would be one too
                // many.
                long key = 1 + s.random.nextInt(6);
                if (s.buckets.busyKeys() < 2 && s.random.nextBoolean()) {
                    key = 1_000 + step;
                }
                double cost = s.cost();
                Plain plain = s.plain(key);
                boolean expected = plain.has(s.at(), cost);
                long wait = s.buckets.tryAcquireNanos(key, cost);
                s.check((wait == 0) == expected, key + " asks for " + cost + " at " + s.at() + ": " + wait);
                if (expected) {
                    plain.debit(s.at(), cost);
                } else {
                    double due = (cost - (s.at() - plain.tat)) * 1_024;
                    s.check(Math.abs(wait - due) <= 4, "wait " + wait + " for " + due);
                }
                s.check(
                        Math.abs(s.buckets.availableTokens(key) - Math.min(8, s.at() - plain.tat)) < 1e-9,
                        "tokens " + s.buckets.availableTokens(key));
            }
            assertThat(s.buckets.overflowed()).as("seed %d", seed).isZero();
        }
    }

    @Test
    void atTheBoundNoKeyIsGrantedMoreThanItsBucketHas() {
        long overflowed = 0;
        for (long seed = FIRST_SEED; seed < FIRST_SEED + SCHEDULES; seed++) {
            Schedule s = new Schedule(seed, 4, seed % 2 == 0 ? KeyOverflow.SHARE : KeyOverflow.REFUSE);
            for (int step = 0; step < STEPS; step++) {
                s.step();
                if (s.random.nextInt(20) == 0) {
                    long back = 4L * s.random.nextInt(500);
                    s.time.set(s.time.nanoTime() - back);
                    s.offset += back;
                }
                long key = 1 + s.random.nextInt(8);
                double cost = s.cost() / 2;
                Plain plain = s.plain(key);
                if (s.buckets.tryAcquire(key, cost)) {
                    s.check(plain.has(s.at(), cost), key + " is granted " + cost + " at " + s.at());
                    plain.debit(s.at(), cost);
                }
                s.check(s.buckets.size() <= 4, "size");
            }
            overflowed += s.buckets.overflowed();
        }
        assertThat(overflowed).as("the bound was met").isGreaterThan(SCHEDULES);
    }

    private static final class InLine extends Waiter {
        final Schedule in;
        final long key;

        InLine(Schedule in, long key, double tokens) {
            super(tokens);
            this.in = in;
            this.key = key;
        }

        @Override
        protected void onEnd(End end) {
            if (end == End.GRANTED) {
                Plain plain = in.plain(key);
                in.check(plain.has(in.at(), tokens()), key + " waited for " + tokens() + " until " + in.at());
                plain.debit(in.at(), tokens());
            }
        }
    }

    @Test
    void keysThatGoToObjectsAndBackAreGrantedNoMoreThanTheirBucketHas() {
        long back = 0;
        for (long seed = FIRST_SEED; seed < FIRST_SEED + SCHEDULES; seed++) {
            Schedule s = new Schedule(seed, 4, KeyOverflow.SHARE);
            List<InLine> waiters = new ArrayList<>();
            for (int step = 0; step < STEPS; step++) {
                s.step();
                long key = 1 + s.random.nextInt(7);
                double cost = s.cost() / 2;
                Plain plain = s.plain(key);
                int objects = s.buckets.objects();
                switch (s.random.nextInt(8)) {
                    case 0 -> {
                        InLine waiter = new InLine(s, key, cost);
                        long got = s.buckets.acquire(
                                key, waiter, s.random.nextBoolean() ? Long.MAX_VALUE : s.random.nextInt(4_000));
                        s.log.add(key + " waits for " + cost + ": " + got);
                        if (got == 0) {
                            s.check(plain.has(s.at(), cost), "at once at " + s.at());
                            plain.debit(s.at(), cost);
                        } else {
                            waiters.add(waiter);
                        }
                    }
                    case 1 -> {
                        if (!waiters.isEmpty()) {
                            s.buckets.cancel(waiters.remove(s.random.nextInt(waiters.size())));
                        }
                    }
                    case 2 -> s.buckets.update(key, BucketUpdate.none());
                    case 3 -> s.buckets.remove(key);
                    default -> {
                        if (s.buckets.tryAcquire(key, cost)) {
                            s.check(plain.has(s.at(), cost), key + " is granted " + cost + " at " + s.at());
                            plain.debit(s.at(), cost);
                        }
                    }
                }
                back += Math.max(0, objects - s.buckets.objects());
            }
            s.time.advance(1_000_000);
            for (long key = 1; key <= 7; key++) {
                s.check(s.buckets.waiters(key) == 0, "nobody waits for ever on " + key);
                s.check(s.buckets.tryAcquire(key, 8), key + " is full in the end");
                s.plain(key).debit(s.at(), 8);
                s.time.advance(1_000_000);
            }
        }
        assertThat(back).as("objects that went back").isGreaterThan(SCHEDULES);
    }
}

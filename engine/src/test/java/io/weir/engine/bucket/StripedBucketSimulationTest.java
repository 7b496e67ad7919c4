package io.weir.engine.bucket;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.engine.testing.ManualTime;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * B1 and B7 to B10 of {@link TokenBucket} in random schedules of many threads on a virtual clock. A thread can be stopped wherever a bucket asks for the clock or for the thread's
 * id, while others call it and time goes on; each such stop widens the bound by rate times its length, as the contract says, and nothing else does.
 *
 * <p>{@code -Dweir.simulation.schedules=N} runs N schedules, {@code -Dweir.simulation.seed=S} begins with that one.
 */
class StripedBucketSimulationTest {
    private static final int SCHEDULES = Integer.getInteger("weir.simulation.schedules", 4_000);
    private static final long SEED = Long.getLong("weir.simulation.seed", 0);
    private static final int STEPS = 60;
    private static final double EPSILON =
            1e-4; // tokens; a tick is 1e-6 at most, and rounding is of less than one a step

    @Test
    void everyScheduleKeepsTheBoundTheOrderAndEveryToken() {
        ChosenThread.run(self -> {
            for (long seed = SEED; seed < SEED + SCHEDULES; seed++) {
                try {
                    new Schedule(seed, self).run();
                } catch (Throwable e) {
                    throw new AssertionError("-Dweir.simulation.schedules=1 -Dweir.simulation.seed=" + seed, e);
                }
            }
        });
    }

    /** What was granted and when; an open reservation may still be cancelled. */
    private record Grant(long at, double tokens) {}

    private static final class Schedule {
        private final SplittableRandom random;
        private final ChosenThread self;
        private final ManualTime time;
        private final TokenBucket bucket;
        private final boolean stops;
        private final boolean reconfigures;
        private final boolean reserves;
        private final List<Grant> grants = new ArrayList<>();
        private final List<long[]> rateSince = new ArrayList<>();
        private final List<Double> rates = new ArrayList<>();
        private final List<Person> people = new ArrayList<>();
        private final List<BucketReservation> reservations = new ArrayList<>();
        private double max;
        private double mostMax;
        private double rate;
        private double slack;
        private int moment;
        private @Nullable String violation;
        private int depth;

        private final class Person extends Waiter {
            final int began = ++moment;
            int returned = Integer.MAX_VALUE;

            @Nullable
            End end;

            Person(double tokens) {
                super(tokens);
            }

            /** Whose acquire had returned when the other's began; who pushes first of two that overlap, nobody can say. */
            boolean isAheadOf(Person other) {
                return returned < other.began;
            }

            @Override
            protected void onEnd(End end) {
                this.end = end;
                if (end == End.GRANTED) {
                    grants.add(new Grant(time.nanoTime(), tokens()));
                    for (Person other : people) {
                        if (other.isWaiting() && other.isAheadOf(this)) {
                            violation =
                                    other.tokens() + " overtaken by " + tokens(); // thrown here it would be but logged
                        }
                    }
                }
            }
        }

        Schedule(long seed, ChosenThread self) {
            random = new SplittableRandom(seed);
            this.self = self;
            self.atStripe = null;
            time = new ManualTime(random.nextBoolean() ? random.nextLong() : -random.nextLong(1_000_000_000));
            stops = random.nextInt(3) > 0;
            reconfigures = random.nextInt(3) == 0;
            reserves = !reconfigures && random.nextBoolean();
            int stripes = 1 << random.nextInt(3);
            double share = 1 + random.nextInt(8) * 0.5;
            max = Math.ceil(stripes * share * (1.2 + random.nextDouble() * 6));
            mostMax = max;
            rate = random.nextInt(4) == 0 ? 1e9 * random.nextDouble(0.1, 1) : random.nextDouble(1, 1_000);
            BucketConfig config = BucketConfig.builder()
                    .rate(rate)
                    .maxTokens(max)
                    .initialTokens(random.nextInt(3) == 0 ? max : random.nextInt((int) max + 1))
                    .build();
            bucket = new TokenBucket(
                    () -> {
                        long reading = time.nanoTime();
                        stop();
                        return reading;
                    },
                    time,
                    config,
                    new Leases(stripes, share));
            began();
            if (stops) {
                self.atStripe = this::stop;
            }
        }

        private void began() {
            rateSince.add(new long[] {time.nanoTime()});
            rates.add(rate);
        }

        /** The thread is stopped here, and another one runs. */
        private void stop() {
            if (!stops || bucket == null || depth == 0 || depth > 2 || random.nextInt(12) > 0) {
                return;
            }
            depth++;
            try {
                if (random.nextInt(3) == 0) {
                    long nanos = gap();
                    slack += nanos * rate / 1e9 * 2; // the reading's stop, and that of a hand or a lease on its way
                    time.set(time.nanoTime() + nanos);
                } else {
                    long id = self.getIdUnstopped();
                    self.become(random.nextInt(16));
                    call();
                    self.become(id);
                }
            } finally {
                depth--;
            }
        }

        private long gap() {
            return (long) (random.nextDouble() * random.nextDouble() * max / rate * 1e9 / 2) + 1;
        }

        private double cost() {
            double tokens = switch (random.nextInt(6)) {
                case 0 -> random.nextInt(1 + (int) max);
                case 1 -> max * random.nextDouble();
                case 2 -> 0.25 * (1 + random.nextInt(20));
                default -> 1;
            };
            return Math.min(max, Math.max(0.001, tokens));
        }

        void run() {
            for (int step = 0; step < STEPS; step++) {
                if (random.nextInt(3) == 0) {
                    time.advance(gap());
                }
                self.become(random.nextInt(16));
                depth = 1;
                call();
                depth = 0;
                atRest();
            }
            for (int i = 0; i < 200 && bucket.waiters() > 0; i++) {
                time.advance(Math.max(1, time.untilNext()));
            }
            assertThat(bucket.waiters()).as("nobody waits for ever").isZero();
            for (BucketReservation reservation : reservations) {
                grants.add(new Grant(reservation.dueNanos(), reservation.tokens()));
            }
            checkBound();
        }

        private void call() {
            switch (random.nextInt(20)) {
                case 0, 1 -> stand();
                case 2 -> cancelSomebody();
                case 3 -> {
                    if (reserves) {
                        BucketReservation reservation = bucket.reserve(cost(), random.nextInt(2) * gap());
                        if (reservation != null) {
                            reservations.add(reservation);
                        }
                    }
                }
                case 4 -> {
                    if (!reservations.isEmpty()) {
                        BucketReservation one = reservations.get(random.nextInt(reservations.size()));
                        if (one.cancel()) {
                            reservations.remove(one);
                        }
                    }
                }
                case 5 -> {
                    if (reconfigures) {
                        reconfigure();
                    }
                }
                case 6 -> take(cost(), true);
                case 7, 8, 9, 10 -> take(cost(), false);
                default -> take(1, false);
            }
        }

        private void take(double tokens, boolean handedIn) {
            if (tokens > max) {
                return;
            }
            boolean quiet = !stops && bucket.waiters() == 0;
            double there = quiet ? bucket.availableTokens() : 0;
            boolean got;
            try {
                got = tokens == 1 && !handedIn
                        ? bucket.tryAcquire()
                        : handedIn ? bucket.tryAcquireNanos(tokens, time.nanoTime()) == 0 : bucket.tryAcquire(tokens);
            } catch (IllegalArgumentException e) { // made smaller meanwhile
                assertThat(stops && reconfigures).isTrue();
                return;
            }
            if (got) {
                grants.add(new Grant(time.nanoTime(), tokens));
            }
            if (quiet && Math.abs(there - tokens) > EPSILON) {
                assertThat(got)
                        .as("%s of %s tokens, in %s", tokens, there, bucket)
                        .isEqualTo(there > tokens);
                assertThat(bucket.availableTokens()).isBetween(there - (got ? tokens : 0) - EPSILON, there + EPSILON);
            }
        }

        private void stand() {
            Person person = new Person(cost());
            long timeout = random.nextInt(3) == 0 ? gap() : Long.MAX_VALUE;
            long answer;
            try {
                answer = bucket.acquire(person, timeout);
            } catch (IllegalArgumentException e) {
                assertThat(stops && reconfigures).isTrue();
                return;
            }
            if (answer == 0) {
                if (random.nextInt(4) == 0) {
                    bucket.handBack(person);
                } else {
                    grants.add(new Grant(time.nanoTime(), person.tokens()));
                }
            } else if (answer == TokenBucket.QUEUED && person.end == null) {
                person.returned = ++moment;
                people.add(person);
            }
        }

        private void cancelSomebody() {
            if (!people.isEmpty()) {
                bucket.cancel(people.get(random.nextInt(people.size())));
            }
        }

        private void reconfigure() {
            double before = max;
            BucketUpdate update = BucketUpdate.none();
            double newRate = rate;
            double newMax = max;
            if (random.nextBoolean()) {
                newRate = rate * random.nextDouble(0.3, 3);
                update = update.rate(newRate);
            }
            if (random.nextBoolean()) {
                newMax = Math.max(1, Math.floor(mostMax * random.nextDouble(0.3, 1)));
                update = update.maxTokens(newMax);
            }
            boolean quiet = !stops && bucket.waiters() == 0;
            double there = quiet ? bucket.availableTokens() : 0;
            double oldRate = rate;
            if (stops) { // in force at some instant from now on
                rate = Math.max(rate, newRate);
                began();
            }
            max = Math.min(before, newMax);
            bucket.update(update);
            rate = bucket.config().rate();
            max = bucket.config().maxTokens();
            began();
            if (quiet) {
                double kept = Math.min(max, there * Math.min(1, rate / oldRate));
                assertThat(bucket.availableTokens()).as("nothing lost").isBetween(kept - EPSILON, kept + EPSILON);
            }
        }

        /** Nobody is in a call. */
        private void atRest() {
            assertThat(violation).isNull();
            assertThat(bucket.availableTokens()).isBetween(0.0, max);
            people.removeIf(person -> !person.isWaiting());
            if (!people.isEmpty()) {
                long until = time.untilNext();
                double there = bucket.availableTokens();
                if (until > 0) {
                    double most = 0; // of those that may be the head
                    for (Person person : people) {
                        if (people.stream().noneMatch(other -> other.isAheadOf(person))) {
                            most = Math.max(most, person.tokens());
                        }
                    }
                    assertThat(there).as("stranded before %s", bucket).isLessThan(most + EPSILON);
                }
                assertThat(until).as("a timer is armed").isLessThan(Long.MAX_VALUE);
            }
        }

        /** For every pair of grants. */
        private void checkBound() {
            List<Grant> sorted = new ArrayList<>(grants);
            sorted.sort((a, b) -> Long.signum(a.at - b.at));
            for (int i = 0; i < sorted.size(); i++) {
                double sum = 0;
                for (int j = i; j < sorted.size(); j++) {
                    sum += sorted.get(j).tokens;
                    double may = mostMax + integral(sorted.get(i).at, sorted.get(j).at) + slack;
                    may += reserves ? rate / 1e9 : 0; // a due time is rounded up to the nanosecond
                    assertThat(sum).as("granted from %s to %s", i, j).isLessThan(may * (1 + 1e-9) + EPSILON);
                }
            }
        }

        private double integral(long from, long to) {
            double sum = 0;
            for (int i = 0; i < rates.size(); i++) {
                long since = i == 0 ? from : rateSince.get(i)[0];
                long start = since - from < 0 ? from : since;
                long end = i + 1 < rates.size() && rateSince.get(i + 1)[0] - to < 0
                        ? rateSince.get(i + 1)[0]
                        : to;
                if (end - start > 0) {
                    sum += rates.get(i) * (end - start) / 1e9;
                }
            }
            return sum;
        }
    }
}

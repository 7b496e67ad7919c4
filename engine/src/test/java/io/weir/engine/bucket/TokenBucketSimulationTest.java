package io.weir.engine.bucket;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.engine.testing.ManualTime;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * Random schedules of takes, waits, reservations, cancels, hand-backs, timeouts and reconfigurations under a manual clock, against a reference
 * model in plain doubles: after each step the bucket's level is the model's, grants and refusals are the model's, the line is first come first
 * served, and nobody waits whose tokens are there. At the end the window bound is checked for every pair of grants.
 *
 * <p>Replay one schedule with {@code -Dweir.seed=n}; the number of schedules is {@code -Dweir.schedules}.
 */
class TokenBucketSimulationTest {
    private static final int SCHEDULES = Integer.getInteger("weir.schedules", 20_000);

    @Test
    void everyScheduleKeepsTheBoundTheOrderAndTheReferenceLevel() {
        Long seed = Long.getLong("weir.seed");
        for (long i = seed == null ? 1 : seed; i <= (seed == null ? SCHEDULES : seed); i++) {
            Schedule schedule = new Schedule(i);
            try {
                schedule.run();
            } catch (Throwable e) {
                throw new AssertionError("seed " + i + ": " + e.getMessage() + "\n" + schedule.story(), e);
            }
        }
    }

    @Test
    void aSaturatedLineIsGrantedAllThatItMayBe() {
        for (long seed = 1; seed <= 300; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            double rate = Math.pow(10, random.nextDouble(-1, 6));
            double max = Math.max(1, Math.ceil(Math.pow(10, random.nextDouble(0, 4))));
            ManualTime time = new ManualTime(random.nextLong());
            TokenBucket bucket = new TokenBucket(
                    time,
                    time,
                    BucketConfig.builder()
                            .rate(rate)
                            .maxTokens(max)
                            .initialTokens(0)
                            .build());
            double[] granted = {0};
            double largest = Math.min(max, 1 + random.nextDouble() * 3);
            for (int i = 0; i < 4; i++) {
                again(bucket, random, largest, granted);
            }
            double tokens = 2_000 * largest;
            time.advance((long) (tokens / rate * 1e9));
            assertThat(granted[0]).as("seed %d", seed).isBetween(0.999 * tokens, tokens * (1 + 1e-9));
        }
    }

    private static void again(TokenBucket bucket, SplittableRandom random, double largest, double[] granted) {
        double tokens = largest * (0.1 + 0.9 * random.nextDouble());
        Waiter waiter = new Waiter(tokens) {
            @Override
            protected void onEnd(End end) {
                granted[0] += tokens();
                again(bucket, random, largest, granted);
            }
        };
        assertThat(bucket.acquire(waiter, Long.MAX_VALUE)).isEqualTo(TokenBucket.QUEUED);
    }

    /** What was granted, when: of a reservation, when it was told and when it falls due. */
    private record Grant(
            int order,
            long told,
            long instant,
            double tokens,
            @Nullable Object of) {}

    /** When, and after how many grants, rate or maxTokens changed, or a reset began a new window. */
    private record Change(int order, long instant) {}

    private record Debit(Object of, double tokens, boolean fromFull) {}

    private static final class Schedule {
        final List<Supplier<String>> log = new ArrayList<>();
        private final SplittableRandom random;
        private final ManualTime time;
        private final TokenBucket bucket;
        private final long start;

        // The reference: level in tokens at `at`, negative for debt; the debits that may still be given back, the last
        // one on top.
        private double rate;
        private double max;
        private double level;
        private long at;
        private final List<Debit> debits = new ArrayList<>();

        private final List<Grant> grants = new ArrayList<>();
        private final List<Change> changes = new ArrayList<>();
        private final List<double[]> segments = new ArrayList<>(); // from, rate per ns, max
        private final List<Change> resets = new ArrayList<>();
        private final List<SimWaiter> live = new ArrayList<>();
        private final List<SimWaiter> granted = new ArrayList<>();
        private final List<BucketReservation> reservations = new ArrayList<>();
        private int number;
        private int order;
        private boolean late; // has the clock run ahead of the timer?

        Schedule(long seed) {
            random = new SplittableRandom(seed);
            rate = newRate();
            max = newMax();
            double initial = random.nextBoolean() ? max : max * random.nextDouble();
            start = random.nextInt(4) == 0
                    ? Long.MAX_VALUE - random.nextLong(1L << 34)
                    : random.nextLong(-1L << 62, 1L << 62);
            time = new ManualTime(start);
            at = start;
            level = initial;
            bucket = new TokenBucket(
                    time,
                    time,
                    BucketConfig.builder()
                            .rate(rate)
                            .maxTokens(max)
                            .initialTokens(initial)
                            .maxWaiters(6)
                            .build());
            segments.add(new double[] {0, rate / 1e9, max});
        }

        private double newRate() {
            double r = Math.pow(10, random.nextDouble(-1, 4));
            return random.nextBoolean() ? Math.ceil(r) : r;
        }

        private double newMax() {
            double m = 1 + random.nextInt(12);
            return random.nextInt(3) == 0 ? m * random.nextDouble(0.6, 1) : m;
        }

        private double cost() {
            double c = Math.min(max, random.nextBoolean() ? 1 + random.nextInt(4) : 5 * random.nextDouble());
            return random.nextInt(8) == 0 ? max : c;
        }

        private double tolerance() {
            return 1e-5;
        }

        void run() {
            int steps = 10 + random.nextInt(50);
            for (int i = 0; i < steps; i++) {
                step();
                settled();
            }
            bounds();
        }

        private void step() {
            late = false;
            switch (random.nextInt(21)) {
                case 0, 1, 2, 3 -> {
                    long nanos =
                            (long) (random.nextDouble() * 2 * max / rate * 1e9 * (random.nextInt(3) == 0 ? 0.1 : 1))
                                    + random.nextInt(2);
                    log("advance %d", nanos);
                    time.advance(nanos);
                    refill();
                }
                case 4, 5, 6, 7, 8 -> tryAcquire(cost());
                case 9, 10, 11 -> acquire(cost());
                case 12, 13 -> reserve(cost());
                case 14 -> cancelReservation();
                case 15, 16 -> cancelWaiter();
                case 17 -> handBack();
                case 18 -> update();
                case 19 -> {
                    late = true;
                    long nanos = (long) (random.nextDouble() * 2 * max / rate * 1e9);
                    time.set(at + nanos);
                    log("the timer is late by %d", nanos);
                    refill();
                    switch (random.nextInt(6)) {
                        case 0, 1 -> tryAcquire(cost());
                        case 2 -> reserve(cost());
                        case 3 -> acquire(cost());
                        case 4 -> cancelWaiter();
                        default -> update();
                    }
                }
                default -> {
                    long nanos = time.untilNext();
                    if (nanos != Long.MAX_VALUE) {
                        log("advance to the timer, %d", nanos);
                        time.advance(Math.max(0, nanos));
                        refill();
                    }
                }
            }
        }

        private void log(String format, Object... args) {
            long now = time.nanoTime() - start;
            double held = level;
            log.add(() ->
                    now + ": " + String.format(format, args) + " [level " + held + "]"); // put into words if it fails
        }

        String story() {
            return log.stream().map(Supplier::get).collect(Collectors.joining("\n"));
        }

        private void refill() {
            long now = time.nanoTime();
            level = Math.min(max, level + (now - at) / 1e9 * rate);
            at = now;
        }

        /** In the model. */
        private void debit(Object of, double tokens) {
            refill();
            boolean full = level >= max - tolerance();
            debits.add(new Debit(of, tokens, full));
            level -= tokens;
        }

        private void giveBack(Object of, double tokens) {
            refill();
            double before = level;
            Debit last = debits.isEmpty() ? null : debits.get(debits.size() - 1);
            if (last != null && last.of == of) {
                level = Math.min(max, level + tokens);
                if (last.fromFull) {
                    debits.clear(); // what lies below it was forgotten when the bucket was full; or is given back by
                    // chance: not asserted
                    ambiguous = true;
                } else {
                    debits.remove(debits.size() - 1);
                }
            } else if (ambiguous && level + tolerance() < actual()) {
                level = Math.min(max, before + tokens);
            }
        }

        private boolean ambiguous;

        private double actual() {
            Cell cell = bucket.cell();
            return cell.tokens(cell.level(cell.word(), time.nanoTime()));
        }

        private double tick() {
            return bucket.cell().ticks.tokens(1);
        }

        private void tryAcquire(double tokens) {
            refill();
            long wait = random.nextBoolean() ? bucket.tryAcquireNanos(tokens) : bucket.tryAcquire(tokens) ? 0 : -1;
            boolean waiting = !live.isEmpty(); // after the call, which may have served those whose timer is late
            log("tryAcquire %s: %d", tokens, wait);
            if (wait == 0) {
                assertThat(waiting).as("overtaken").isFalse();
                assertThat(tokens).as("granted too early").isLessThanOrEqualTo(level + tolerance());
                grants.add(new Grant(order++, at, at, tokens, null));
                debit(new Object(), tokens);
            } else if (!waiting) {
                assertThat(tokens).as("refused, but there").isGreaterThan(level - tolerance());
                if (wait > 0) {
                    assertThat((double) wait)
                            .isBetween(
                                    (tokens - level - tolerance()) / rate * 1e9,
                                    (tokens - level + tolerance()) / rate * 1e9 + 2);
                }
            } else if (wait > 0) {
                double ahead = live.stream().mapToDouble(Waiter::tokens).sum();
                double due = Math.max(0, (ahead + tokens - level) / rate * 1e9);
                assertThat((double) wait)
                        .isBetween(due - 2 * tolerance() / rate * 1e9, due + 2 * tolerance() / rate * 1e9 + 2);
            }
        }

        private final class SimWaiter extends Waiter {
            final int seq = number++;
            final long deadline;

            @Nullable
            Object debit;

            SimWaiter(double tokens, long deadline) {
                super(tokens);
                this.deadline = deadline;
            }

            @Override
            protected void onEnd(End end) {
                refill();
                log("waiter %d: %s", seq, end);
                if (end == End.GRANTED) {
                    assertThat(live.get(0)).as("first come, first served").isSameAs(this);
                    grantedNow();
                } else if (end == End.TIMED_OUT) {
                    assertThat(at - deadline).as("timed out at its deadline").isBetween(0L, late ? Long.MAX_VALUE : 0L);
                } else {
                    assertThat(tokens()).isGreaterThan(bucket.config().maxTokens());
                }
                assertThat(live.remove(this)).isTrue();
            }

            void grantedNow() {
                assertThat(tokens()).as("granted too early").isLessThanOrEqualTo(level + tolerance());
                grants.add(new Grant(order++, at, at, tokens(), this));
                debit(this, tokens());
                granted.add(this);
            }
        }

        private void acquire(double tokens) {
            refill();
            long timeout = random.nextBoolean() ? Long.MAX_VALUE : (long) (random.nextDouble() * 3 * max / rate * 1e9);
            SimWaiter waiter = new SimWaiter(tokens, at + timeout);
            int before = live.size();
            boolean free = live.isEmpty();
            live.add(waiter); // it may end before acquire returns
            long result = bucket.acquire(waiter, timeout);
            log("acquire %s by %d, timeout %d: %d", tokens, waiter.seq, timeout, result);
            if (result == 0) {
                assertThat(free).as("overtaken").isTrue();
                live.remove(waiter);
                waiter.grantedNow();
            } else if (result > 0) {
                live.remove(waiter);
                assertThat(result > timeout || before >= 6).isTrue();
            } else {
                assertThat(before).isLessThan(6);
            }
        }

        private void reserve(double tokens) {
            refill();
            long most = random.nextBoolean() ? Long.MAX_VALUE : (long) (random.nextDouble() * 2 * max / rate * 1e9);
            BucketReservation reservation = bucket.reserve(tokens, most);
            boolean waiting = !live.isEmpty();
            log("reserve %s within %d: %s", tokens, most, reservation);
            double wait = Math.max(0, (tokens - level) / rate * 1e9);
            double slack = tolerance() / rate * 1e9 + 2;
            if (reservation != null) {
                assertThat(waiting).as("overtaken").isFalse();
                assertThat((double) reservation.waitNanos()).isBetween(wait - slack, wait + slack);
                assertThat(reservation.waitNanos()).isLessThanOrEqualTo(most);
                grants.add(new Grant(order++, at, reservation.dueNanos(), tokens, reservation));
                debit(reservation, tokens);
                reservations.add(reservation);
            } else if (!waiting) {
                assertThat(wait).isGreaterThan(most - slack);
            }
        }

        private void cancelReservation() {
            if (reservations.isEmpty()) {
                return;
            }
            BucketReservation reservation = reservations.remove(random.nextInt(reservations.size()));
            boolean due = reservation.dueNanos() - time.nanoTime() <= 0;
            double tokens = reservation.tokens();
            List<Debit> before = List.copyOf(debits);
            boolean last = !before.isEmpty() && before.get(before.size() - 1).of == reservation;
            if (!due && last) {
                giveBack(reservation, tokens); // first: waiters may be granted inside cancel
            }
            boolean cancelled = reservation.cancel();
            log("cancel %s: %s", reservation, cancelled);
            assertThat(cancelled).isEqualTo(!due);
            if (cancelled) {
                grants.removeIf(grant -> grant.of == reservation);
                if (!last && ambiguous) {
                    resync();
                }
            }
        }

        /** After a give-back whose own effect on older debits depends on rounding, the model takes the bucket's level, if it is one of the two. */
        private void resync() {
            refill();
            double actual = actual();
            if (actual > level + tolerance()) {
                level = actual;
            }
        }

        private void cancelWaiter() {
            if (live.isEmpty()) {
                return;
            }
            SimWaiter waiter = live.get(random.nextInt(live.size()));
            live.remove(waiter);
            log("cancel waiter %d", waiter.seq);
            assertThat(bucket.cancel(waiter)).isTrue();
        }

        private void handBack() {
            if (granted.isEmpty()) {
                return;
            }
            SimWaiter waiter = granted.remove(random.nextInt(granted.size()));
            boolean last = !debits.isEmpty() && debits.get(debits.size() - 1).of == waiter;
            log("hand back %d", waiter.seq);
            grants.removeIf(grant -> grant.of == waiter);
            if (last) {
                giveBack(waiter, waiter.tokens());
            }
            bucket.handBack(waiter);
            if (!last && ambiguous) {
                resync();
            }
        }

        private void update() {
            refill();
            BucketUpdate update = BucketUpdate.none();
            double oldRate = rate;
            double oldMax = max;
            boolean reset = random.nextInt(4) == 0;
            if (random.nextBoolean()) {
                rate = newRate();
                update = update.rate(rate);
            }
            if (random.nextBoolean()) {
                max = newMax();
                update = update.maxTokens(max);
            }
            if (reset) {
                update = update.resetTokens();
                if (level >= -1.5 * tick()) {
                    resets.add(new Change(order, at));
                }
            }
            if (reset && level >= -1.5 * tick()) { // what rounding leaves is no debt
                level = max;
            } else if (rate < oldRate) {
                level = level * rate / oldRate;
            }
            level = Math.min(level, max);
            debits.clear();
            ambiguous = false;
            if (rate != oldRate || max != oldMax) {
                changes.add(new Change(order, at));
            }
            segments.add(new double[] {at - start, rate / 1e9, max});
            log("%s", update);
            bucket.update(update);
        }

        /** After every step, when all that is due has fired. */
        private void settled() {
            time.fireDue();
            refill();
            double actual = actual();
            assertThat(actual).as("level").isBetween(level - tolerance(), level + tolerance());
            level = actual; // rounding doesn't add up
            assertThat(bucket.waiters()).isEqualTo(live.size());
            if (!live.isEmpty()) {
                SimWaiter head = live.get(0);
                assertThat(head.tokens())
                        .as("waits although its tokens are there")
                        .isGreaterThan(level - tolerance());
                double due = (head.tokens() - level) / rate * 1e9;
                assertThat((double) time.untilNext())
                        .as("no timer")
                        .isLessThanOrEqualTo(due + tolerance() / rate * 1e9 + 2);
            }
        }

        /** In any window: granted <= maxTokens + integral of the rate + reservations told before a change that fall due after it. */
        private void bounds() {
            List<Grant> sorted = new ArrayList<>(grants);
            sorted.sort((a, b) -> a.instant != b.instant
                    ? Long.compare(a.instant - start, b.instant - start)
                    : Integer.compare(a.order, b.order));
            for (int i = 0; i < sorted.size(); i++) {
                double sum = 0;
                double extra = 0;
                Grant first = sorted.get(i);
                for (int j = i; j < sorted.size(); j++) {
                    Grant last = sorted.get(j);
                    if (resets.stream().anyMatch(reset -> !before(reset, first) && before(reset, last))) {
                        break;
                    }
                    sum += last.tokens;
                    if (changes.stream().anyMatch(change -> last.order < change.order && before(change, last))
                            || resets.stream().anyMatch(reset -> last.order < reset.order && before(reset, last))) {
                        extra += last.tokens;
                    }
                    double allowed = allowed(first.instant - start, last.instant - start) + extra;
                    if (sum > allowed + 1e-5) {
                        throw new AssertionError("BOUND: " + sum + " granted from " + (first.instant - start) + " to "
                                + (last.instant - start) + ", allowed " + allowed);
                    }
                }
            }
        }

        private boolean before(Change change, Grant grant) {
            return change.instant - grant.instant < 0 || change.instant == grant.instant && change.order <= grant.order;
        }

        private double allowed(long from, long to) {
            double integral = 0;
            double largest = 0;
            for (int k = 0; k < segments.size(); k++) {
                double begin = segments.get(k)[0];
                double end = k + 1 < segments.size() ? segments.get(k + 1)[0] : Double.MAX_VALUE;
                if (begin <= to && end >= from) {
                    largest = Math.max(largest, segments.get(k)[2]);
                    integral += Math.max(0, Math.min(end, to) - Math.max(begin, from)) * segments.get(k)[1];
                }
            }
            return largest + integral;
        }
    }
}

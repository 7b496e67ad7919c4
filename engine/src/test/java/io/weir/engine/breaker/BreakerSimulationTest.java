package io.weir.engine.breaker;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/**
 * Random schedules of everything that can be done to a breaker, step by step against {@link BreakerModel}: calls, their
 * beginnings and ends in any order, double, late and invented reports, transitions by hand, and a clock that runs, stands,
 * jumps and steps back across its wrap. After each step state, history, counts and answers are compared.
 *
 * <p>The long form: {@code -Dweir.breaker.schedules=100000}. One schedule again: {@code -Dweir.breaker.seed=N}, with the
 * seed from the message of the failure.
 */
class BreakerSimulationTest {
    private static final long FIRST_SEED = 20_000_000_000L;
    private static final int STEPS = 80;
    private static final Set<BreakerState> SEEN = EnumSet.noneOf(BreakerState.class);

    @Test
    void everyScheduleDoesWhatTheModelDoes() {
        Long one = Long.getLong("weir.breaker.seed");
        if (one != null) {
            new Schedule(one, true).run();
            return;
        }
        int schedules = Integer.getInteger("weir.breaker.schedules", 20_000);
        for (long seed = FIRST_SEED; seed < FIRST_SEED + schedules; seed++) {
            if (!new Schedule(seed, false).run()) {
                new Schedule(seed, true).run(); // again, with a log
            }
        }
        if (!SEEN.equals(EnumSet.allOf(BreakerState.class))) {
            throw new AssertionError("these schedules show nothing: they saw only " + SEEN);
        }
    }

    private static final class Schedule {
        private final long seed;
        private final SplittableRandom random;
        private final ScriptedClock clock = new ScriptedClock();
        private final BreakerConfig config;
        private final Breaker breaker;
        private final BreakerModel model;
        private final List<Long> permits = new ArrayList<>();
        private final StringBuilder log = new StringBuilder();
        private final boolean manual;
        private final boolean logged;

        Schedule(long seed, boolean logged) {
            this.seed = seed;
            this.logged = logged;
            random = new SplittableRandom(seed);
            clock.now = random.nextBoolean() ? Long.MAX_VALUE - random.nextInt(2_000) : random.nextInt(-500, 500);
            int threshold = random.nextInt(1, 4);
            boolean row = random.nextInt(4) != 0;
            int recovery = random.nextInt(1, 120);
            config = BreakerConfig.builder()
                    .detection(row ? DetectorConfig.consecutive(threshold) : DetectorConfig.cumulative(threshold))
                    .halfOpenMaxCalls(random.nextInt(1, 5))
                    .halfOpenSuccessThreshold(random.nextInt(1, 5))
                    .recoveryNanos(recovery)
                    .trialTimeoutNanos(random.nextInt(1, 120))
                    .openBackoff(
                            random.nextBoolean()
                                    ? OpenBackoff.fixed()
                                    : OpenBackoff.exponential(1 + random.nextInt(4) * 0.5, recovery * 5L)
                                            .jitter(random.nextInt(2) * 0.3))
                    .build();
            breaker = new Breaker(clock, config, seed);
            model = new BreakerModel(config, seed, threshold, row);
            manual = random.nextInt(3) == 0;
        }

        /** False if it went wrong and nothing has been logged. */
        boolean run() {
            try {
                for (int step = 0; step < STEPS; step++) {
                    step();
                    compare();
                    SEEN.add(model.state);
                }
                return true;
            } catch (AssertionError | RuntimeException e) {
                if (!logged) {
                    return false;
                }
                throw new AssertionError("seed " + seed + " (-Dweir.breaker.seed=" + seed + "), " + config + log, e);
            }
        }

        private void step() {
            switch (random.nextInt(manual ? 17 : 16)) {
                case 0, 1, 2 -> acquire();
                case 3 -> begin(random.nextInt(6) == 0 ? invented() : any());
                case 4, 5 -> beginLatest();
                case 6, 7, 8, 9 -> report(any(), outcome());
                case 10 -> report(invented(), outcome());
                case 11, 12, 13, 14 -> moveClock();
                case 15 -> read();
                default -> byHand();
            }
        }

        private void acquire() {
            say("acquire");
            model.judge(clock.now);
            boolean plain = model.admits();
            boolean trial = !plain && model.acquireTrial(clock.now);
            long permit = breaker.tryAcquire(random.nextLong()); // a reading handed in decides nothing
            check("admitted", plain || trial, permit >= 0);
            if (permit >= 0) {
                say("  permit ", permit);
                check("a trial", trial, Breaker.isTrial(permit));
                permits.add(permit);
            }
            if (trial) {
                check("a permit of its own", true, model.issued(permit, clock.now));
            }
        }

        private void beginLatest() {
            if (!permits.isEmpty()) {
                begin(permits.get(permits.size() - 1));
            }
        }

        private void begin(long permit) {
            say("begin ", permit);
            boolean expected = model.begin(permit, Breaker.isTrial(permit), clock.now);
            check("begun", expected, breaker.begin(permit));
        }

        private void report(long permit, Outcome outcome) {
            say(outcome.name(), permit);
            model.report(permit, Breaker.isTrial(permit), outcome, clock.now);
            switch (outcome) {
                case SUCCESS -> breaker.onSuccess(permit, -1);
                case FAILURE -> breaker.onFailure(permit, -1);
                case EXCLUDED -> breaker.onExcluded(permit);
                case CANCELLED -> breaker.onCancelled(permit);
                case RELEASED -> breaker.release(permit);
            }
        }

        private Outcome outcome() {
            return switch (random.nextInt(8)) {
                case 0, 1 -> Outcome.SUCCESS;
                case 2, 3, 4 -> Outcome.FAILURE;
                case 5 -> Outcome.EXCLUDED;
                case 6 -> Outcome.CANCELLED;
                default -> Outcome.RELEASED;
            };
        }

        /** Mostly a recent one, whatever became of it. */
        private long any() {
            if (permits.isEmpty()) {
                return invented();
            }
            int back = random.nextInt(random.nextInt(4) == 0 ? permits.size() : Math.min(5, permits.size()));
            return permits.get(permits.size() - 1 - back);
        }

        private long invented() {
            long generation = Permits.ofGeneration(random.nextInt(model.number() + 3));
            return random.nextInt(4) == 0
                    ? generation
                    : Permits.ofTrial(generation, random.nextInt(Permits.MAX_SLOTS), random.nextInt(1, 50));
        }

        private void moveClock() {
            long by = switch (random.nextInt(8)) {
                case 0 -> 0;
                case 1 -> -random.nextInt(1, 300);
                case 2 -> config.recoveryNanos();
                case 3 -> config.trialTimeoutNanos();
                case 4 -> config.trialTimeoutNanos() - 1;
                case 5 -> random.nextInt(2_000);
                default -> random.nextInt(1, 40);
            };
            say("clock ", by);
            clock.advance(by);
        }

        private void read() {
            say("read");
            model.judge(clock.now);
            check("retryAfter", model.retryAfter(clock.now), breaker.retryAfterNanos());
            check("state", model.state, breaker.state());
        }

        private void byHand() {
            BreakerState to = random.nextBoolean() ? BreakerState.CLOSED : BreakerState.values()[3 + random.nextInt(3)];
            say(to.name());
            model.byHand(to, clock.now);
            switch (to) {
                case FORCED_OPEN -> breaker.forceOpen();
                case DISABLED -> breaker.disable();
                case METRICS_ONLY -> breaker.metricsOnly();
                default -> breaker.reset();
            }
        }

        /** What can be seen without judging, after every step; counts and history when it has just been judged anyway. */
        private void compare() {
            check("state now", model.state, breaker.stateNow());
            check("transitions", model.number(), (int)
                    breaker.latestTransition().number());
            if (model.number() > 0) {
                check(
                        "last",
                        model.transitions.get(model.number() - 1),
                        breaker.latestTransition().toString());
            }
            if (random.nextInt(4) == 0) {
                model.judge(clock.now);
                check("metrics", metrics(), breaker.metrics().toString());
                List<String> recent = breaker.recentTransitions().stream()
                        .map(Transition::toString)
                        .toList();
                check("history", model.transitions.subList(Math.max(0, model.number() - 32), model.number()), recent);
            }
        }

        private String metrics() {
            return model.state + "[successes=" + model.successes + ", failures=" + model.failures + ", excluded="
                    + model.excluded + ", cancelled=" + model.cancelled + ", released=" + model.released + ", rejected="
                    + model.rejected + ", slow=0, late=" + model.late + ", transitions=" + model.number() + "]";
        }

        private void say(String what) {
            if (logged) {
                log.append("\n  ").append(clock.now).append(": ").append(what);
            }
        }

        private void say(String what, long number) {
            if (logged) {
                say(what + " " + number);
            }
        }

        private void check(String what, Object expected, Object actual) {
            if (!expected.equals(actual)) {
                throw new AssertionError(what + ": expected " + expected + ", was " + actual);
            }
        }
    }
}

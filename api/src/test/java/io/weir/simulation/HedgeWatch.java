package io.weir.simulation;

import io.weir.Guard;
import io.weir.guard.Hedge;
import io.weir.guard.HedgeMetrics;
import io.weir.internal.Failed;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** A hedge: knows each attempt that it makes of a call, when each began, how each ended, and what came of it. */
final class HedgeWatch extends Watch {
    private final Hedge hedge;
    private final int maxHedges;
    private final double budget;
    /** Before each hedge; 0 if it is learned. */
    private final long delay;
    /** By who is hedged. */
    private final Map<Attempt, Race> races = new HashMap<>();

    private final Set<Attempt> losers = new HashSet<>();
    private long begun;
    private long hedges;
    private long won;
    /** Where a hedge may have won: cut short just then, or with the same result as another. */
    private long perhapsWon;

    private long unhedged;

    /** The attempts of one admission. */
    private static final class Race {
        final List<Attempt> attempts = new ArrayList<>();
        final Set<Attempt> running = new HashSet<>();
        final List<Failed> failures = new ArrayList<>();
        /** Those that have brought a result, in that order. */
        final List<Attempt> good = new ArrayList<>();

        long lastBegan;
        boolean unhedged;
    }

    HedgeWatch(World world, String name) {
        super(world, name);
        maxHedges = 1 + world.random.nextInt(3);
        budget = world.random.nextInt(3) == 0 ? 0.25 : 10;
        boolean learns = world.random.nextInt(6) == 0;
        long nanos = 1 + world.random.nextLong(800_000_000L);
        delay = learns ? 0 : nanos;
        Hedge.Builder builder = Hedge.builder(name)
                .delay(Duration.ofNanos(nanos))
                .maxHedges(maxHedges)
                .budget(budget)
                .runtime(world.runtime);
        hedge = (learns ? builder.delayPercentile(0.9) : builder).build();
    }

    @Override
    Guard guard() {
        return hedge;
    }

    @Override
    void entered(Attempt attempt) {
        races.put(attempt, new Race());
    }

    @Override
    void admitted(Attempt attempt) {
        Race race = races.get(attempt.parent);
        if (race == null) {
            check(
                    world.mode == World.Mode.STOPPED, // its thread was stopped between the look and the step
                    Invariant.NOTHING_GOES_ON,
                    () -> attempt + " begins when its call is over");
            losers.add(attempt);
            return;
        }
        if (race.attempts.isEmpty()) {
            begun++;
        } else {
            hedges++;
            long waited = world.passed() - race.lastBegan;
            // Timed from a reading that may be as old as the thread that took it.
            long least = delay - world.longestFrame - (world.isNested() ? world.elapsed() : 0);
            check(
                    waited >= least,
                    Invariant.TIME,
                    () -> attempt + " begins " + waited + " ns after the one before, at least are " + least);
            check(
                    race.good.isEmpty() || world.mode == World.Mode.STOPPED,
                    Invariant.NOTHING_GOES_ON,
                    () -> attempt + " begins though there is a result");
        }
        race.attempts.add(attempt);
        race.running.add(attempt);
        race.lastBegan = world.passed();
        check(
                race.attempts.size() <= 1 + maxHedges,
                Invariant.PLACES,
                () -> attempt + " is one of " + race.attempts.size() + ", allowed are 1 and " + maxHedges);
        world.log(() -> name + " begins " + attempt);
    }

    @Override
    void ended(Attempt attempt, Failed failed) {
        world.log(() -> name + " hears of " + attempt + ": " + failed);
        Race race = races.get(attempt.parent);
        if (race == null || !race.running.remove(attempt)) {
            check(losers.remove(attempt), Invariant.LEDGER, () -> attempt + " ends twice");
            return;
        }
        if (failed == null) {
            race.good.add(attempt);
        } else {
            race.failures.add(failed);
        }
    }

    @Override
    void left(Attempt attempt, Failed failed) {
        Race race = races.remove(attempt);
        for (Attempt each : race.attempts) {
            each.over(world.step);
        }
        losers.addAll(race.running);
        if (failed == null) {
            wins(attempt, race);
        } else if (failed.origin() == Failed.Origin.CALL || failed.origin() == Failed.Origin.GUARD) {
            fails(attempt, race, failed);
        } else { // cut short from further out, or each attempt was from further in
            if (!race.good.isEmpty() && race.good.get(0) != race.attempts.get(0)) {
                perhapsWon++;
            }
        }
    }

    private void wins(Attempt attempt, Race race) {
        boolean exact = world.mode != World.Mode.STOPPED;
        Attempt winner = null;
        for (Attempt each : exact && !race.good.isEmpty() ? race.good.subList(0, 1) : race.good) {
            if (each.result == attempt.result && (winner == null || each == race.attempts.get(0))) {
                perhapsWon += winner == null ? 0 : 1; // a fallback's
                winner = each;
            } else if (each.result == attempt.result && winner == race.attempts.get(0)) {
                perhapsWon++;
            }
        }
        Attempt first = winner;
        check(
                first != null,
                Invariant.PROVENANCE,
                () -> attempt + " ends with " + attempt.result + ", but the first results are those of " + race.good);
        if (first != null && first != race.attempts.get(0)) {
            won++;
        }
    }

    private void fails(Attempt attempt, Race race, Failed failed) {
        check(
                race.good.isEmpty() || world.mode == World.Mode.STOPPED,
                Invariant.PROVENANCE,
                () -> attempt + " fails with " + failed + ", and there was a result");
        // A hedge that was cut before it began has no failure to tell, and is not seen here.
        check(
                race.running.isEmpty(),
                Invariant.PROVENANCE,
                () -> attempt + " fails while " + race.running + " are in flight");
        boolean anyOfTheCall = race.failures.stream().anyMatch(Failed::isOfTheCall);
        Failed last = null;
        for (Failed each : race.failures) {
            last = !anyOfTheCall || each.isOfTheCall() ? each : last;
        }
        Failed latest = last;
        check(
                failed.failure() == latest.failure()
                        || race.attempts.size() > 2 // of more than one before the last, the last to be sent is told
                        || world.mode == World.Mode.STOPPED && failed.isOfTheCall() == anyOfTheCall,
                Invariant.PROVENANCE,
                () -> attempt + " fails with " + failed + ", the last is " + latest);
    }

    @Override
    void check() {
        if (world.tasks() > 0) {
            return;
        }
        check(losers.isEmpty(), Invariant.NOTHING_GOES_ON, () -> losers + " go on when their call is over");
        if (world.mode == World.Mode.PROMPT && delay > 0 && !world.isTimerClosed()) {
            for (Map.Entry<Attempt, Race> each : races.entrySet()) {
                Race race = each.getValue();
                if (!race.attempts.isEmpty()
                        && !race.unhedged
                        && race.attempts.size() <= maxHedges
                        && world.passed() - race.lastBegan >= delay) {
                    race.unhedged = true;
                    unhedged++;
                }
            }
            check(
                    unhedged <= hedge.metrics().refused(),
                    Invariant.TIME,
                    () -> unhedged + " calls wait for their hedges, and only "
                            + hedge.metrics().refused() + " were refused");
        }
    }

    @Override
    void checkAtRest() {
        check(races.isEmpty(), Invariant.LEDGER, () -> races.keySet() + " never came out");
        HedgeMetrics counted = hedge.metrics();
        boolean exact = world.mode != World.Mode.STOPPED;
        check(
                counted.hedges() >= hedges && counted.hedges() <= hedges + (exact ? 0 : begun),
                Invariant.METRICS,
                () -> counted.hedges() + " hedges, but there were " + hedges);
        check(
                counted.won() >= won && counted.won() <= won + perhapsWon,
                Invariant.METRICS,
                () -> counted.won() + " won by hedges, but there were " + won);
        double most = budget * begun + 0.1 * (world.elapsed() * 1e-9 + 10) + 1;
        check(counted.hedges() <= most, Invariant.TOKENS, () -> counted.hedges() + " hedges, the budget is " + most);
    }
}

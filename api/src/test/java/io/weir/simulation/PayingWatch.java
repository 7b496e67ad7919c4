package io.weir.simulation;

import io.weir.Guard;
import io.weir.executor.RateLimitedExecutor;
import io.weir.executor.RateLimitedExecutorMetrics;
import java.util.HashMap;
import java.util.Map;

/** An executor whose calls pay for their starts: with one limit, one for each endpoint, or one that follows the service. */
final class PayingWatch extends PlacesWatch {
    private enum Limit {
        ONE,
        EACH,
        FOLLOWING
    }

    private final RateLimitedExecutor executor;
    private final int places;
    private final Limit limit;
    private final double rate;
    private final double max;
    /** By endpoint; of one limit under "". */
    private final Map<String, Grants> grants = new HashMap<>();

    private final Map<String, Arrivals> arrivals = new HashMap<>();
    private final Reports reports;
    private final Shutdowns shutdowns = new Shutdowns(world, name);
    private boolean updating;
    private long started;
    /** Cut short as they were let in, or just before. */
    private long perhapsStarted;

    PayingWatch(World world, String name) {
        super(world, name);
        limit = Limit.values()[world.random.nextInt(3)];
        places = 1 + world.random.nextInt(4);
        rate = 1 + world.random.nextInt(40);
        max = 2 + world.random.nextInt(8);
        executor = RateLimitedExecutor.builder(name)
                .rate(rate)
                .maxTokens(max)
                .maxConcurrency(places)
                .endpointRateLimiting(limit == Limit.EACH)
                .adaptiveRateLimiting(limit == Limit.FOLLOWING)
                .runtime(world.runtime)
                .build();
        reports = limit == Limit.FOLLOWING ? new Reports(world, name, rate, max) : null;
    }

    private String endpoint(Attempt attempt) {
        return limit == Limit.EACH ? attempt.caller.key : "";
    }

    private Grants grants(String endpoint) {
        return grants.computeIfAbsent(
                endpoint,
                k -> limit == Limit.EACH
                        ? Grants.ofAKey(world, name + "/" + k, rate, max)
                        : new Grants(world, name, rate, max));
    }

    @Override
    Guard guard() {
        return executor;
    }

    /** A call of no tokens stands in the slots' line, beside all others. */
    @Override
    Arrivals arrivals(Attempt attempt) {
        String line = attempt.caller.tokens == 0 ? "slots" : "/" + endpoint(attempt);
        return arrivals.computeIfAbsent(line, k -> new Arrivals(world, name + " " + k));
    }

    @Override
    void admitted(Attempt attempt) {
        super.admitted(attempt);
        started++;
        if (reports != null) {
            reports.granted(attempt.caller.tokens);
        } else {
            grants(endpoint(attempt)).add(attempt.caller.tokens);
        }
    }

    @Override
    void leftUnadmitted(Attempt attempt) {
        perhapsStarted++;
    }

    @Override
    int inUse() {
        return executor.inFlight();
    }

    @Override
    int waiters() {
        return executor.waiting();
    }

    @Override
    int limit() {
        return places;
    }

    @Override
    void byHand() {
        if (executor.isShutdown()) {
            return;
        }
        if (reports != null) {
            reports.tell(null, report -> executor.updateFromHeaders(report.status(), report.headers()));
        } else if (!updating) {
            update();
        }
    }

    private void update() {
        updating = true;
        String endpoint = limit == Limit.EACH ? Line.KEYS.get(world.random.nextInt(Line.KEYS.size())) : "";
        boolean remove = limit == Limit.EACH && world.random.nextInt(3) == 0;
        double newRate = remove ? rate : 1 + world.random.nextInt(40);
        double newMax = remove ? max : 2 + world.random.nextInt(8);
        boolean reset = !remove && world.random.nextInt(3) == 0;
        Grants its = grants(endpoint);
        its.changing(newRate, newMax);
        world.log(() -> name + ".update(" + endpoint + ", " + newRate + ", " + newMax + ", " + reset + ")");
        try {
            if (remove) {
                executor.removeRateLimit(endpoint);
            } else if (limit == Limit.EACH) {
                executor.updateRateLimit(
                        endpoint,
                        u -> reset
                                ? u.rate(newRate).maxTokens(newMax).resetTokens()
                                : u.rate(newRate).maxTokens(newMax));
            } else {
                executor.updateRate(u -> reset
                        ? u.rate(newRate).maxTokens(newMax).resetTokens()
                        : u.rate(newRate).maxTokens(newMax));
            }
        } finally {
            its.changed(newRate, newMax, reset);
            updating = false;
        }
    }

    @Override
    boolean isAwaited() {
        return shutdowns.isAwaited();
    }

    @Override
    void checkAtRest() {
        super.checkAtRest();
        grants.values().forEach(Grants::check);
        if (reports != null) {
            reports.grants.check();
        }
        check(!isAwaited(), Invariant.NOBODY_HANGS, () -> "a shutdown never ended: " + executor);
        RateLimitedExecutorMetrics counted = executor.metrics();
        check(
                counted.started() >= started && counted.started() <= started + perhapsStarted,
                Invariant.METRICS,
                () -> counted + ", but " + started + " began, and perhaps " + perhapsStarted);
    }

    @Override
    void close() {
        shutdowns.begin(executor::shutdown, executor::shutdown);
    }
}

package io.weir.simulation;

import io.weir.Guard;
import io.weir.internal.Failed;
import io.weir.ratelimit.EndpointRateLimiter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/** A limiter with a bucket a key. */
final class KeyedWatch extends Watch {
    private final EndpointRateLimiter limiter;
    private final boolean failFast;
    private final double rate;
    private final double max;
    private final Map<String, Grants> grants = new HashMap<>();
    private final Map<String, Arrivals> arrivals = new HashMap<>();
    private final List<CompletableFuture<Void>> waits = new ArrayList<>();
    private boolean updating;
    private boolean closed;

    KeyedWatch(World world, String name) {
        super(world, name);
        failFast = world.random.nextInt(4) == 0;
        rate = 1 + world.random.nextInt(40);
        max = 2 + world.random.nextInt(8);
        limiter = EndpointRateLimiter.builder(name)
                .defaultRate(rate)
                .defaultMaxTokens(max)
                .maxKeys(64)
                .runtime(world.runtime)
                .build();
    }

    private Grants grants(String key) {
        return grants.computeIfAbsent(key, k -> Grants.ofAKey(world, name + "/" + k, rate, max));
    }

    private Arrivals arrivals(String key) {
        return arrivals.computeIfAbsent(key, k -> new Arrivals(world, name + "/" + k));
    }

    @Override
    Guard guard() {
        return failFast ? limiter.failFast() : limiter;
    }

    @Override
    void entered(Attempt attempt) {
        if (attempt.caller.tokens > 0) { // else it is granted at once, whoever waits
            arrivals(attempt.caller.key).entered(attempt);
        }
    }

    @Override
    void admitted(Attempt attempt) {
        arrivals(attempt.caller.key).admitted(attempt);
        grants(attempt.caller.key).add(attempt.caller.tokens);
    }

    @Override
    void left(Attempt attempt, Failed failed) {
        arrivals(attempt.caller.key).left(attempt);
    }

    @Override
    void byHand() {
        if (closed) {
            return;
        }
        String key = Line.KEYS.get(world.random.nextInt(Line.KEYS.size()));
        double tokens = world.random.nextInt(1, 9) / 4.0;
        switch (world.random.nextInt(5)) {
            case 0 -> {
                boolean taken = limiter.tryAcquire(key, tokens);
                world.log(() -> name + ".tryAcquire(" + key + ", " + tokens + "): " + taken);
                if (taken) {
                    grants(key).add(tokens);
                }
            }
            case 1 -> {
                world.log(() -> name + ".acquire(" + key + ", " + tokens + ")");
                CompletableFuture<Void> wait = limiter.acquire(key, tokens);
                waits.add(wait);
                wait.thenRun(() -> grants(key).add(tokens));
            }
            case 2 -> {
                if (!waits.isEmpty()) {
                    world.log(() -> name + ": a wait is cancelled");
                    waits.get(world.random.nextInt(waits.size())).cancel(true);
                }
            }
            default -> {
                if (!updating) {
                    update(key);
                }
            }
        }
    }

    private void update(String key) {
        updating = true;
        boolean remove = world.random.nextInt(3) == 0;
        double newRate = remove ? rate : 1 + world.random.nextInt(40);
        double newMax = remove ? max : 2 + world.random.nextInt(8);
        boolean reset = !remove && world.random.nextInt(3) == 0;
        Grants its = grants(key);
        its.changing(newRate, newMax);
        if (remove) {
            world.log(() -> name + ".remove(" + key + ")");
            limiter.remove(key);
        } else {
            world.log(() -> name + ".update(" + key + ", " + newRate + ", " + newMax + ", " + reset + ")");
            limiter.updateRateLimit(
                    key,
                    u -> reset
                            ? u.rate(newRate).maxTokens(newMax).resetTokens()
                            : u.rate(newRate).maxTokens(newMax));
        }
        its.changed(newRate, newMax, reset);
        updating = false;
    }

    @Override
    boolean isAwaited() {
        return !waits.stream().allMatch(CompletableFuture::isDone);
    }

    @Override
    void checkAtRest() {
        grants.values().forEach(Grants::check);
        check(!isAwaited(), Invariant.NOBODY_HANGS, () -> "a wait never ended");
        if (closed) {
            return;
        }
        world.rest(3_600_000_000_000L);
        grants.forEach((key, its) -> check(
                Math.abs(limiter.availableTokens(key) - its.max()) < 1e-6,
                Invariant.TOKENS,
                () -> key + ": " + limiter.availableTokens(key) + " of " + its.max() + " after an hour of rest"));
        check(
                limiter.metrics().busyKeys() <= Line.KEYS.size(),
                Invariant.METRICS,
                () -> limiter.metrics() + " with " + Line.KEYS.size() + " keys");
    }

    @Override
    void close() {
        closed = true;
        world.log(() -> name + ".close");
        limiter.close();
    }
}

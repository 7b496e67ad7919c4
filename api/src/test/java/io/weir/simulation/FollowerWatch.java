package io.weir.simulation;

import io.weir.Guard;
import io.weir.internal.Failed;
import io.weir.ratelimit.AdaptiveRateLimiter;
import io.weir.ratelimit.AdaptiveRateLimiterMetrics;
import io.weir.ratelimit.RateInForce;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** An adaptive limiter; by hand it hears what the service says of its limits. */
final class FollowerWatch extends Watch {
    private final AdaptiveRateLimiter limiter;
    private final boolean failFast;
    private final double max;
    private final Reports reports;
    private final Arrivals arrivals;
    private final List<CompletableFuture<Void>> waits = new ArrayList<>();
    private boolean closed;

    FollowerWatch(World world, String name) {
        super(world, name);
        failFast = world.random.nextInt(4) == 0;
        double initial = 1 + world.random.nextInt(40);
        max = 2 + world.random.nextInt(8);
        limiter = AdaptiveRateLimiter.builder(name)
                .initialRate(initial)
                .maxTokens(max)
                .runtime(world.runtime)
                .build();
        reports = new Reports(world, name, initial, max);
        arrivals = new Arrivals(world, name);
    }

    @Override
    Guard guard() {
        return failFast ? limiter.failFast() : limiter;
    }

    @Override
    void entered(Attempt attempt) {
        if (attempt.caller.tokens > 0) { // else it is granted at once, whoever waits
            arrivals.entered(attempt);
        }
    }

    @Override
    void admitted(Attempt attempt) {
        arrivals.admitted(attempt);
        reports.granted(attempt.caller.tokens);
    }

    @Override
    void left(Attempt attempt, Failed failed) {
        arrivals.left(attempt);
    }

    @Override
    void byHand() {
        if (closed) {
            return;
        }
        double tokens = world.random.nextInt(1, 9) / 4.0;
        switch (world.random.nextInt(6)) {
            case 0 -> {
                boolean taken = limiter.tryAcquire(tokens);
                world.log(() -> name + ".tryAcquire(" + tokens + "): " + taken);
                if (taken) {
                    reports.granted(tokens);
                }
            }
            case 1 -> {
                world.log(() -> name + ".acquire(" + tokens + ")");
                CompletableFuture<Void> wait = limiter.acquire(tokens);
                waits.add(wait);
                wait.thenRun(() -> reports.granted(tokens));
            }
            case 2 -> {
                if (!waits.isEmpty()) {
                    world.log(() -> name + ": a wait is cancelled");
                    waits.get(world.random.nextInt(waits.size())).cancel(true);
                }
            }
            default -> reports.tell(limiter, report -> limiter.updateFromHeaders(report.status(), report.headers()));
        }
    }

    /** No thread is stopped between what was decided last and the bucket that must hear of it. */
    @Override
    void check() {
        check(
                closed || Math.abs(RateInForce.of(limiter) - limiter.ratePerSecond()) < 1e-9,
                Invariant.TOKENS,
                () -> limiter + " has a bucket of " + RateInForce.of(limiter) + " per second");
    }

    @Override
    boolean isAwaited() {
        return !waits.stream().allMatch(CompletableFuture::isDone);
    }

    @Override
    void checkAtRest() {
        reports.grants.check();
        check(!isAwaited(), Invariant.NOBODY_HANGS, () -> "a wait never ended");
        AdaptiveRateLimiterMetrics counted = limiter.metrics();
        check(
                counted.updates() == reports.updates && counted.ignored() == reports.ignored,
                Invariant.METRICS,
                () -> counted + ", but there were " + reports.updates + " updates, and " + reports.ignored
                        + " headers to ignore");
        if (closed || world.isTimerClosed()) {
            return;
        }
        reports.checkThatItRecovers(limiter);
        world.rest(3_600_000_000_000L);
        check(
                Math.abs(limiter.availableTokens() - max) < 1e-6,
                Invariant.TOKENS,
                () -> limiter.availableTokens() + " of " + max + " after an hour of rest");
    }

    @Override
    void close() {
        closed = true;
        world.log(() -> name + ".close");
        limiter.close();
    }
}

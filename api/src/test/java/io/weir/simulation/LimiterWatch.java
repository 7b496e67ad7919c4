package io.weir.simulation;

import io.weir.Guard;
import io.weir.RateLimitExceededException;
import io.weir.internal.Failed;
import io.weir.ratelimit.Reservation;
import io.weir.ratelimit.TokenBucketRateLimiter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/** A token bucket; by hand its tokens are taken, waited for, reserved, and its rate is changed. A hoarder gains next to nothing and so shows every token. */
final class LimiterWatch extends Watch {
    private static final double HOARD = 1_000;

    private final TokenBucketRateLimiter limiter;
    private final boolean failFast;
    private final boolean hoards;
    private final Grants grants;
    private final Arrivals arrivals;
    private final List<CompletableFuture<Void>> waits = new ArrayList<>();
    private final List<Told> told = new ArrayList<>();
    private final Set<Attempt> asking = new HashSet<>();
    /** Of those who were cut as the limiter let them in, or just before. */
    private double perhapsGranted;

    private boolean updating;
    boolean closed;

    private record Told(Reservation reservation, long due, Grants.Granted granted) {}

    LimiterWatch(World world, String name) {
        super(world, name);
        hoards = world.random.nextInt(4) == 0;
        failFast = world.random.nextInt(4) == 0;
        double rate = hoards ? 1e-6 : 1 + world.random.nextInt(40);
        double max = hoards ? HOARD : 2 + world.random.nextInt(8);
        TokenBucketRateLimiter.Builder builder = TokenBucketRateLimiter.builder(name)
                .rate(rate)
                .maxTokens(max)
                .maxWaiters(world.random.nextInt(3) == 0 ? world.random.nextInt(3) : 100)
                .runtime(world.runtime);
        if (!hoards && world.random.nextInt(3) == 0) {
            builder.initialTokens(0);
        }
        limiter = builder.build();
        grants = new Grants(world, name, rate, max);
        arrivals = new Arrivals(world, name);
    }

    @Override
    Guard guard() {
        return failFast ? limiter.failFast() : limiter;
    }

    @Override
    void entered(Attempt attempt) {
        asking.add(attempt);
        if (attempt.caller.tokens > 0) { // else it is granted at once, whoever waits
            arrivals.entered(attempt);
        }
    }

    @Override
    void admitted(Attempt attempt) {
        asking.remove(attempt);
        arrivals.admitted(attempt);
        grants.add(attempt.caller.tokens);
    }

    @Override
    void left(Attempt attempt, Failed failed) {
        arrivals.left(attempt);
        if (asking.remove(attempt) && failed != null && failed.origin() == Failed.Origin.CANCELLED) {
            perhapsGranted += attempt.caller.tokens;
        }
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
                    grants.add(tokens);
                }
            }
            case 1, 2 -> {
                world.log(() -> name + ".acquire(" + tokens + ")");
                CompletableFuture<Void> wait = world.random.nextBoolean()
                        ? limiter.acquire(tokens)
                        : limiter.acquire(tokens, Duration.ofNanos(world.random.nextLong(2_000_000_000L)));
                waits.add(wait);
                wait.thenRun(() -> grants.add(tokens));
            }
            case 3 -> {
                if (!waits.isEmpty()) {
                    world.log(() -> name + ": a wait is cancelled");
                    waits.get(world.random.nextInt(waits.size())).cancel(true);
                }
            }
            case 4 -> {
                if (!hoards) {
                    reserveOrCancel(tokens);
                }
            }
            default -> {
                if (!hoards && !updating) {
                    update();
                }
            }
        }
    }

    private void reserveOrCancel(double tokens) {
        if (!told.isEmpty() && world.random.nextBoolean()) {
            Told one = told.remove(world.random.nextInt(told.size()));
            boolean all = one.reservation.cancel();
            world.log(() -> name + ": a reservation is cancelled: " + all);
            if (world.clock() < one.due) {
                grants.remove(one.granted);
            }
            return;
        }
        if (grants.hasChanged()) {
            return; // those told before a change fall due on top of the bound
        }
        try {
            Reservation reservation = limiter.reserve(tokens, Duration.ofSeconds(1));
            long wait = reservation.waitTime().toNanos(); // first: its reading of the clock may take a while
            long due = Math.max(world.elapsed(), world.clock() + wait);
            world.log(() -> name + ".reserve(" + tokens + "): due " + due);
            told.add(new Told(reservation, due, grants.addIn(due - world.elapsed(), tokens)));
        } catch (RateLimitExceededException refused) {
            world.log(() -> name + ".reserve(" + tokens + "): refused");
        }
    }

    private void update() {
        updating = true;
        double rate = 1 + world.random.nextInt(40);
        double max = 2 + world.random.nextInt(8);
        boolean reset = world.random.nextInt(3) == 0;
        world.log(() -> name + ".update(" + rate + ", " + max + ", " + reset + ")");
        for (Told each : told) {
            if (world.clock() < each.due + world.longestFrame) {
                grants.remove(each.granted);
            }
        }
        grants.changing(rate, max);
        limiter.updateRate(u ->
                reset ? u.rate(rate).maxTokens(max).resetTokens() : u.rate(rate).maxTokens(max));
        grants.changed(rate, max, reset);
        updating = false;
    }

    @Override
    boolean isAwaited() {
        return !waits.stream().allMatch(CompletableFuture::isDone);
    }

    @Override
    void checkAtRest() {
        grants.check();
        check(!isAwaited(), Invariant.NOBODY_HANGS, () -> "a wait never ended");
        if (closed) {
            return;
        }
        double there = limiter.availableTokens();
        if (hoards) {
            double gone = HOARD - there - grants.granted;
            double tolerated = 1e-3 + 1e-15 * world.elapsed();
            check(
                    gone > -tolerated && gone < tolerated + perhapsGranted,
                    Invariant.TOKENS,
                    () -> there + " left and " + grants.granted + " granted of " + HOARD);
        } else {
            world.rest(3_600_000_000_000L);
            check(
                    Math.abs(limiter.availableTokens() - grants.max()) < 1e-6,
                    Invariant.TOKENS,
                    () -> limiter.availableTokens() + " of " + grants.max() + " after an hour of rest");
        }
    }

    @Override
    void close() {
        closed = true;
        world.log(() -> name + ".close");
        limiter.close();
    }
}

package io.weir.simulation;

import io.weir.Guard;
import io.weir.internal.Failed;
import io.weir.retry.Retry;
import io.weir.retry.RetryConfig;
import io.weir.retry.RetryMetrics;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/** A retry: counts the attempts of each call, and the time between them. */
final class RetryWatch extends Watch {
    private final Retry retry;
    private final long delay;
    private final int maxRetries;
    private final Map<Attempt, Attempts> inside = new HashMap<>();
    /** Null if it has none. */
    private final Budget budget;

    private long again;
    private long cut;

    private static final class Attempts {
        int count;
        long endedAt;
    }

    RetryWatch(World world, String name) {
        super(world, name);
        delay = world.random.nextInt(4) == 0 ? 0 : world.random.nextLong(500_000_000L);
        maxRetries = world.random.nextInt(4);
        RetryConfig.Builder config = RetryConfig.builder()
                .maxRetries(maxRetries)
                .jitter(false)
                .retryRejections(world.random.nextInt(3) == 0)
                .backoff(attempt -> Duration.ofNanos(delay * attempt.number()));
        if (world.random.nextInt(4) == 0) {
            config.attemptTimeout(Duration.ofNanos(1 + world.random.nextLong(1_000_000_000L)));
        }
        if (world.random.nextInt(4) == 0) {
            config.overallTimeout(Duration.ofNanos(1 + world.random.nextLong(3_000_000_000L)));
        }
        budget = world.random.nextInt(3) == 0 ? world.budget() : null;
        if (budget != null) {
            config.budget(budget.budget);
        }
        retry = Retry.of(name, config.build(), world.runtime);
    }

    @Override
    Guard guard() {
        return retry;
    }

    @Override
    void entered(Attempt attempt) {
        inside.put(attempt, new Attempts());
    }

    @Override
    void admitted(Attempt attempt) {
        Attempts attempts = inside.get(attempt);
        if (attempts.count > 0) {
            again++;
            if (budget != null) {
                budget.retried(attempts.endedAt);
            }
            long waited = world.passed() - attempts.endedAt;
            long least = delay * attempts.count - world.longestFrame - stoppedFor();
            check(
                    waited >= least,
                    Invariant.TIME,
                    () -> attempt + " came again after " + waited + " ns, at least are " + least);
        }
        attempts.count++;
        check(
                attempts.count <= maxRetries + 1,
                Invariant.TIME,
                () -> attempt + " makes attempt " + attempts.count + " with " + maxRetries + " retries");
    }

    /** A thread that is stopped now has not told yet for how long. */
    private long stoppedFor() {
        return world.isNested() ? world.elapsed() : 0;
    }

    @Override
    void ended(Attempt attempt, Failed failed) {
        inside.get(attempt).endedAt = world.passed();
        if (budget != null && failed == null) {
            budget.succeeded();
        }
    }

    @Override
    void left(Attempt attempt, Failed failed) {
        inside.remove(attempt);
        if (failed != null && (world.mode == World.Mode.STOPPED || isOfACut(failed))) {
            cut++; // where threads are stopped, a cut may come just after a retry was told
        }
    }

    private static boolean isOfACut(Failed failed) {
        return switch (failed.origin()) {
            case CANCELLED, TIMED_OUT, EXPIRED -> true;
            case CALL, GUARD -> false;
        };
    }

    @Override
    void checkAtRest() {
        if (budget != null) {
            budget.check();
        }
        check(inside.isEmpty(), Invariant.LEDGER, () -> inside.keySet() + " never came out");
        RetryMetrics counted = retry.metrics();
        check(
                counted.retries() >= again && counted.retries() <= again + (world.isTimerClosed() ? 1_000 : cut),
                Invariant.METRICS,
                () -> counted + ", but there were " + again + " more attempts, and " + cut + " calls cut");
    }
}

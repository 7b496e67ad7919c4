package io.weir.simulation;

import io.weir.CircuitBreakerOpenException;
import io.weir.Guard;
import io.weir.breaker.CircuitBreaker;
import io.weir.breaker.CircuitBreakerMetrics;
import io.weir.breaker.FailureDetection;
import io.weir.internal.Failed;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CancellationException;

/** A breaker; by hand its permits are taken and reported, and its state is set. */
final class BreakerWatch extends Watch {
    private static final Duration RECOVERY = Duration.ofSeconds(1);

    private final CircuitBreaker breaker;
    private final int trials;
    private final boolean exact;
    /** With how often each had been invoked when it came. */
    private final Map<Attempt, Integer> inside = new HashMap<>();

    private final Set<Attempt> asking = new HashSet<>();
    private final List<Long> permits = new ArrayList<>();
    private boolean disabled;
    private boolean manual;
    private long successes;
    private long failures;
    private long cancelled;
    private long rejected;
    private long neverInvoked;
    /** Cancelled as the breaker let them in, or just before. */
    private long cutBetween;

    BreakerWatch(World world, String name) {
        super(world, name);
        trials = 1 + world.random.nextInt(2);
        exact = world.random.nextInt(4) != 0;
        CircuitBreaker.Builder builder = CircuitBreaker.builder(name)
                .recoveryTime(RECOVERY)
                .halfOpenMaxCalls(trials)
                .halfOpenSuccessThreshold(1 + world.random.nextInt(2))
                .trialTimeout(exact ? Duration.ofDays(100) : Duration.ofSeconds(2))
                .runtime(world.runtime);
        switch (world.random.nextInt(4)) {
            case 0 ->
                builder.failureDetection(FailureDetection.countWindow(4, 0.5).minimumCalls(2));
            case 1 ->
                builder.failureDetection(
                        FailureDetection.timeWindow(Duration.ofSeconds(2), 0.5).minimumCalls(2));
            case 2 -> builder.failureDetection(FailureDetection.cumulative(3));
            default -> builder.failureThreshold(1 + world.random.nextInt(3));
        }
        breaker = builder.build();
    }

    @Override
    Guard guard() {
        return breaker;
    }

    @Override
    void entered(Attempt attempt) {
        asking.add(attempt);
    }

    @Override
    void admitted(Attempt attempt) {
        world.log(() -> name + " admits " + attempt);
        asking.remove(attempt);
        check(inside.put(attempt, attempt.invocations) == null, Invariant.LEDGER, () -> attempt + " was let in twice");
    }

    @Override
    void ended(Attempt attempt, Failed failed) {
        world.log(() -> name + " hears of " + attempt + ": " + failed);
        if (inside.remove(attempt) == attempt.invocations) {
            neverInvoked++; // of a trial that never began, nothing is recorded: a fallback's answer says nothing of the
            // service
        }
        if (failed == null) {
            successes++;
            return;
        }
        switch (failed.origin()) {
            case GUARD, EXPIRED -> {}
            case CANCELLED -> cancelled++;
            case TIMED_OUT -> failures++;
            case CALL -> {
                if (failed.failure() instanceof CancellationException
                        || failed.failure() instanceof InterruptedException) {
                    cancelled++;
                } else {
                    failures++;
                }
            }
        }
    }

    @Override
    void left(Attempt attempt, Failed failed) {
        if (!asking.remove(attempt) || failed == null) {
            return;
        }
        if (failed.origin() == Failed.Origin.CANCELLED) {
            cutBetween++;
        }
        if (failed.failure() instanceof CircuitBreakerOpenException open
                && open.guard().equals(name)) {
            rejected++;
            check(
                    open.retryAfter().isEmpty() || !open.retryAfter().get().isNegative(),
                    Invariant.BREAKER,
                    () -> "a negative retryAfter: " + open);
        }
    }

    @Override
    void byHand() {
        switch (world.random.nextInt(12)) {
            case 0, 1, 2, 3 -> {
                long permit = breaker.tryAcquire();
                world.log(() -> name + ".tryAcquire: " + permit);
                if (CircuitBreaker.isRefused(permit)) {
                    rejected++;
                } else {
                    permits.add(permit);
                }
            }
            case 4, 5, 6, 7 -> {
                if (!permits.isEmpty()) {
                    report(permits.remove(world.random.nextInt(permits.size())));
                }
            }
            case 8 -> {
                manual = true;
                world.log(() -> name + ".reset");
                breaker.reset();
            }
            case 9 -> {
                manual = true;
                world.log(() -> name + ".forceOpen");
                breaker.forceOpen();
            }
            case 10 -> {
                manual = true;
                world.log(() -> name + ".metricsOnly");
                breaker.metricsOnly();
            }
            default -> {
                manual = true;
                disabled = true;
                world.log(() -> name + ".disable");
                breaker.disable();
            }
        }
    }

    private void report(long permit) {
        switch (world.random.nextInt(3)) {
            case 0 -> {
                world.log(() -> name + ".onSuccess");
                successes++;
                breaker.onSuccess(permit);
            }
            case 1 -> {
                world.log(() -> name + ".onFailure");
                failures++;
                breaker.onFailure(permit, new IllegalStateException("by hand"));
            }
            default -> {
                world.log(() -> name + ".release");
                breaker.release(permit);
            }
        }
    }

    @Override
    boolean letGo() {
        boolean any = !permits.isEmpty();
        while (!permits.isEmpty()) {
            breaker.release(permits.remove(permits.size() - 1));
        }
        return any;
    }

    @Override
    void checkAtRest() {
        check(inside.isEmpty(), Invariant.LEDGER, () -> inside.keySet() + " never came out");
        CircuitBreakerMetrics counted = breaker.metrics();
        if (exact && !disabled) {
            long ends = counted.successes() + counted.failures() + counted.cancelled() + counted.late();
            long most = successes + failures + cancelled;
            check(
                    counted.successes() <= successes
                            && counted.failures() <= failures
                            && counted.cancelled() <= cancelled + cutBetween
                            && ends <= most + cutBetween
                            && ends >= most - neverInvoked
                            && counted.rejected() == rejected
                            && counted.excluded() == 0,
                    Invariant.METRICS,
                    () -> counted + ", but there were " + successes + " successes, " + failures + " failures, "
                            + cancelled + " cancelled, " + rejected + " rejected");
        }
        check(
                manual || counted.transitions() > 0 || breaker.state() == CircuitBreaker.State.CLOSED,
                Invariant.BREAKER,
                () -> breaker + " without a transition");
        checkThatItAdmits();
    }

    /** All trial slots are free, as nobody is in flight: a slot that was not given back would be missed here. */
    private void checkThatItAdmits() {
        switch (breaker.state()) {
            case FORCED_OPEN, DISABLED, METRICS_ONLY -> breaker.reset();
            case OPEN -> world.rest(RECOVERY.toNanos());
            default -> {}
        }
        List<Long> taken = new ArrayList<>();
        for (int i = 0; i < trials; i++) {
            long permit = breaker.tryAcquire();
            check(
                    !CircuitBreaker.isRefused(permit),
                    Invariant.BREAKER,
                    () -> breaker + " refuses while nobody is in flight, after " + taken.size() + " of " + trials);
            if (!CircuitBreaker.isRefused(permit)) {
                taken.add(permit);
            }
        }
        taken.forEach(breaker::release);
    }
}

package io.weir.breaker;

import io.weir.CallOptions;
import io.weir.CallRejected;
import io.weir.CircuitBreakerOpenException;
import io.weir.Failures;
import io.weir.WeirRuntime;
import io.weir.engine.breaker.Breaker;
import io.weir.engine.breaker.BreakerConfig;
import io.weir.internal.Again;
import io.weir.internal.Clocks;
import io.weir.internal.Failed;
import io.weir.internal.Stage;
import io.weir.internal.Told;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Predicate;
import org.agrona.concurrent.NanoClock;
import org.jspecify.annotations.Nullable;

/** A breaker in a pipeline: asks it for a permit, and judges how the call ended. A token is the permit, marked if it is a trial's. */
final class BreakerStage extends Stage {
    private final String name;
    private final Breaker breaker;
    private final WeirRuntime runtime;
    private final NanoClock clock;
    private final boolean timed;
    /** Read once for each end that is judged. */
    private volatile Rules rules;
    /** The longest call that anybody has built on. It only grows: whether he has gone since nobody tells. */
    private final AtomicReference<Need> need = new AtomicReference<>(new Need(0, ""));

    private record Need(long nanos, String whose) {}

    private record Rules(
            List<Class<? extends Throwable>> excluded,
            @Nullable Predicate<? super Throwable> excludeIf,
            @Nullable Predicate<? super Throwable> failureIf,
            @Nullable Predicate<Object> failureOnResult) {
        boolean excludes(Throwable failure) {
            for (Class<? extends Throwable> type : excluded) {
                if (type.isInstance(failure)) {
                    return true;
                }
            }
            return excludeIf != null && excludeIf.test(failure);
        }
    }

    BreakerStage(Breaker breaker, CircuitBreaker.Builder builder) {
        this.name = builder.name;
        this.breaker = breaker;
        this.runtime = builder.runtime;
        this.clock = Clocks.of(builder.runtime);
        this.timed = breaker.wantsDuration();
        this.rules =
                new Rules(List.copyOf(builder.excluded), builder.excludeIf, builder.failureIf, builder.failureOnResult);
    }

    @Override
    public Runnable changeTo(Stage like) {
        BreakerStage other = (BreakerStage) like;
        BreakerConfig config = other.breaker.config();
        if (config.detection().slowCallNanos() != breaker.config().detection().slowCallNanos()) {
            throw new IllegalArgumentException("from when on a call is slow can't");
        }
        Need least = need.get();
        if (config.trialTimeoutNanos() < least.nanos) {
            throw new IllegalArgumentException("trialTimeout = " + Duration.ofNanos(config.trialTimeoutNanos())
                    + ": allowed is at least " + Duration.ofNanos(least.nanos) + ", the longest that a call of "
                    + least.whose + " can take");
        }
        Rules then = other.rules;
        return () -> {
            rules = then;
            breaker.configure(config);
            // Who needs more has noted it, and looked then: he has seen this change, and gone, or is seen here.
            long noted = need.get().nanos;
            if (config.trialTimeoutNanos() < noted) {
                breaker.configure(config.toBuilder().trialTimeoutNanos(noted).build());
            }
        };
    }

    @Override
    public void needsPatience(long nanos, String whose) {
        need.accumulateAndGet(new Need(nanos, whose), (before, now) -> now.nanos > before.nanos ? now : before);
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public boolean needsStart() {
        return timed;
    }

    @Override
    public long patienceNanos() {
        return breaker.config().trialTimeoutNanos();
    }

    @Override
    public long admit(CallOptions options, long now) {
        long permit = breaker.tryAcquire();
        return permit < 0 ? REFUSED : Breaker.isTrial(permit) ? permit | NEEDS_BEGIN : permit;
    }

    @Override
    public boolean begin(long token) {
        return breaker.begin(permit(token));
    }

    private static long permit(long token) {
        return token & ~NEEDS_BEGIN;
    }

    @Override
    public CircuitBreakerOpenException refusal(CallOptions options) {
        return refused();
    }

    CircuitBreakerOpenException refused() {
        long wait = breaker.retryAfterNanos();
        return Told.rejected(
                runtime,
                CallRejected.Reason.CIRCUIT_OPEN,
                new CircuitBreakerOpenException(
                        name,
                        breaker.stateNow().name(),
                        wait == Long.MAX_VALUE ? null : Duration.ofNanos(wait),
                        runtime.stackTraces()));
    }

    @Override
    public @Nullable Again onEnd(
            long token,
            long start,
            @Nullable Object result,
            @Nullable Failed failed,
            @Nullable Again before,
            CallInfo call) {
        long permit = permit(token);
        Predicate<Object> failureOnResult = rules.failureOnResult;
        long duration = timed ? Math.max(0, clock.nanoTime() - start) : -1;
        if (failed != null) {
            judge(permit, duration, failed);
        } else if (failureOnResult == null) {
            breaker.onSuccess(permit, duration);
        } else {
            judgeResult(permit, duration, result, failureOnResult);
        }
        return null;
    }

    private void judgeResult(long permit, long duration, @Nullable Object result, Predicate<Object> isFailure) {
        boolean failure;
        try {
            failure = result != null && isFailure.test(result);
        } catch (Throwable e) {
            breaker.onFailure(permit, duration);
            throw e;
        }
        if (failure) {
            breaker.onFailure(permit, duration);
        } else {
            breaker.onSuccess(permit, duration);
        }
    }

    /** What the user reports by hand: an exception of the call. */
    void report(long permit, long duration, Throwable failure) {
        judge(permit, duration, new Failed(Failures.unwrap(failure), Failed.Origin.CALL));
    }

    private void judge(long permit, long duration, Failed failed) {
        Throwable failure = failed.failure();
        if (failure instanceof Error && failed.origin() == Failed.Origin.CALL) {
            breaker.onFailure(permit, duration);
            return;
        }
        Rules now = rules;
        boolean asked = false;
        boolean isFailure = false;
        try {
            if (now.excludes(failure)) {
                breaker.onExcluded(permit);
                return;
            }
            if (now.failureIf != null) {
                isFailure = now.failureIf.test(failure);
                asked = true;
            }
        } catch (Throwable e) {
            breaker.onFailure(permit, duration);
            throw e;
        }
        if (isFailure) {
            breaker.onFailure(permit, duration);
            return;
        }
        switch (failed.origin()) {
            case GUARD, EXPIRED -> breaker.release(permit);
            case CANCELLED -> breaker.onCancelled(permit);
            case TIMED_OUT -> {
                if (asked) {
                    breaker.onExcluded(permit); // no failure, the user says; but no answer either
                } else {
                    breaker.onFailure(permit, duration);
                }
            }
            case CALL -> {
                if (failure instanceof CancellationException || failure instanceof InterruptedException) {
                    breaker.onCancelled(permit);
                } else if (asked) {
                    breaker.onSuccess(permit, duration);
                } else {
                    breaker.onFailure(permit, duration);
                }
            }
        }
    }
}

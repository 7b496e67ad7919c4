package io.weir.breaker;

import io.weir.CircuitBreakerOpenException;
import io.weir.Guard;
import io.weir.WeirRuntime;
import io.weir.event.Subscription;
import io.weir.internal.Layers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A circuit breaker: stops calling a service that keeps failing, and tries again after a while.
 *
 * <p>CLOSED, it admits every call and watches the outcomes. When they look bad (five failures in a row, unless told otherwise) it opens:
 * calls are refused at once with {@link CircuitBreakerOpenException}. After the recovery time the first call goes through as a trial
 * (HALF_OPEN); enough successful trials close the breaker, a failed one opens it again.
 *
 * <p><b>What is a failure.</b> An exception of the call, an {@link Error}, a call that returns a null stage, a call that a Weir timeout or
 * deadline cut short after it had been invoked. What is none: a refusal by a guard further in (an overload of our own says nothing of the
 * service), an {@link InterruptedException}, a call that the user cancelled, an excluded exception. {@link Builder#failureIf} changes that.
 *
 * <p>A result counts for the state in which its call was admitted; one that comes after a transition is only counted as late. An
 * interface, so that it can be mocked; Weir's own is made by {@link #builder}. Thread-safe; costs a nanosecond or two while closed.
 */
public interface CircuitBreaker extends Guard {

    /** The states of a breaker. */
    enum State {
        /** All is well: every call is admitted. */
        CLOSED,
        /** Every call is refused, until the recovery time is over. */
        OPEN,
        /** Only trial calls are admitted. */
        HALF_OPEN,
        /** By hand: every call is refused. */
        FORCED_OPEN,
        /** By hand: every call is admitted, nothing is recorded. */
        DISABLED,
        /** By hand: every call is admitted and recorded, nothing is judged. */
        METRICS_ONLY
    }

    /**
     * Begins a breaker with the defaults: opens at 5 failures in a row, for 30 s, one trial call closes it.
     *
     * @param name for messages, events and metrics
     */
    static Builder builder(String name) {
        return new Builder(name);
    }

    /**
     * A breaker with the defaults.
     *
     * @param name for messages, events and metrics
     */
    static CircuitBreaker of(String name) {
        return builder(name).build();
    }

    /** The state, after judging trial calls whose time is up. */
    State state();

    CircuitBreakerMetrics metrics();

    /**
     * Tells each transition of this breaker, once and in order, on the runtime's callback executor.
     *
     * @param listener may call the breaker
     * @return to be closed when it is to hear no more
     */
    Subscription onTransition(Consumer<? super CircuitBreakerTransition> listener);

    /** Closes the breaker and forgets what the detection has seen. */
    void reset();

    /** Refuses every call from now on, until another transition by hand. */
    void forceOpen();

    /** Admits every call and records nothing from now on, until another transition by hand. */
    void disable();

    /** Admits and counts every call and judges nothing from now on, until another transition by hand. */
    void metricsOnly();

    // ---- the low-level form, for code that can't be put into a lambda

    /**
     * Asks for a permit. Every permit must be reported exactly once, by {@link #onSuccess}, {@link #onFailure} or {@link #release}.
     *
     * @return the permit, or a value for which {@link #isRefused} is true
     */
    long tryAcquire();

    /**
     * Whether {@link #tryAcquire} refused.
     *
     * @param permit what it returned
     */
    static boolean isRefused(long permit) {
        return permit < 0;
    }

    /**
     * Asks for a permit.
     *
     * @throws CircuitBreakerOpenException if there is none
     */
    long acquire();

    /**
     * The call succeeded.
     *
     * @param permit from {@link #tryAcquire} or {@link #acquire}
     * @param nanos how long it took
     */
    void onSuccess(long permit, long nanos);

    /**
     * The call succeeded, in a time that doesn't matter.
     *
     * @param permit from {@link #tryAcquire} or {@link #acquire}
     */
    default void onSuccess(long permit) {
        onSuccess(permit, -1);
    }

    /**
     * The call threw. Whether that is a failure is for the breaker to judge.
     *
     * @param permit from {@link #tryAcquire} or {@link #acquire}
     * @param failure what was thrown
     * @param nanos how long it took
     */
    void onFailure(long permit, Throwable failure, long nanos);

    /**
     * The call threw, in a time that doesn't matter.
     *
     * @param permit from {@link #tryAcquire} or {@link #acquire}
     * @param failure what was thrown
     */
    default void onFailure(long permit, Throwable failure) {
        onFailure(permit, failure, -1);
    }

    /**
     * The call never began: the permit goes back and nothing is recorded.
     *
     * @param permit from {@link #tryAcquire} or {@link #acquire}
     */
    void release(long permit);

    /** Builds circuit breakers. Not thread-safe. */
    final class Builder {
        static {
            Layers.are(Builder.class, builder -> {
                builder.thresholdGiven = false;
                builder.detectionGiven = false;
            });
        }

        final String name;
        final io.weir.engine.breaker.BreakerConfig.Builder engine = io.weir.engine.breaker.BreakerConfig.builder();
        final List<Class<? extends Throwable>> excluded = new ArrayList<>();

        @Nullable
        Predicate<? super Throwable> excludeIf;

        @Nullable
        Predicate<? super Throwable> failureIf;

        @Nullable
        Predicate<Object> failureOnResult;

        WeirRuntime runtime = WeirRuntime.shared();
        private boolean thresholdGiven;
        private boolean detectionGiven;

        Builder(String name) {
            this.name = Objects.requireNonNull(name, "name");
        }

        /**
         * How many failures in a row open the breaker.
         *
         * @param failures at least 1; 5 by default
         */
        public Builder failureThreshold(int failures) {
            requireOne(detectionGiven);
            thresholdGiven = true;
            engine.detection(FailureDetection.consecutive(failures).config());
            return this;
        }

        /**
         * When the breaker opens.
         *
         * @param detection consecutive(5) by default
         */
        public Builder failureDetection(FailureDetection detection) {
            requireOne(thresholdGiven);
            detectionGiven = true;
            engine.detection(detection.config());
            return this;
        }

        private static void requireOne(boolean other) {
            if (other) {
                throw new IllegalArgumentException(
                        "failureThreshold and failureDetection: allowed is one of them, the former is short for consecutive(n)");
            }
        }

        /**
         * How long the breaker stays open before a trial call is admitted.
         *
         * @param time positive; 30 s by default
         */
        public Builder recoveryTime(Duration time) {
            engine.recoveryNanos(Nanos.between("recoveryTime", time, 1, Nanos.MAX));
            return this;
        }

        /**
         * How long it stays open when trials keep failing.
         *
         * @param backoff always the recovery time by default
         */
        public Builder openBackoff(OpenBackoff backoff) {
            engine.openBackoff(backoff.backoff());
            return this;
        }

        /**
         * How many trial calls may be in flight at once.
         *
         * @param calls 1 to 32; 1 by default
         */
        public Builder halfOpenMaxCalls(int calls) {
            engine.halfOpenMaxCalls(calls);
            return this;
        }

        /**
         * How many successful trial calls close the breaker.
         *
         * @param successes at least 1; 1 by default
         */
        public Builder halfOpenSuccessThreshold(int successes) {
            engine.halfOpenSuccessThreshold(successes);
            return this;
        }

        /**
         * How long a trial call may go without reporting before it counts as failed.
         *
         * @param timeout positive; 60 s by default
         */
        public Builder trialTimeout(Duration timeout) {
            engine.trialTimeoutNanos(Nanos.between("trialTimeout", timeout, 1, Nanos.MAX));
            return this;
        }

        /**
         * Exceptions that count as neither success nor failure.
         *
         * @param types subclasses are included
         */
        @SafeVarargs
        public final Builder excluding(Class<? extends Throwable>... types) {
            for (Class<? extends Throwable> type : types) {
                excluded.add(type);
            }
            return this;
        }

        /**
         * Exceptions that count as neither success nor failure.
         *
         * @param predicate asked for every exception of the call; must not throw
         */
        public Builder excludeIf(Predicate<? super Throwable> predicate) {
            excludeIf = Objects.requireNonNull(predicate, "predicate");
            return this;
        }

        /**
         * Which exceptions are failures; all others of the call then are successes, as the service has answered. Asked for every end that
         * is an exception, also for refusals of guards further in and for cancellations, so that it can count them too. Not asked for an
         * {@link Error}, which always is a failure, nor for excluded exceptions.
         *
         * @param predicate must not throw
         */
        public Builder failureIf(Predicate<? super Throwable> predicate) {
            failureIf = Objects.requireNonNull(predicate, "predicate");
            return this;
        }

        /**
         * Results that are failures.
         *
         * @param type only results of this type are asked about; no primitive one, as results are objects
         * @param predicate must not throw
         * @param <R> the type of the results
         * @throws IllegalArgumentException if the type is a primitive one
         */
        public <R> Builder failureOnResult(Class<R> type, Predicate<? super R> predicate) {
            Objects.requireNonNull(predicate, "predicate");
            if (type.isPrimitive()) {
                throw new IllegalArgumentException(
                        "type must be a class of objects, as results are (Integer for int), but was " + type);
            }
            Predicate<Object> added = result -> type.isInstance(result) && predicate.test(type.cast(result));
            failureOnResult = failureOnResult == null ? added : failureOnResult.or(added);
            return this;
        }

        /**
         * Where time and callbacks come from.
         *
         * @param runtime the shared one by default
         */
        public Builder runtime(WeirRuntime runtime) {
            this.runtime = Objects.requireNonNull(runtime, "runtime");
            return this;
        }

        public CircuitBreaker build() {
            return DefaultCircuitBreaker.create(this);
        }
    }
}

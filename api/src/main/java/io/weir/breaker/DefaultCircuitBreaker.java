package io.weir.breaker;

import io.weir.engine.breaker.Breaker;
import io.weir.engine.breaker.BreakerMetrics;
import io.weir.engine.breaker.BreakerState;
import io.weir.engine.breaker.Transition;
import io.weir.engine.breaker.TransitionFeed;
import io.weir.event.Subscription;
import io.weir.event.WeirListener;
import io.weir.internal.AbstractGuard;
import io.weir.internal.Clocks;
import java.lang.System.Logger.Level;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** The engine's breaker as a guard. */
final class DefaultCircuitBreaker extends AbstractGuard implements CircuitBreaker {
    private static final System.Logger LOG = System.getLogger("io.weir.breaker");

    private final Breaker breaker;
    private final BreakerStage stage;
    private final TransitionFeed feed;

    private DefaultCircuitBreaker(Builder builder, Breaker breaker, BreakerStage stage) {
        super(builder.name, builder.runtime, List.of(stage));
        this.breaker = breaker;
        this.stage = stage;
        this.feed = new TransitionFeed(breaker::latestTransition, this::tell);
    }

    static CircuitBreaker create(Builder builder) {
        Breaker breaker = new Breaker(Clocks.of(builder.runtime), builder.engine.build());
        DefaultCircuitBreaker guard = new DefaultCircuitBreaker(builder, breaker, new BreakerStage(breaker, builder));
        breaker.onTransition(guard.feed::drain);
        return guard;
    }

    /** One at a time and in order: the feed sees to it. Publishing hands over to listeners, it doesn't run them. */
    private void tell(Transition transition) {
        State from = stateOf(transition.from());
        State to = stateOf(transition.to());
        LOG.log(Level.INFO, () -> "circuit breaker '" + name() + "': " + from + " -> " + to);
        if (runtime().hasListeners()) {
            runtime().publish(told(transition));
        }
    }

    private Told told(Transition transition) {
        return new Told(
                name(),
                at(transition.atNanos()),
                stateOf(transition.from()),
                stateOf(transition.to()),
                transition.number(),
                this);
    }

    /** A reading of the monotonic clock by the wall clock, as that goes now. */
    private Instant at(long nanos) {
        return runtime().wallClock().instant().minusNanos(runtime().nanoTime() - nanos);
    }

    private record Told(String guard, Instant at, State from, State to, long number, DefaultCircuitBreaker source)
            implements CircuitBreakerTransition {
        @Override
        public String toString() {
            return "CircuitBreakerTransition(" + guard + ": " + from + " -> " + to + ", #" + number + ")";
        }
    }

    static State stateOf(BreakerState state) {
        return switch (state) {
            case CLOSED -> State.CLOSED;
            case OPEN -> State.OPEN;
            case HALF_OPEN -> State.HALF_OPEN;
            case FORCED_OPEN -> State.FORCED_OPEN;
            case DISABLED -> State.DISABLED;
            case METRICS_ONLY -> State.METRICS_ONLY;
        };
    }

    @Override
    public State state() {
        return stateOf(breaker.state());
    }

    @Override
    public CircuitBreakerMetrics metrics() {
        BreakerMetrics counted = breaker.metrics();
        List<CircuitBreakerTransition> recent = new ArrayList<>();
        for (Transition each : breaker.recentTransitions()) {
            recent.add(told(each));
        }
        return new Snapshot(counted, at(counted.lastTransitionNanos()), List.copyOf(recent));
    }

    private record Snapshot(
            BreakerMetrics counted, Instant lastTransitionAt, List<CircuitBreakerTransition> lastTransitions)
            implements CircuitBreakerMetrics {
        @Override
        public long successes() {
            return counted.successes();
        }

        @Override
        public long failures() {
            return counted.failures();
        }

        @Override
        public long excluded() {
            return counted.excluded();
        }

        @Override
        public long cancelled() {
            return counted.cancelled();
        }

        @Override
        public long rejected() {
            return counted.rejected();
        }

        @Override
        public long late() {
            return counted.late();
        }

        @Override
        public long slow() {
            return counted.slow();
        }

        @Override
        public long transitions() {
            return counted.transitions();
        }

        @Override
        public State state() {
            return stateOf(counted.state());
        }

        @Override
        public String toString() {
            return counted.toString();
        }
    }

    @Override
    public Subscription onTransition(Consumer<? super CircuitBreakerTransition> listener) {
        return runtime().listen(WeirListener.on(Told.class, told -> {
            if (told.source() == this) {
                listener.accept(told);
            }
        }));
    }

    @Override
    public void reset() {
        breaker.reset();
    }

    @Override
    public void forceOpen() {
        breaker.forceOpen();
    }

    @Override
    public void disable() {
        breaker.disable();
    }

    @Override
    public void metricsOnly() {
        breaker.metricsOnly();
    }

    @Override
    public long tryAcquire() {
        long permit = breaker.tryAcquire();
        return permit >= 0 && !breaker.begin(permit) ? Breaker.REFUSED : permit; // a permit taken by hand runs at once
    }

    @Override
    public long acquire() {
        long permit = tryAcquire();
        if (CircuitBreaker.isRefused(permit)) {
            throw stage.refused();
        }
        return permit;
    }

    @Override
    public void onSuccess(long permit, long nanos) {
        breaker.onSuccess(permit, nanos);
    }

    @Override
    public void onFailure(long permit, Throwable failure, long nanos) {
        stage.report(permit, nanos, failure);
    }

    @Override
    public void release(long permit) {
        breaker.release(permit);
    }

    /** Judges nothing: a debugger must not move the breaker. */
    @Override
    public String toString() {
        return "CircuitBreaker(" + name() + ", " + breaker.stateNow() + ")";
    }
}

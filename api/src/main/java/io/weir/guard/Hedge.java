package io.weir.guard;

import io.weir.WeirRuntime;
import io.weir.engine.permit.LatencyQuantile;
import io.weir.internal.AbstractGuard;
import io.weir.internal.Durations;
import io.weir.internal.HedgeStage;
import io.weir.internal.TimeoutStage;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Tries a call once more beside when it takes long, and takes the result that comes first. For calls that may be made twice: reads, and writes that
 * are idempotent. {@link io.weir.CallContext#attempt} tells the attempts apart, say to send a hedge to another replica.
 *
 * <p><b>When.</b> A hedge is sent when the attempt before it has been in flight for the delay, or for the time that most recent calls took ({@link
 * Builder#delayPercentile}). A call that ends at once costs nothing here and is not counted. A failure sends no hedge: a hedge is for calls that are
 * slow, and those that fail are the business of a {@link io.weir.retry.Retry} around this.
 *
 * <p><b>The end.</b> The first result is the call's. An attempt that fails while others are in flight is waited out; when all have failed the call
 * fails with the last failure (of the call itself, if there is one: that a guard further in has refused a hedge says less). The losers are
 * cancelled: stages in flight, the hooks of their {@link io.weir.CallContext}, blocking threads by an interrupt; breakers further in count them as
 * cancelled. What they held is given back before the caller hears, but for those that are on a thread just then: nobody waits for them.
 *
 * <p><b>What is further in</b> happens to each attempt by itself: it pays the limiter, takes a place in the bulkhead, is retried. Guards further out
 * see one call.
 *
 * <p><b>How many.</b> Hedges are at most a part of the calls of the last 10 s ({@link Builder#budget}), and one each 10 s besides, so that a slow
 * service isn't buried under them.
 *
 * <p><b>Blocking calls.</b> All attempts run on {@link WeirRuntime#blockingExecutor}, as the caller returns when there is a winner, whatever the
 * losers do: thread-locals of the caller, locks it holds and its transaction don't follow. A call that is interrupted or out of time
 * interrupts its attempts and doesn't wait for them.
 *
 * <p>After Dean and Barroso, "The Tail at Scale" (CACM 56, 2013). Thread-safe.
 */
@SuppressWarnings("exports") // what it inherits is the public Guard; how is nobody's business
public final class Hedge extends AbstractGuard {
    private static final int MOST_HEDGES = 10;
    private static final long WINDOW_NANOS = 60_000_000_000L;
    private static final int FEWEST_LATENCIES = 20;

    private final HedgeStage stage;
    private final String described;

    private Hedge(HedgeStage stage, WeirRuntime runtime, String described) {
        super(stage.name(), runtime, List.of(stage));
        this.stage = stage;
        this.described = described;
    }

    /**
     * A hedge with the name "hedge".
     *
     * @param delay how long a call is in flight before it is hedged; positive
     */
    public static Hedge of(Duration delay) {
        return of("hedge", delay);
    }

    /**
     * A hedge.
     *
     * @param name for messages, events and metrics
     * @param delay how long a call is in flight before it is hedged; positive
     */
    public static Hedge of(String name, Duration delay) {
        return builder(name).delay(delay).build();
    }

    /**
     * Begins a hedge.
     *
     * @param name for messages, events and metrics
     */
    public static Builder builder(String name) {
        return new Builder(name);
    }

    public HedgeMetrics metrics() {
        long delay = stage.delayNanos();
        return new Counted(
                stage.hedges(),
                stage.won(),
                stage.refused(),
                delay == 0 ? Optional.empty() : Optional.of(Duration.ofNanos(delay)));
    }

    private record Counted(long hedges, long won, long refused, Optional<Duration> delay) implements HedgeMetrics {}

    private record Told(String guard, Instant at, int hedge, Duration after) implements HedgeEvent {}

    @Override
    public String toString() {
        return "Hedge(" + name() + ", " + described + ")";
    }

    /** Builds hedges. Not thread-safe. */
    public static final class Builder {
        private final String name;
        private @Nullable Duration delay;
        private double percentile;
        private int maxHedges = 1;
        private double budget = 0.1;
        private WeirRuntime runtime = WeirRuntime.shared();

        private Builder(String name) {
            this.name = Objects.requireNonNull(name, "name");
        }

        /**
         * How long a call is in flight before it is hedged, and a hedge before the next one. Required, unless there is a percentile; with one,
         * it stands in as long as too few latencies are known.
         *
         * @param delay positive
         */
        public Builder delay(Duration delay) {
            this.delay = TimeoutStage.requirePositive("delay", delay);
            return this;
        }

        /**
         * Hedges a call when it has been in flight for longer than this part of the calls of the last 30 to 60 s took: 0.95 hedges about one
         * call in twenty. The latencies are those of first attempts; of one that was left for a hedge or cut by a timeout it counts how long
         * it took at least, so that hedging doesn't lower its own delay. Known to an eighth, from 20 calls on; without a {@link #delay} none
         * is hedged before.
         *
         * @param percentile 0.5 to 0.999
         */
        public Builder delayPercentile(double percentile) {
            if (!(percentile >= 0.5 && percentile <= 0.999)) {
                throw new IllegalArgumentException("delayPercentile = " + percentile + ": allowed is 0.5 to 0.999");
            }
            this.percentile = percentile;
            return this;
        }

        /**
         * How many hedges a call may have.
         *
         * @param hedges 1 to 10; 1 by default
         */
        public Builder maxHedges(int hedges) {
            if (hedges < 1 || hedges > MOST_HEDGES) {
                throw new IllegalArgumentException("maxHedges = " + hedges + ": allowed is 1 to " + MOST_HEDGES);
            }
            this.maxHedges = hedges;
            return this;
        }

        /**
         * How many hedges there may be for each call of the last 10 s that didn't end at once; one each 10 s is allowed besides. As much as
         * {@link #maxHedges}, or more, is in practice no limit.
         *
         * @param ratio 0.01 to 10; 0.1 by default
         */
        public Builder budget(double ratio) {
            if (!(ratio >= 0.01 && ratio <= 10)) {
                throw new IllegalArgumentException("budget = " + ratio + ": allowed is 0.01 to 10");
            }
            this.budget = ratio;
            return this;
        }

        /**
         * Where time, callbacks and threads for blocking calls come from.
         *
         * @param runtime the shared one by default
         */
        public Builder runtime(WeirRuntime runtime) {
            this.runtime = Objects.requireNonNull(runtime, "runtime");
            return this;
        }

        public Hedge build() {
            Duration given = delay;
            if (given == null && percentile == 0) {
                throw new IllegalArgumentException(
                        "delay is missing: required is a positive duration, or a delayPercentile of 0.5 to 0.999");
            }
            WeirRuntime mine = runtime;
            String guard = name;
            LatencyQuantile latencies = percentile == 0
                    ? null
                    : new LatencyQuantile(percentile, FEWEST_LATENCIES, WINDOW_NANOS, mine.nanoTime());
            HedgeStage stage = new HedgeStage(
                    guard,
                    mine,
                    given == null ? 0 : Durations.addableNanos(given),
                    maxHedges,
                    budget,
                    latencies,
                    (hedge, afterNanos) -> tell(guard, mine, hedge, afterNanos));
            String when = (percentile == 0 ? "" : "delayPercentile=" + percentile + ", ")
                    + (given == null ? "" : "delay=" + given + ", ");
            return new Hedge(stage, mine, when + "maxHedges=" + maxHedges + ", budget=" + budget);
        }

        private static void tell(String guard, WeirRuntime runtime, int hedge, long afterNanos) {
            if (runtime.hasListeners()) {
                runtime.publish(new Told(guard, runtime.wallClock().instant(), hedge, Duration.ofNanos(afterNanos)));
            }
        }
    }
}

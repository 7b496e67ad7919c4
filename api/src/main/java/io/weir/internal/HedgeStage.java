package io.weir.internal;

import io.weir.AsyncCall;
import io.weir.CallOptions;
import io.weir.WeirRuntime;
import io.weir.engine.permit.LatencyQuantile;
import io.weir.engine.permit.RetryBudget;
import java.util.concurrent.atomic.LongAdder;
import org.agrona.concurrent.NanoClock;
import org.jspecify.annotations.Nullable;

/** A hedge in a pipeline: what all its runs share. What a run does is in {@link HedgeRun}. */
public final class HedgeStage extends Enclosing {
    /** Deposits live so long, in nanoseconds. */
    private static final long BUDGET_TTL_NANOS = 10_000_000_000L;
    /** Hedges a second besides, so that who calls rarely has any. */
    private static final double BUDGET_PER_SECOND = 0.1;

    private final String name;
    private final WeirRuntime runtime;
    private final NanoClock clock;
    private final long delayNanos;
    private final int maxHedges;
    private final RetryBudget budget;
    private final @Nullable LatencyQuantile latencies;
    private final Sent sent;
    private final LongAdder hedges = new LongAdder();
    private final LongAdder won = new LongAdder();
    private final LongAdder refused = new LongAdder();

    /** Hears of each hedge that is sent. */
    @FunctionalInterface
    public interface Sent {
        void sent(int hedge, long delayNanos);
    }

    /**
     * Makes the stage.
     *
     * @param name of the guard
     * @param runtime where time, timer and threads come from
     * @param delayNanos before each hedge; of a percentile: until there is one, 0 for no hedge until then
     * @param maxHedges at least 1
     * @param budget hedges a call
     * @param latencies where the delay comes from, or null
     * @param sent told of each hedge
     */
    public HedgeStage(
            String name,
            WeirRuntime runtime,
            long delayNanos,
            int maxHedges,
            double budget,
            @Nullable LatencyQuantile latencies,
            Sent sent) {
        this.name = name;
        this.runtime = runtime;
        this.clock = Clocks.of(runtime);
        this.delayNanos = delayNanos;
        this.maxHedges = maxHedges;
        this.budget = new RetryBudget(budget, BUDGET_PER_SECOND, BUDGET_TTL_NANOS, clock.nanoTime());
        this.latencies = latencies;
        this.sent = sent;
    }

    @Override
    public String name() {
        return name;
    }

    WeirRuntime runtime() {
        return runtime;
    }

    int maxHedges() {
        return maxHedges;
    }

    long nanoTime() {
        return clock.nanoTime();
    }

    // ---- what the runs ask and tell

    /** How long to wait before the next hedge, in nanoseconds; 0 if that isn't known yet. */
    public long delayNanos() {
        long estimate = latencies == null ? 0 : latencies.estimateNanos(clock.nanoTime());
        return estimate > 0 ? estimate : delayNanos;
    }

    /** A call is in flight that may come to be hedged. */
    void inFlight(long now) {
        budget.deposit(now);
    }

    boolean mayHedge(long now) {
        if (budget.tryWithdraw(now)) {
            return true;
        }
        refused.increment();
        return false;
    }

    void hedged(int hedge, long afterNanos) {
        hedges.increment();
        sent.sent(hedge, afterNanos);
    }

    void hedgeWon() {
        won.increment();
    }

    /** How long a first attempt took; or, if it was left before its end, how long it took at least. */
    void took(long nanos, long now) {
        if (latencies != null) {
            latencies.record(nanos, now);
        }
    }

    // ---- the runs

    @Override
    @Nullable
    Object walk(Chain inner, CallOptions options, AsyncCall<?> call, long now) {
        return inner.walk(options, call, now);
    }

    @Override
    Run adopt(Chain inner, CallOptions options, AsyncCall<?> call, PipelineCall<?> first) {
        return new HedgeRun.Async(this, inner, options, call, first);
    }

    @Override
    Run newRun(Chain inner, CallOptions options, AsyncCall<?> call) {
        return new HedgeRun.Async(this, inner, options, call, null);
    }

    @Override
    @Nullable
    Object block(Chain inner, CallOptions options, BlockingCall call) {
        return new HedgeRun.Blocking(this, inner, options, call).await();
    }

    // ---- metrics

    /** Hedges sent. */
    public long hedges() {
        return hedges.sum();
    }

    /** Calls whose result a hedge brought. */
    public long won() {
        return won.sum();
    }

    /** Hedges that were due, and not sent for want of budget. */
    public long refused() {
        return refused.sum();
    }
}

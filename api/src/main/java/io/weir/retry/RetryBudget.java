package io.weir.retry;

import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Bounds retries by the calls they belong to, so that they can't multiply an outage: each call that succeeds buys {@code ratio} retries, and
 * a few a second are there in any case. A retry that the budget refuses isn't made: the call ends with its failure.
 *
 * <p>In any time of length t there are at most {@code ratio} · (the calls that succeeded in it and in the {@code ttl} before) + {@code
 * minPerSecond} · (t + ttl) retries, and at least one. What isn't used expires, after half the ttl at the earliest and all of it at the
 * latest. At most 2,000 retries (26,000 at a ratio of 0.1) are kept for each half.
 *
 * <p>Shared: give one budget to all retries that call the same service, in one process and of one {@link io.weir.WeirRuntime}. Thread-safe,
 * compared by identity. After the retry budgets of Twitter's Finagle, which counts requests where this counts successes.
 */
public final class RetryBudget {
    private static final Duration TTL = Duration.ofSeconds(10);

    private final double ratio;
    private final double minPerSecond;
    private final long ttlNanos;

    /** Made at the first use, as it is the retries' runtime that has the clock. */
    private final AtomicReference<io.weir.engine.permit.@Nullable RetryBudget> budget = new AtomicReference<>();

    private RetryBudget(double ratio, double minPerSecond, long ttlNanos) {
        this.ratio = ratio;
        this.minPerSecond = minPerSecond;
        this.ttlNanos = ttlNanos;
        beginning(0); // checks the values
    }

    /**
     * A budget whose deposits live 10 s.
     *
     * @param ratio retries a call: 0, or from 0.01 to 10; 0.1 to 0.2 is usual. Taken as the largest fraction up to it with a denominator of
     *     at most 128
     * @param minPerSecond retries a second besides, for those who call rarely: 0, or from 0.001 to 1,000,000
     * @throws IllegalArgumentException if one is out of range
     */
    public static RetryBudget of(double ratio, double minPerSecond) {
        return of(ratio, minPerSecond, TTL);
    }

    /**
     * A budget.
     *
     * @param ratio retries a call: 0, or from 0.01 to 10
     * @param minPerSecond retries a second besides: 0, or from 0.001 to 1,000,000
     * @param ttl how long a deposit lives, 1 s to 60 s
     * @throws IllegalArgumentException if one is out of range
     */
    public static RetryBudget of(double ratio, double minPerSecond, Duration ttl) {
        Objects.requireNonNull(ttl, "ttl");
        if (ttl.compareTo(Duration.ofSeconds(1)) < 0 || ttl.compareTo(Duration.ofSeconds(60)) > 0) {
            throw new IllegalArgumentException("ttl must be from PT1S to PT1M, but was " + ttl);
        }
        return new RetryBudget(ratio, minPerSecond, ttl.toNanos());
    }

    private io.weir.engine.permit.RetryBudget beginning(long now) {
        return new io.weir.engine.permit.RetryBudget(ratio, minPerSecond, ttlNanos, now);
    }

    private io.weir.engine.permit.RetryBudget at(long now) {
        io.weir.engine.permit.RetryBudget seen = budget.get();
        if (seen == null) {
            io.weir.engine.permit.RetryBudget made = beginning(now);
            seen = budget.compareAndExchange(null, made);
            return seen == null ? made : seen;
        }
        return seen;
    }

    /** A call has succeeded, at its first attempt or later. */
    void deposit(long now) {
        at(now).deposit(now);
    }

    /** Whether another retry may be made; it then has been counted. */
    boolean tryWithdraw(long now) {
        return at(now).tryWithdraw(now);
    }

    @Override
    public String toString() {
        return "RetryBudget(" + ratio + " a call, " + minPerSecond + " a second, ttl " + Duration.ofNanos(ttlNanos)
                + ")";
    }
}

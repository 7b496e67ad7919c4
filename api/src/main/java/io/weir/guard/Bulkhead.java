package io.weir.guard;

import io.weir.BulkheadFullException;
import io.weir.Guard;
import io.weir.WeirRuntime;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Limits how many calls run at once. A call that finds no place free is refused with {@link BulkheadFullException}, or stands in line, first
 * come, first served, if the bulkhead has a line. A place is given back when the call ends, however it ends, before its caller hears.
 *
 * <p>May stand in a pipeline once only, as a call would wait for the place that it holds itself. Thread-safe; taking a free place and giving
 * it back take no lock and allocate nothing.
 */
public interface Bulkhead extends Guard {

    /**
     * Begins a bulkhead.
     *
     * @param name for messages
     */
    static Builder builder(String name) {
        return new Builder(name);
    }

    /**
     * A bulkhead that refuses at once when it is full.
     *
     * @param name for messages
     * @param maxConcurrent how many calls may run at once; at least 1
     */
    static Bulkhead of(String name, int maxConcurrent) {
        return builder(name).maxConcurrent(maxConcurrent).build();
    }

    /**
     * Takes a place, now or never. While anybody stands in line, nobody overtakes.
     *
     * @return true if it is taken: {@link #release} it once
     * @throws IllegalStateException if the bulkhead is closed
     */
    boolean tryAcquire();

    /**
     * Takes a place, standing in line if there is one for it, no longer than the bulkhead's maxWait.
     *
     * @return completes when a place is taken: {@link #release} it once; fails with {@link BulkheadFullException}, or with {@link
     *     IllegalStateException} when the bulkhead is closed. Whoever cancels or completes it leaves the line
     */
    CompletableFuture<@Nullable Void> acquire();

    /**
     * The same, but no longer than a timeout.
     *
     * @param timeout the longest wait, in the place of the bulkhead's; zero or less for none
     */
    CompletableFuture<@Nullable Void> acquire(Duration timeout);

    /**
     * Takes a place, holding the thread while it stands in line, no longer than the bulkhead's maxWait. {@link #release} it once.
     *
     * @throws InterruptedException if the thread is interrupted, or was already; no place is taken then
     * @throws BulkheadFullException if there is no place, and no more may wait, or it has waited too long
     * @throws IllegalStateException if the bulkhead is, or gets, closed
     */
    void acquireBlocking() throws InterruptedException;

    /**
     * The same, but no longer than a timeout.
     *
     * @param timeout the longest wait, in the place of the bulkhead's; zero or less for none
     * @throws InterruptedException if the thread is interrupted, or was already; no place is taken then
     * @throws BulkheadFullException if there is no place, and no more may wait, or it has waited too long
     * @throws IllegalStateException if the bulkhead is, or gets, closed
     */
    void acquireBlocking(Duration timeout) throws InterruptedException;

    /**
     * Gives a place back that was taken by hand. The guard's own calls do that themselves.
     *
     * @throws IllegalStateException if no place is taken. One release too many while others hold places can't be told from theirs
     */
    void release();

    /**
     * Changes how many calls may run at once. Raised, those in line get what is free; lowered, running calls go on, and are not replaced
     * until there are fewer.
     *
     * @param maxConcurrent at least 1
     * @throws IllegalStateException if the bulkhead is closed
     */
    void resize(int maxConcurrent);

    /** How many calls may run at once. */
    int maxConcurrent();

    /** How many places are taken; more than {@link #maxConcurrent} for a while after that was lowered. */
    int inUse();

    /** How many callers stand in line. */
    int waiters();

    BulkheadMetrics metrics();

    /** Fails everybody in line, and every call after it, with {@link IllegalStateException}. Running calls go on. Idempotent. */
    void close();

    /** Builds bulkheads. Not thread-safe. */
    final class Builder {
        final String name;
        int maxConcurrent = 25;
        int maxWaiters;
        long maxWaitNanos = Long.MAX_VALUE;
        WeirRuntime runtime = WeirRuntime.shared();

        private Builder(String name) {
            this.name = Objects.requireNonNull(name, "name");
        }

        /**
         * How many calls may run at once.
         *
         * @param calls at least 1; 25 by default
         */
        public Builder maxConcurrent(int calls) {
            DefaultBulkhead.requireConcurrent(calls);
            this.maxConcurrent = calls;
            return this;
        }

        /**
         * How many callers may stand in line.
         *
         * @param waiters at least 0; 0 by default: a full bulkhead refuses at once
         */
        public Builder maxWaiters(int waiters) {
            BulkheadStage.requireWaiters(waiters);
            this.maxWaiters = waiters;
            return this;
        }

        /**
         * How long a caller stands in line at most.
         *
         * @param wait positive; without end by default, but for the call's own deadline
         */
        public Builder maxWait(Duration wait) {
            this.maxWaitNanos = BulkheadStage.requireMaxWait(wait);
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

        public Bulkhead build() {
            return new DefaultBulkhead(this);
        }
    }
}

package io.weir.jmh.report;

import static io.weir.jmh.report.Goal.Claim.atLeast;
import static io.weir.jmh.report.Goal.Claim.atMost;

import java.util.List;
import java.util.OptionalDouble;

/** The goals, P1 to P14, and how a run's figures answer them. */
final class Goals {
    private static final String BUCKET = "TokenBucket";
    private static final String BREAKER = "Breaker";
    private static final String WINDOW = "BreakerWindow";
    private static final String KEYED = "KeyedLimiter";
    private static final String WAITERS = "Waiters";
    private static final String PIPELINE = "Pipeline";
    private static final String ASYNC = "AsyncPipeline";

    /** What must not allocate, all of ours in it. */
    private static final List<String> HOT = List.of(BUCKET, BREAKER, WINDOW, KEYED, PIPELINE);

    /** What JMH's figure of allocation may be off by when nothing is allocated: its own harness' bytes, spread over the calls. */
    private static final double NO_BYTES = 0.5;

    private static final String TIMES = " ×";
    private static final String BYTES = " B";

    private final Run run;
    private final boolean bulkhead;

    private Goals(Run run, boolean bulkhead) {
        this.run = run;
        this.bulkhead = bulkhead;
    }

    /**
     * The table.
     *
     * @param bulkhead whether the pipelines had one
     */
    static List<Goal> of(Run run, boolean bulkhead) {
        Goals goals = new Goals(run, bulkhead);
        return List.of(
                goals.granted(),
                goals.contended(),
                goals.exact(),
                goals.rejected(),
                goals.breaker(),
                goals.window(),
                goals.open(),
                goals.keyed(),
                goals.keyMemory(),
                goals.waiters(),
                goals.blocking(),
                goals.async(),
                goals.noGarbage(),
                goals.retries());
    }

    private Goal granted() {
        String what = "tryAcquire_granted";
        return goal(
                "P1",
                "tryAcquire granted, 1 thread, large capacity",
                atMost(0.45, TIMES, "to nanoTime", toFloor(BUCKET, what, "nanoTime", 1)),
                atLeast(3, TIMES, "faster than the best peer", overPeer(BUCKET, what, 1)));
    }

    private Goal contended() {
        String what = "tryAcquire_granted";
        return goal(
                "P2",
                "the same, 2 threads on one limiter",
                atMost(1.6, TIMES, "to its own cost at 1 thread", over(ours(BUCKET, what, 2), ours(BUCKET, what, 1))),
                atLeast(10, TIMES, "the throughput of the best peer", overPeer(BUCKET, what, 2)));
    }

    private Goal exact() {
        return goal(
                "P3",
                "tryAcquire granted, exact word, 1 thread",
                atMost(
                        1.1,
                        TIMES,
                        "to nanoTime + CAS",
                        toFloor(BUCKET, "tryAcquire_grantedExact", "nanoTimeThenCas", 1)));
    }

    private Goal rejected() {
        String what = "tryAcquire_rejected";
        return goal(
                "P4",
                "tryAcquire rejected, 1 and 2 threads",
                atMost(1.25, TIMES, "to nanoTime, 1 thread", toFloor(BUCKET, what, "nanoTime", 1)),
                atMost(1.25, TIMES, "to nanoTime, 2 threads", toFloor(BUCKET, what, "nanoTime", 2)),
                atMost(1.25, TIMES, "large capacity, 1 thread", toFloor(BUCKET, what + "Large", "nanoTime", 1)),
                atMost(1.25, TIMES, "large capacity, 2 threads", toFloor(BUCKET, what + "Large", "nanoTime", 2)),
                atLeast(1, TIMES, "faster than the best peer, 1 thread", overPeer(BUCKET, what, 1)),
                atLeast(2.5, TIMES, "faster than the best peer, 2 threads", overPeer(BUCKET, what, 2)));
    }

    private Goal breaker() {
        String what = "call_closed";
        OptionalDouble read = run.nanos(BREAKER, "floor_volatileRead", 1);
        OptionalDouble allowed =
                read.isPresent() ? OptionalDouble.of(3 * read.getAsDouble() + 2) : OptionalDouble.empty();
        OptionalDouble bare = ours(BREAKER, what, 1);
        OptionalDouble counted = run.nanos(BREAKER, "weirWithMetrics_" + what, 1);
        OptionalDouble more = bare.isPresent() && counted.isPresent()
                ? OptionalDouble.of(counted.getAsDouble() - bare.getAsDouble())
                : OptionalDouble.empty();
        return goal(
                "P5",
                "breaker CLOSED, acquire + success, consecutive, no metrics",
                atMost(1, TIMES, "to 3 volatile reads + 2 ns", over(bare, allowed)),
                atLeast(7, TIMES, "faster than the best peer, 1 thread", overPeer(BREAKER, what, 1)),
                atLeast(50, TIMES, "faster than the best peer, 2 threads", overPeer(BREAKER, what, 2)),
                atMost(
                        1,
                        TIMES,
                        "striped increments more with metrics",
                        over(more, run.nanos(BREAKER, "floor_adderIncrement", 1))));
    }

    private Goal window() {
        return goal(
                "P6",
                "the same, count window of 100, time window of 10 s",
                atLeast(2, TIMES, "count, best peer, 1 thread", overPeer(WINDOW, "call_countWindow", 1)),
                atLeast(4, TIMES, "count, best peer, 2 threads", overPeer(WINDOW, "call_countWindow", 2)),
                atLeast(2, TIMES, "time, best peer, 1 thread", overPeer(WINDOW, "call_timeWindow", 1)),
                atLeast(4, TIMES, "time, best peer, 2 threads", overPeer(WINDOW, "call_timeWindow", 2)));
    }

    private Goal open() {
        return goal(
                "P7",
                "breaker OPEN, rejected as a boolean",
                atMost(1.25, TIMES, "to nanoTime", toFloor(BREAKER, "tryAcquire_open", "nanoTime", 1)));
    }

    private Goal keyed() {
        OptionalDouble million = run.nanos(KEYED, "weir_tryAcquire_keyed", 1, "keys=1000000");
        OptionalDouble peer = run.nanos(KEYED, "bucket4jInMap_tryAcquire_keyed", 1, "keys=1000000");
        OptionalDouble more = run.nanos(KEYED, "weir_tryAcquire_keyed", 1, "keys=10000000");
        return goal(
                "P8",
                "keyed limiter, 1M keys uniform, tryAcquire",
                atLeast(5, TIMES, "faster than ConcurrentHashMap + Bucket4j", over(peer, million)),
                atMost(2, TIMES, "10M keys to 1M keys", over(more, million)));
    }

    private Goal keyMemory() {
        return goal(
                "P9",
                "keyed limiter's memory, 10M keys",
                atMost(24, BYTES, "a key", run.figure("weir key")),
                atMost(
                        NO_BYTES,
                        BYTES,
                        "a call",
                        run.mostBytes(
                                row -> row.subject().equals(KEYED) && row.name().equals("weir_tryAcquire_keyed"))));
    }

    private Goal waiters() {
        return goal(
                "P10",
                "1M callers waiting on one limiter",
                atMost(96, BYTES, "each, its future included", run.figure("weir waiter")),
                atMost(136, BYTES, "with a timeout", run.figure("weir waiterWithTimeout")),
                atLeast(
                        3,
                        TIMES,
                        "faster to enqueue than in a ScheduledThreadPoolExecutor",
                        over(
                                run.nanos(WAITERS, "scheduledExecutor_acquire_queued", 1),
                                ours(WAITERS, "acquire_queued", 1))));
    }

    private Goal blocking() {
        String what = "call_blocking";
        return pipeline(
                "P11",
                "blocking pipeline around a no-op, metrics on",
                atMost(NO_BYTES, BYTES, "a call", bytes(PIPELINE, what)),
                atLeast(4, TIMES, "faster than the better peer", overPeer(PIPELINE, what, 1)));
    }

    private Goal async() {
        return pipeline(
                "P12",
                "async pipeline: (a) completed stage, (b) completes later",
                atLeast(4, TIMES, "(a) faster than the better peer", overPeer(ASYNC, "execute_completed", 1)),
                atMost(32, BYTES, "(a)", bytes(ASYNC, "execute_completed")),
                atLeast(2.5, TIMES, "(b) faster than the better peer", overPeer(ASYNC, "execute_pending", 1)),
                atMost(176 + NO_BYTES, BYTES, "(b)", bytes(ASYNC, "execute_pending")));
    }

    private Goal noGarbage() {
        // A map of our buckets is there to be compared with the keyed table, and who parses a key makes a string:
        // neither is a hot path of ours.
        Goal.Claim[] claims = HOT.stream()
                .map(subject -> atMost(
                        NO_BYTES,
                        BYTES,
                        subject + ", the most of any",
                        run.mostBytes(row -> row.subject().equals(subject)
                                && row.isOurs()
                                && !row.whose().equals("weirInMap")
                                && !row.what().endsWith("Parsed"))))
                .toArray(Goal.Claim[]::new);
        return goal("P13", "all hot paths allocate nothing, on this JDK", claims);
    }

    private Goal retries() {
        return goal(
                "P14",
                "100,000 calls waiting for a retry, due in one tick",
                atMost(1, " thread", "for the timer", run.figure("weir retryThreads")),
                atMost(250, BYTES, "a waiting call", run.figure("weir retrying")),
                atMost(5, " ms", "late at most, the median of 5 herds", run.figure("weir retryLateMax")));
    }

    private static Goal goal(String id, String work, Goal.Claim... claims) {
        return new Goal(id, work, List.of(claims), "");
    }

    private Goal pipeline(String id, String work, Goal.Claim... claims) {
        String stack = "breaker + retry + limiter" + (bulkhead ? " + bulkhead" : "");
        return new Goal(id, work, List.of(claims), stack + (bulkhead ? "" : "; no bulkhead yet, in none of the three"));
    }

    private OptionalDouble ours(String subject, String what, int threads) {
        return run.nanos(subject, "weir_" + what, threads);
    }

    private OptionalDouble toFloor(String subject, String what, String floor, int threads) {
        return over(ours(subject, what, threads), run.nanos(subject, "floor_" + floor, threads));
    }

    private OptionalDouble overPeer(String subject, String what, int threads) {
        return over(run.bestPeer(subject, what, threads), ours(subject, what, threads));
    }

    private OptionalDouble bytes(String subject, String what) {
        return run.mostBytes(row -> row.subject().equals(subject) && row.name().equals("weir_" + what));
    }

    private static OptionalDouble over(OptionalDouble dividend, OptionalDouble divisor) {
        return dividend.isPresent() && divisor.isPresent() && divisor.getAsDouble() > 0
                ? OptionalDouble.of(dividend.getAsDouble() / divisor.getAsDouble())
                : OptionalDouble.empty();
    }
}

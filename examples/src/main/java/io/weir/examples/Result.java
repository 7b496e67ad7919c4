package io.weir.examples;

import io.weir.breaker.CircuitBreaker;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.HdrHistogram.Histogram;

/**
 * What a run came to.
 *
 * @param target what was called
 * @param options as given
 * @param tuning of the guards
 * @param script of the service, no spans if it is the user's
 * @param elapsed from the beginning until the last call had ended
 * @param interrupted whether it was ended early
 * @param counts of calls
 * @param sent requests that the limiter let through
 * @param retries how often a call was tried again
 * @param reasons why calls failed or were rejected
 * @param changes of the breaker's state, in order
 * @param bins slices of the run
 * @param latencies of all calls that succeeded or failed, in microseconds
 * @param checks what must be so
 */
record Result(
        String target,
        DemoOptions options,
        Tuning tuning,
        List<FaultScript.Span> script,
        Duration elapsed,
        boolean interrupted,
        Tally.Counts counts,
        long sent,
        long retries,
        Map<String, Long> reasons,
        List<Change> changes,
        List<Bin> bins,
        Histogram latencies,
        List<Check> checks) {

    /** The breaker changed its state. */
    record Change(long atNanos, CircuitBreaker.State from, CircuitBreaker.State to) {}

    /** Something that must be so, and whether it is. */
    record Check(String what, boolean holds, String numbers) {}

    boolean sound() {
        return checks.stream().allMatch(Check::holds);
    }

    long opened() {
        return changes.stream()
                .filter(change -> change.to() == CircuitBreaker.State.OPEN)
                .count();
    }
}

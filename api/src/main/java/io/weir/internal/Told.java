package io.weir.internal;

import io.weir.CallRejected;
import io.weir.CallRejected.Reason;
import io.weir.CallRejectedException;
import io.weir.CallTimedOut;
import io.weir.CallTimeoutException;
import io.weir.WeirRuntime;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * Tells the refusals and timeouts of calls: to the log at DEBUG, and to listeners. Each where its exception is made, which is once for each, on
 * a thread that may run user code and holds nothing.
 */
public final class Told {
    private static final System.Logger LOG = System.getLogger("io.weir");

    private Told() {}

    private record Rejected(String guard, Instant at, Reason reason, Optional<Duration> retryAfter)
            implements CallRejected {
        @Override
        public String toString() {
            return "CallRejected(" + guard + ": " + reason
                    + retryAfter.map(wait -> ", retry after " + wait).orElse("") + ")";
        }
    }

    private record TimedOut(String guard, Instant at, Duration after) implements CallTimedOut {
        @Override
        public String toString() {
            return "CallTimedOut(" + guard + ": after " + after + ")";
        }
    }

    /**
     * Tells a refusal, and returns it.
     *
     * @param runtime whose listeners hear it
     * @param reason what it is for
     * @param refusal about to be thrown
     * @param <X> its type
     */
    public static <X extends CallRejectedException> X rejected(WeirRuntime runtime, Reason reason, X refusal) {
        if (LOG.isLoggable(Level.DEBUG)) {
            LOG.log(Level.DEBUG, refusal.getMessage());
        }
        if (runtime.hasListeners()) {
            runtime.publish(new Rejected(refusal.guard(), runtime.wallClock().instant(), reason, refusal.retryAfter()));
        }
        return refusal;
    }

    /**
     * Tells a timeout, and returns it.
     *
     * @param runtime whose listeners hear it
     * @param timeout about to be thrown
     */
    public static CallTimeoutException timedOut(WeirRuntime runtime, CallTimeoutException timeout) {
        if (LOG.isLoggable(Level.DEBUG)) {
            LOG.log(Level.DEBUG, timeout.getMessage());
        }
        if (runtime.hasListeners()) {
            runtime.publish(new TimedOut(timeout.guard(), runtime.wallClock().instant(), timeout.after()));
        }
        return timeout;
    }
}

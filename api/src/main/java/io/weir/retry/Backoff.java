package io.weir.retry;

import io.weir.internal.Durations;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * How long to wait before a retry: a function of the attempt that failed. Thread-safe if it keeps nothing, as all of Weir's. The kinds of
 * jitter are those of Marc Brooker, "Exponential Backoff And Jitter" (AWS Architecture Blog, 2015).
 */
@FunctionalInterface
public interface Backoff {

    /**
     * The delay before the next attempt.
     *
     * @param attempt the one that ended
     * @return not negative
     */
    Duration delay(Attempt attempt);

    /**
     * Always the same delay.
     *
     * @param delay not negative
     */
    static Backoff constant(Duration delay) {
        Delays.requireNotNegative("delay", delay);
        return attempt -> delay;
    }

    /**
     * {@code step · n} before retry n, at most {@code max}.
     *
     * @param step not negative
     * @param max at least {@code step}
     */
    static Backoff linear(Duration step, Duration max) {
        long stepNanos = Delays.requireNotNegative("step", step);
        long maxNanos = Delays.requireAtLeast("max", max, "step", step);
        return attempt -> Duration.ofNanos(Delays.saturated((double) stepNanos * attempt.number(), maxNanos));
    }

    /**
     * {@code base · factor^(n-1)} before retry n, at most {@code max}; no jitter.
     *
     * @param base not negative
     * @param factor at least 1
     * @param max at least {@code base}
     */
    static Backoff exponential(Duration base, double factor, Duration max) {
        long baseNanos = Delays.requireNotNegative("base", base);
        long maxNanos = Delays.requireAtLeast("max", max, "base", base);
        if (!(factor >= 1) || Double.isInfinite(factor)) {
            throw new IllegalArgumentException("factor = " + factor + ": allowed is a finite number of at least 1");
        }
        return attempt ->
                Duration.ofNanos(Delays.saturated(baseNanos * Math.pow(factor, attempt.number() - 1.0), maxNanos));
    }

    /**
     * Decorrelated jitter: between {@code base} and three times the delay before, at most {@code max}.
     *
     * @param base positive
     * @param max at least {@code base}
     */
    static Backoff decorrelated(Duration base, Duration max) {
        long baseNanos = Delays.requireNotNegative("base", base);
        long maxNanos = Delays.requireAtLeast("max", max, "base", base);
        return attempt -> {
            double upTo = Math.max((double) baseNanos, 3.0 * Durations.saturatedNanos(attempt.previousDelay()));
            double drawn = baseNanos + ThreadLocalRandom.current().nextDouble() * (upTo - baseNanos);
            return Duration.ofNanos(Delays.saturated(drawn, maxNanos));
        };
    }

    /** This back-off with full jitter: anything from 0 to the delay. */
    default Backoff fullJitter() {
        return attempt ->
                Delays.scaled(delay(attempt), ThreadLocalRandom.current().nextDouble());
    }

    /** This back-off with equal jitter: anything from half the delay to all of it. */
    default Backoff equalJitter() {
        return attempt ->
                Delays.scaled(delay(attempt), 0.5 + ThreadLocalRandom.current().nextDouble() / 2);
    }

    /**
     * This back-off with jitter around it: the delay times something from 1 − factor to 1 + factor.
     *
     * @param factor 0 to 1
     */
    default Backoff jitter(double factor) {
        Delays.requireFraction("jitter factor", factor);
        return attempt -> Delays.scaled(
                delay(attempt), 1 + factor * (2 * ThreadLocalRandom.current().nextDouble() - 1));
    }

    /** An attempt that ended and is to be followed by another. */
    interface Attempt {

        /** Its number, from 1. */
        int number();

        /** What it failed with; null if it ended with a result that is to be retried. */
        @Nullable
        Throwable failure();

        /** The result that is to be retried, or null. */
        @Nullable
        Object result();

        /** The delay before this attempt; zero for the first. */
        Duration previousDelay();
    }
}

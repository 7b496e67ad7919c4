package io.weir.breaker;

import java.time.Duration;

/** How long a breaker stays open when its trials keep failing. Immutable. */
public final class OpenBackoff {
    private final io.weir.engine.breaker.OpenBackoff backoff;

    private OpenBackoff(io.weir.engine.breaker.OpenBackoff backoff) {
        this.backoff = backoff;
    }

    /** Always the recovery time. */
    public static OpenBackoff fixed() {
        return new OpenBackoff(io.weir.engine.breaker.OpenBackoff.fixed());
    }

    /**
     * The recovery time at first, longer by a factor each time that a trial fails; anew after the breaker has closed.
     *
     * @param factor at least 1
     * @param max the longest; positive
     */
    public static OpenBackoff exponential(double factor, Duration max) {
        return new OpenBackoff(
                io.weir.engine.breaker.OpenBackoff.exponential(factor, Nanos.between("max", max, 1, Nanos.MAX)));
    }

    /**
     * The same, with each open time multiplied by a random number from 1 − jitter to 1 + jitter, so that many breakers before
     * one service don't try it at the same moment; never above max.
     *
     * @param jitter from 0, which is none, to below 1
     * @throws IllegalArgumentException if out of range
     */
    public OpenBackoff jitter(double jitter) {
        return new OpenBackoff(backoff.jitter(jitter));
    }

    io.weir.engine.breaker.OpenBackoff backoff() {
        return backoff;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof OpenBackoff that && that.backoff.equals(backoff);
    }

    @Override
    public int hashCode() {
        return backoff.hashCode();
    }

    @Override
    public String toString() {
        return backoff.toString();
    }
}

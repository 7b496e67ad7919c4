package io.weir.engine.breaker;

/** What a {@link Breaker} does with a call that asks to pass. */
public enum BreakerState {
    /** Admits every call and judges their outcomes. */
    CLOSED,
    /** Refuses every call until the open time is over; the first call after that is a trial. */
    OPEN,
    /** Admits trial calls only, as many at once as there are slots. */
    HALF_OPEN,
    /** By hand: refuses every call, for ever. */
    FORCED_OPEN,
    /** By hand: admits every call and records nothing. */
    DISABLED,
    /** By hand: admits every call and counts its outcome, but never opens. */
    METRICS_ONLY
}

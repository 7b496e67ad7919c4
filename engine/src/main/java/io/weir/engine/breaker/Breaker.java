package io.weir.engine.breaker;

/** The circuit breaker's state machine. */
public final class Breaker {
    private Breaker() {}
}

package io.weir.breaker;

import io.weir.event.WeirEvent;

/** A circuit breaker has changed its state. Told exactly once each, in order. */
public interface CircuitBreakerTransition extends WeirEvent {

    CircuitBreaker.State from();

    CircuitBreaker.State to();

    /** The number of the transition, from 1. */
    long number();
}

/**
 * The circuit breaker's state machine: generations behind one reference, trial slots, failure detectors. No futures, no
 * timers, no user code.
 */
@NullMarked
package io.weir.engine.breaker;

import org.jspecify.annotations.NullMarked;

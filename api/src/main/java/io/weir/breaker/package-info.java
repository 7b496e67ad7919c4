/** Circuit breakers: {@link io.weir.breaker.CircuitBreaker} and what it tells. The state machine itself is the engine's. */
@NullMarked
package io.weir.breaker;

import org.jspecify.annotations.NullMarked;

/**
 * Concurrency: permits with a line of waiters, the algorithms that compute a limit from latency and drops, the sampling that feeds them, and
 * the budget of retries. Not here: breakers' trial slots, which belong to a generation of their breaker; tokens, which come back by themselves
 * with time; futures, threads and user code.
 */
@NullMarked
package io.weir.engine.permit;

import org.jspecify.annotations.NullMarked;

/** Executors and the bounded work queue: what runs calls on behalf of others, and ends them when it is shut down. No guards of a single call: those are in the packages beside it. */
@org.jspecify.annotations.NullMarked
package io.weir.executor;

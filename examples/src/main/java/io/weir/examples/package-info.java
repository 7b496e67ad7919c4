/**
 * Programs that use Weir as anyone would, from outside: {@link io.weir.examples.Demo}, the main job behind {@code bin/demo} (a service with
 * scripted faults, a client that calls it through breaker, retry and limiter, a live view and a report), and {@link
 * io.weir.examples.QuickStart}, the code sample of the README. Not a library: nothing depends on it.
 */
@NullMarked
package io.weir.examples;

import org.jspecify.annotations.NullMarked;

/**
 * A long, saturated, mixed load, and whether what it promises holds: nothing beyond a bound, no call without an end, memory flat. {@code bin/soak} runs it. It
 * isn't about speed: it asks at fixed times, for more than is granted.
 */
@NullMarked
package io.weir.jmh.soak;

import org.jspecify.annotations.NullMarked;

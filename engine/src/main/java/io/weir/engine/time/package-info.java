/**
 * Monotonic time and the timer that every wait of Weir uses. User code never runs on the timer's thread.
 */
@NullMarked
package io.weir.engine.time;

import org.jspecify.annotations.NullMarked;

/** The timer's invariants under interleavings. */
package io.weir.jcstress.time;

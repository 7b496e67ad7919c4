/** The named invariants of the breaker's windows, and of the retry budget, each with a broken twin. */
@org.jspecify.annotations.NullMarked
package io.weir.jcstress.window;

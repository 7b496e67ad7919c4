/**
 * Benchmarks of which each is a curve: one parameter grows, and the time of a call is plotted against it. {@code bin/bench --curves} runs them, with some of
 * those of {@link io.weir.jmh}; what grows how is worked out in {@link io.weir.jmh.report}. Names are as there.
 */
@NullMarked
package io.weir.jmh.curve;

import org.jspecify.annotations.NullMarked;

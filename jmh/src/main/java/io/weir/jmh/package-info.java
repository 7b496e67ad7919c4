/**
 * Benchmarks, one class an object. A method's name says whose_operation_condition: {@code weir…} is ours, {@code floor} is what the machine
 * itself charges, anything else a peer; methods of one class with the same operation and condition are bars of one chart, next to the
 * class's floors. How many threads is said on the command line ({@code -t 1}, {@code -t 2}). {@code bin/bench} runs them all, and {@link
 * io.weir.jmh.report} reads what comes out.
 *
 * <p>A peer is asked for what ours is asked for: a decision that is really taken, against a clock with nanoseconds where it has one, and the
 * verdict is checked ({@link io.weir.jmh.Verdicts}). Apart from that it is set up as its own documentation says.
 */
@NullMarked
package io.weir.jmh;

import org.jspecify.annotations.NullMarked;

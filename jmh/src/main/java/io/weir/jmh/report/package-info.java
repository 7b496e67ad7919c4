/**
 * Reads what a run left, JMH's JSON and that of {@link io.weir.jmh.memory}, and makes of it the table of goals and one HTML page. Every ratio is
 * of figures of the same run.
 */
@NullMarked
package io.weir.jmh.report;

import org.jspecify.annotations.NullMarked;

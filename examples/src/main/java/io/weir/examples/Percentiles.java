package io.weir.examples;

import org.HdrHistogram.AbstractHistogram;

/** Latencies in microseconds; NaN where there were no calls. */
record Percentiles(long count, double p50, double p90, double p99, double p999, double max) {

    static Percentiles of(AbstractHistogram histogram) {
        if (histogram.getTotalCount() == 0) {
            return new Percentiles(0, Double.NaN, Double.NaN, Double.NaN, Double.NaN, Double.NaN);
        }
        return new Percentiles(
                histogram.getTotalCount(),
                histogram.getValueAtPercentile(50),
                histogram.getValueAtPercentile(90),
                histogram.getValueAtPercentile(99),
                histogram.getValueAtPercentile(99.9),
                histogram.getMaxValue());
    }
}

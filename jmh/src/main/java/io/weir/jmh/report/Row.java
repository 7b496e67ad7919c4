package io.weir.jmh.report;

import java.util.OptionalDouble;

/**
 * One benchmark's figures. Its name says whose_operation_condition; a floor's only what it is.
 *
 * @param subject the benchmark class, without "Benchmark"
 * @param whose "weir…", "floor", or a peer
 * @param what operation and condition, joined by "_"
 * @param mode JMH's: "avgt", "sample", "ss"
 * @param parameters as JMH has them, such as "keys=1000000"; "" if none
 * @param nanos of one operation, a thread
 * @param error half of JMH's 99.9 % confidence interval, in nanoseconds; NaN if there were too few iterations
 * @param bytes allocated, an operation; NaN if not measured
 * @param p50 of the samples, in nanoseconds; NaN but for "sample", as the next two
 * @param p999 99.9 % of the samples
 * @param max the slowest sample
 */
record Row(
        String subject,
        String whose,
        String what,
        int threads,
        String mode,
        String parameters,
        double nanos,
        double error,
        double bytes,
        double p50,
        double p999,
        double max) {

    boolean isFloor() {
        return whose.equals("floor");
    }

    boolean isOurs() {
        return whose.startsWith("weir");
    }

    boolean isPeer() {
        return !isFloor() && !isOurs();
    }

    /** The number that a parameter is; empty if there is none of that name. */
    OptionalDouble parameter(String name) {
        for (String parameter : parameters.split(", ")) {
            if (parameter.startsWith(name + "=")) {
                return OptionalDouble.of(Double.parseDouble(parameter.substring(name.length() + 1)));
            }
        }
        return OptionalDouble.empty();
    }

    String name() {
        return whose + "_" + what;
    }
}

package io.weir.jmh.report;

import java.util.List;
import java.util.Locale;
import java.util.function.DoubleUnaryOperator;

/**
 * How a curve grows: the simplest of a constant, a + b log10(x) and a + b x that fits its points, by least squares of the relative errors.
 *
 * @param a the constant
 * @param b what is added with each factor of ten (LOG), or with each one of x (LINEAR); 0 if CONSTANT
 * @param error the root of the mean square of the relative errors
 */
record Fit(Growth growth, double a, double b, double error) {

    enum Growth {
        CONSTANT,
        LOG,
        LINEAR
    }

    /** Within this it is flat, whatever else would fit better: what two runs of one benchmark may differ by. */
    private static final double FLAT = 0.1;

    /** Beyond this it is none of the shapes. */
    private static final double UNCLEAR = 0.3;

    private static final double LEAST_SAID = 0.1;
    private static final long MANY = 1_000_000_000;

    /** Another shape must fit so many times better than a constant. */
    private static final double BETTER = 1.5;

    /**
     * Fits.
     *
     * @param points at least two, with positive values
     */
    static Fit of(List<Curve.Point> points) {
        if (points.size() < 2) {
            throw new IllegalArgumentException("points are " + points.size() + "; there must be at least 2");
        }
        Fit constant = fit(Growth.CONSTANT, points);
        if (constant.error <= FLAT || points.size() == 2) {
            return constant;
        }
        Fit log = fit(Growth.LOG, points);
        Fit linear = fit(Growth.LINEAR, points);
        Fit best = linear.error < log.error ? linear : log;
        return constant.error < BETTER * best.error ? constant : best;
    }

    /** Weighted least squares of y = a + b f(x), with weights 1 / y squared. */
    private static Fit fit(Growth growth, List<Curve.Point> points) {
        DoubleUnaryOperator shape = shape(growth);
        double w = 0;
        double wf = 0;
        double wff = 0;
        double wy = 0;
        double wfy = 0;
        for (Curve.Point point : points) {
            double weight = 1 / (point.y() * point.y());
            double f = shape.applyAsDouble(point.x());
            w += weight;
            wf += weight * f;
            wff += weight * f * f;
            wy += weight * point.y();
            wfy += weight * f * point.y();
        }
        double divisor = w * wff - wf * wf;
        double b = growth == Growth.CONSTANT || divisor == 0 ? 0 : (w * wfy - wf * wy) / divisor;
        double a = (wy - b * wf) / w;
        double squares = 0;
        for (Curve.Point point : points) {
            double relative = (a + b * shape.applyAsDouble(point.x()) - point.y()) / point.y();
            squares += relative * relative;
        }
        return new Fit(growth, a, b, Math.sqrt(squares / points.size()));
    }

    private static DoubleUnaryOperator shape(Growth growth) {
        return switch (growth) {
            case CONSTANT -> x -> 0;
            case LOG -> Math::log10;
            case LINEAR -> x -> x;
        };
    }

    /** Whether it is any of the shapes. */
    boolean isClear() {
        return error <= UNCLEAR;
    }

    /**
     * Says it.
     *
     * @param x what grows, in the singular: "key"
     * @param unit of the values: "ns"
     */
    String say(String x, String unit) {
        if (!isClear()) {
            return "no clear shape (the best is off by " + Math.round(error * 100) + " %)";
        }
        double ofOne = Math.abs(b);
        long many = 1; // so many of x that the number says something: not "0 ns with each"
        while (growth == Growth.LINEAR && ofOne * many < LEAST_SAID && many < MANY) {
            many *= 10;
        }
        String more = Goal.Claim.number(ofOne * many) + " " + unit + (b < 0 ? " less" : " more");
        String each = many == 1 ? x : String.format(Locale.ROOT, "%,d %ss", many, x);
        String off = " (± " + Math.round(error * 100) + " %)";
        return switch (growth) {
            case CONSTANT -> "constant, " + Goal.Claim.number(a) + " " + unit + off;
            case LOG -> "logarithmic, " + more + " with each factor of ten" + off;
            case LINEAR -> "linear, " + more + " with each " + each + off;
        };
    }
}

package io.weir.jmh.report;

import java.util.List;

/**
 * What a call costs as one thing grows.
 *
 * @param x what grows, in the singular
 * @param unit of the values
 * @param what the values are
 * @param bound what bounds it: why it can't grow otherwise, or less
 */
record Curve(String title, String x, String what, String unit, String bound, List<Series> series) {

    /** One value. */
    record Point(double x, double y) {}

    /**
     * One line of a plot.
     *
     * @param points by ascending x; at least one
     */
    record Series(String name, List<Point> points) {

        /** The class of CSS. */
        String kind() {
            return name.startsWith("weir") ? "ours" : name.startsWith("floor") ? "floor" : "peer";
        }

        /** Its growth in words; "" for a single point. */
        String growth(Curve of) {
            return points.size() < 2 ? "" : Fit.of(points).say(of.x(), of.unit());
        }
    }
}

package io.weir.jmh.report;

import java.util.List;
import java.util.Locale;

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

        /** Its growth in words, and its ends if it is of no shape; "" for a single point. */
        String growth(Curve of) {
            if (points.size() < 2) {
                return "";
            }
            Fit fit = Fit.of(points);
            String said = fit.say(of.x(), of.unit());
            return fit.isClear()
                    ? said
                    : said + ": " + end(points.get(0), of) + " to " + end(points.get(points.size() - 1), of);
        }

        private static String end(Point point, Curve of) {
            return String.format(Locale.ROOT, "%s %s with %,.0f", Goal.Claim.number(point.y()), of.unit(), point.x());
        }
    }
}

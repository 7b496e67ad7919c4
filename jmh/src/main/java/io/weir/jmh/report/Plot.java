package io.weir.jmh.report;

import java.util.List;
import java.util.Locale;
import java.util.stream.DoubleStream;

/** A curve as SVG, both axes logarithmic, each line with its name and its growth at the right. Colours are CSS classes. */
final class Plot {
    private static final double WIDTH = 1_100;
    private static final double HEIGHT = 300;
    private static final double LEFT = 60;
    private static final double RIGHT = 600;
    private static final double TOP = 10;
    private static final double BOTTOM = 30;
    private static final double LEAST_GAP = 16;
    private static final double[] TICKS = {1, 2, 5};

    private final StringBuilder svg = new StringBuilder();
    private final Curve curve;
    private final double leastX;
    private final double mostX;
    private final double leastY;
    private final double mostY;

    private Plot(Curve curve) {
        this.curve = curve;
        this.leastX = xs().min().orElse(1);
        this.mostX = xs().max().orElse(10);
        this.leastY = ys().min().orElse(1) / 1.3;
        this.mostY = ys().max().orElse(10) * 1.3;
    }

    static String svg(Curve curve) {
        Plot plot = new Plot(curve);
        plot.axes();
        plot.lines();
        return plot.svg.append("</svg>\n").toString();
    }

    private DoubleStream xs() {
        return curve.series().stream()
                .flatMap(series -> series.points().stream())
                .mapToDouble(Curve.Point::x)
                .distinct();
    }

    private DoubleStream ys() {
        return curve.series().stream()
                .flatMap(series -> series.points().stream())
                .mapToDouble(Curve.Point::y);
    }

    private void axes() {
        add(String.format(
                Locale.ROOT,
                "<svg viewBox=\"0 0 %.0f %.0f\" role=\"img\" aria-label=\"%s\">%n",
                WIDTH,
                HEIGHT,
                Html.escape(curve.title())));
        xs().sorted().forEach(x -> {
            grid(x(x), TOP, x(x), HEIGHT - BOTTOM);
            text(x(x), HEIGHT - BOTTOM + 16, "middle", count(x));
        });
        // Decades if there are many of them, else 1, 2, 5.
        boolean wide = mostY / leastY > 1_000;
        for (int decade = -3; decade < 10; decade++) {
            for (double tick : TICKS) {
                double y = tick * Math.pow(10, decade);
                if (y >= leastY && y <= mostY && (tick == 1 || !wide)) {
                    grid(LEFT, y(y), WIDTH - RIGHT, y(y));
                    text(LEFT - 6, y(y) + 4, "end", count(y));
                }
            }
        }
        text(LEFT - 6, HEIGHT - 4, "end", curve.unit());
        text(WIDTH - RIGHT, HEIGHT - 1, "end", curve.x() + "s");
    }

    private void lines() {
        List<Curve.Series> fromTop = curve.series().stream()
                .sorted((one, other) ->
                        Double.compare(last(other).y(), last(one).y()))
                .toList();
        double free = TOP;
        for (Curve.Series series : fromTop) {
            String kind = series.kind();
            StringBuilder path = new StringBuilder();
            for (Curve.Point point : series.points()) {
                path.append(String.format(
                        Locale.ROOT, "%s%.1f %.1f", path.isEmpty() ? "M" : " L", x(point.x()), y(point.y())));
            }
            add(String.format(Locale.ROOT, "<path class=\"%s\" d=\"%s\"/>%n", kind, path));
            for (Curve.Point point : series.points()) {
                add(String.format(
                        Locale.ROOT,
                        "<circle class=\"%s\" cx=\"%.1f\" cy=\"%.1f\" r=\"3\"/>%n",
                        kind,
                        x(point.x()),
                        y(point.y())));
            }
            double y = Math.max(free, y(last(series).y()));
            free = y + LEAST_GAP;
            String growth = series.growth(curve);
            text(WIDTH - RIGHT + 10, y + 4, "start", series.name() + (growth.isEmpty() ? "" : ": " + growth));
        }
    }

    private static Curve.Point last(Curve.Series series) {
        return series.points().get(series.points().size() - 1);
    }

    private double x(double value) {
        double share = mostX > leastX ? Math.log(value / leastX) / Math.log(mostX / leastX) : 0.5;
        return LEFT + share * (WIDTH - LEFT - RIGHT);
    }

    private double y(double value) {
        return HEIGHT - BOTTOM - Math.log(value / leastY) / Math.log(mostY / leastY) * (HEIGHT - TOP - BOTTOM);
    }

    /** 1,000,000 as 1M. */
    private static String count(double value) {
        return value >= 1e6
                ? Goal.Claim.number(value / 1e6) + "M"
                : value >= 1e3 ? Goal.Claim.number(value / 1e3) + "k" : Goal.Claim.number(value);
    }

    private void grid(double x1, double y1, double x2, double y2) {
        add(String.format(
                Locale.ROOT,
                "<line class=\"grid\" x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\"/>%n",
                x1,
                y1,
                x2,
                y2));
    }

    private void text(double x, double y, String anchor, String text) {
        add(String.format(
                Locale.ROOT,
                "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\">%s</text>%n",
                x,
                y,
                anchor,
                Html.escape(text)));
    }

    private void add(String markup) {
        svg.append(markup);
    }
}

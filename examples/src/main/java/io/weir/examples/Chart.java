package io.weir.examples;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** A chart as SVG: two axes, bands behind, lines in front. Colours are CSS classes, so that the page's light and dark rules hold. */
final class Chart {
    static final double WIDTH = 900;
    static final double LEFT = 64;
    static final double RIGHT = 12;
    private static final double TOP = 10;
    private static final double BOTTOM = 26;

    private final String title;
    private final double height;
    private final Axis x;
    private final Axis y;
    private final StringBuilder behind = new StringBuilder();
    private final StringBuilder front = new StringBuilder();

    /** What one direction of a chart means. */
    record Axis(double from, double to, boolean logarithmic, List<Tick> ticks) {

        /** Where a value lies, 0 to 1. */
        double place(double value) {
            double part = logarithmic
                    ? (Math.log(Math.max(value, from)) - Math.log(from)) / (Math.log(to) - Math.log(from))
                    : (value - from) / (to - from);
            return Math.min(1, Math.max(0, part));
        }

        /** From 0 to at least so much, with three to seven round ticks. */
        static Axis linear(double to, String unit) {
            double top = Math.max(to, 0.05);
            double step = Math.pow(10, Math.floor(Math.log10(top)));
            for (double part : new double[] {0.1, 0.2, 0.5, 1}) {
                if (top / (step * part) <= 7) {
                    step *= part;
                    break;
                }
            }
            List<Tick> ticks = new ArrayList<>();
            for (int i = 0; i * step <= top * 1.0001; i++) {
                String label = step < 0.1 ? String.format(Locale.ROOT, "%.2f", i * step) : Text.number(i * step);
                ticks.add(new Tick(i * step, label + unit));
            }
            return new Axis(0, top, false, ticks);
        }

        /** Powers of ten of microseconds, around the values. */
        static Axis latency(double least, double most) {
            double from = Math.pow(10, Math.floor(Math.log10(Math.max(least, 10))));
            double to = Math.max(from * 10, Math.pow(10, Math.ceil(Math.log10(Math.max(most, 10)) - 1e-9)));
            List<Tick> ticks = new ArrayList<>();
            for (double at = from; at <= to * 1.0001; at *= 10) {
                ticks.add(new Tick(at, at < 1e6 ? Text.number(at / 1000) + " ms" : Text.number(at / 1e6) + " s"));
            }
            return new Axis(from, to, true, ticks);
        }
    }

    /** A mark on an axis. */
    record Tick(double value, String label) {}

    Chart(String title, double height, Axis x, Axis y) {
        this.title = title;
        this.height = height;
        this.x = x;
        this.y = y;
    }

    private double atX(double value) {
        return LEFT + x.place(value) * (WIDTH - LEFT - RIGHT);
    }

    private double atY(double value) {
        return height - BOTTOM - y.place(value) * (height - TOP - BOTTOM);
    }

    Chart band(double from, double to, String css) {
        behind.append(rect(atX(from), TOP, atX(to) - atX(from), height - TOP - BOTTOM, "band " + css, ""));
        return this;
    }

    /** A line through the points; a NaN interrupts it, and a point between two NaNs is a dot. */
    Chart line(double[] xs, double[] ys, String css) {
        StringBuilder path = new StringBuilder();
        StringBuilder dots = new StringBuilder();
        boolean pen = false;
        for (int i = 0; i < xs.length; i++) {
            if (Double.isNaN(ys[i])) {
                pen = false;
                continue;
            }
            String point = number(atX(xs[i])) + " " + number(atY(ys[i]));
            boolean alone = !pen && (i + 1 == xs.length || Double.isNaN(ys[i + 1]));
            if (alone) {
                dots.append('M').append(point).append("h0.1");
            } else {
                path.append(pen ? 'L' : 'M').append(point);
            }
            pen = true;
        }
        front.append(path(path, "line " + css)).append(path(dots, "line dot " + css));
        return this;
    }

    private static String path(CharSequence path, String css) {
        return path.isEmpty() ? "" : "<path class=\"" + css + "\" d=\"" + path + "\"/>\n";
    }

    Chart level(double value, String css) {
        return line(new double[] {x.from(), x.to()}, new double[] {value, value}, css);
    }

    String svg() {
        StringBuilder svg = new StringBuilder();
        svg.append(open(title, height)).append(behind);
        for (Tick tick : y.ticks()) {
            double at = atY(tick.value());
            svg.append(stroke(LEFT, at, WIDTH - RIGHT, at)).append(text(LEFT - 8, at + 4, "end", tick.label()));
        }
        for (Tick tick : x.ticks()) {
            double at = atX(tick.value());
            svg.append(stroke(at, height - BOTTOM, at, height - BOTTOM + 4));
            svg.append(text(at, height - 8, at > WIDTH - RIGHT - 20 ? "end" : "middle", tick.label()));
        }
        return svg.append(front).append("</svg>\n").toString();
    }

    static String open(String title, double height) {
        return "<svg viewBox=\"0 0 " + number(WIDTH) + " " + number(height) + "\" role=\"img\" aria-label=\""
                + escape(title) + "\">\n";
    }

    static String rect(double x, double y, double width, double height, String css, String tip) {
        return "<rect class=\"" + css + "\" x=\"" + number(x) + "\" y=\"" + number(y) + "\" width=\""
                + number(Math.max(0, width)) + "\" height=\"" + number(height) + "\">"
                + (tip.isEmpty() ? "" : "<title>" + escape(tip) + "</title>") + "</rect>\n";
    }

    static String text(double x, double y, String anchor, String text) {
        return "<text x=\"" + number(x) + "\" y=\"" + number(y) + "\" text-anchor=\"" + anchor + "\">" + escape(text)
                + "</text>\n";
    }

    private static String stroke(double x1, double y1, double x2, double y2) {
        return "<path class=\"grid\" d=\"M" + number(x1) + " " + number(y1) + "L" + number(x2) + " " + number(y2)
                + "\"/>\n";
    }

    private static String number(double value) {
        return String.format(Locale.ROOT, "%.1f", value);
    }

    static String escape(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;");
    }
}

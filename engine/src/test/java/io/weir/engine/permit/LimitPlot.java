package io.weir.engine.permit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Draws limits over time, a panel for each run, into one SVG file in the build's folder. */
final class LimitPlot {
    private static final int WIDTH = 860;
    private static final int PANEL = 220;
    private static final int LEFT = 50;
    private static final int TOP = 36;
    private static final int HEIGHT = 150;
    private static final String[] COLOURS = {"#1f77b4", "#d95f02", "#7570b3"};

    private final List<String> panels = new ArrayList<>();

    /** Adds a panel: the best limit, second by second, and each client's. */
    void panel(String title, List<Integer> best, List<List<Integer>> limits) {
        int seconds = best.size();
        int top = best.stream().mapToInt(Integer::intValue).max().orElse(1);
        for (List<Integer> client : limits) {
            top = Math.max(
                    top, client.stream().mapToInt(Integer::intValue).max().orElse(1));
        }
        top = (top / 50 + 1) * 50;
        StringBuilder svg = new StringBuilder();
        svg.append(String.format("<text x='%d' y='22' font-size='14'>%s</text>%n", LEFT, title));
        for (int at = 0; at <= top; at += top / 5) {
            double y = y(at, top);
            svg.append(String.format(
                    Locale.ROOT,
                    "<line x1='%d' y1='%.1f' x2='%d' y2='%.1f' stroke='#ddd'/>%n",
                    LEFT,
                    y,
                    WIDTH - 10,
                    y));
            svg.append(String.format(
                    Locale.ROOT, "<text x='%d' y='%.1f' text-anchor='end'>%d</text>%n", LEFT - 6, y + 4, at));
        }
        for (int at = 0; at <= seconds; at += 100) {
            svg.append(String.format(
                    Locale.ROOT,
                    "<text x='%.1f' y='%d' text-anchor='middle'>%d s</text>%n",
                    x(at, seconds),
                    TOP + HEIGHT + 16,
                    at));
        }
        svg.append(line(best, top, "#222", "stroke-dasharray='5 4'"));
        for (int i = 0; i < limits.size(); i++) {
            svg.append(line(limits.get(i), top, COLOURS[i % COLOURS.length], ""));
        }
        panels.add(svg.toString());
    }

    private static String line(List<Integer> values, int top, String colour, String more) {
        StringBuilder points = new StringBuilder();
        for (int i = 0; i < values.size(); i++) {
            points.append(String.format(Locale.ROOT, "%.1f,%.1f ", x(i, values.size()), y(values.get(i), top)));
        }
        return String.format(
                "<polyline fill='none' stroke='%s' stroke-width='1.5' %s points='%s'/>%n", colour, more, points);
    }

    private static double x(int second, int seconds) {
        return LEFT + (double) (WIDTH - 10 - LEFT) * second / seconds;
    }

    private static double y(int value, int top) {
        return TOP + HEIGHT * (1 - (double) value / top);
    }

    /** Writes what there is, and returns where. */
    Path write(String name) {
        StringBuilder svg = new StringBuilder();
        svg.append(String.format(
                "<svg xmlns='http://www.w3.org/2000/svg' width='%d' height='%d' font-family='sans-serif' font-size='11'>%n",
                WIDTH, PANEL * panels.size()));
        svg.append("<rect width='100%' height='100%' fill='white'/>\n");
        for (int i = 0; i < panels.size(); i++) {
            svg.append(String.format("<g transform='translate(0 %d)'>%n%s</g>%n", PANEL * i, panels.get(i)));
        }
        svg.append("</svg>\n");
        try {
            Path file = target().resolve(name);
            Files.writeString(file, svg);
            return file;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The build's folder, whatever its name: the classes are in a folder of it. */
    private static Path target() {
        try {
            return Path.of(LimitPlot.class
                            .getProtectionDomain()
                            .getCodeSource()
                            .getLocation()
                            .toURI())
                    .getParent();
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }
}

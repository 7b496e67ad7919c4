package io.weir.jmh.report;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A bar chart as SVG: the class's floors, ours, and the peers, the fastest first. Colours are CSS classes. */
final class Bars {
    private static final double WIDTH = 900;
    private static final double LEFT = 190;
    private static final double RIGHT = 250;
    private static final double BAR = 18;
    private static final double STEP = 24;

    /** What each chart's figures are read against; the clock where nothing else is said. */
    private static final Map<String, String> FLOORS = Map.of(
            "tryAcquire_grantedExact", "nanoTimeThenCas",
            "call_closed", "volatileRead",
            "call_countWindow", "getAndAdd",
            "call_everyFourthFails", "volatileRead",
            "tryAcquire_keyed", "nanoTimeThenCasRandom",
            "tryAcquire_keyedParsed", "parseKey",
            "execute_completed", "thenApply",
            "execute_pending", "thenApply");

    private Bars() {}

    /**
     * Draws.
     *
     * @param contenders of one operation and condition, all but the floors
     * @param floors of the same class and number of threads
     */
    static String svg(String title, List<Row> contenders, List<Row> floors) {
        Row first = contenders.get(0);
        String floorName = FLOORS.getOrDefault(first.what(), "nanoTime");
        Row floor = floors.stream()
                .filter(row -> row.what().equals(floorName))
                .findFirst()
                .orElse(null);
        List<Row> shown = new ArrayList<>(floors);
        shown.sort(Comparator.comparingDouble(Row::nanos));
        contenders.stream()
                .sorted(Comparator.comparing(Row::isPeer).thenComparingDouble(Row::nanos))
                .forEach(shown::add);
        double most = shown.stream().mapToDouble(Row::nanos).max().orElse(1);
        StringBuilder svg = new StringBuilder(String.format(
                Locale.ROOT,
                "<svg viewBox=\"0 0 %.0f %.0f\" role=\"img\" aria-label=\"%s\">%n",
                WIDTH,
                shown.size() * STEP + 4,
                Html.escape(title)));
        double y = 2;
        for (Row row : shown) {
            double width = Math.max(1, row.nanos() / most * (WIDTH - LEFT - RIGHT));
            svg.append(text(LEFT - 8, y + 13, "end", label(row)));
            svg.append(String.format(
                    Locale.ROOT,
                    "<rect class=\"%s\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\"/>%n",
                    row.isFloor() ? "floor" : row.isOurs() ? "ours" : "peer",
                    LEFT,
                    y,
                    width,
                    BAR));
            svg.append(text(LEFT + width + 6, y + 13, "start", figures(row, row == floor ? null : floor)));
            y += STEP;
        }
        return svg.append("</svg>\n").toString();
    }

    static String label(Row row) {
        String parameters = row.parameters().isEmpty() ? "" : " (" + row.parameters() + ")";
        return (row.isFloor() ? row.what() : row.whose()) + parameters;
    }

    /** Time, the ratio to the floor, and allocation. */
    private static String figures(Row row, @Nullable Row floor) {
        String text = Goal.Claim.number(row.nanos()) + " ns";
        if (!Double.isNaN(row.error())) {
            text += " ± " + Goal.Claim.number(row.error());
        }
        if (floor != null && !row.isFloor() && floor.nanos() > 0) {
            text += " · " + Goal.Claim.number(row.nanos() / floor.nanos()) + " × " + floor.what();
        }
        if (!row.isFloor() && !Double.isNaN(row.bytes())) {
            text += " · " + Math.round(row.bytes()) + " B";
        }
        return text;
    }

    private static String text(double x, double y, String anchor, String text) {
        return String.format(
                Locale.ROOT,
                "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\">%s</text>%n",
                x,
                y,
                anchor,
                Html.escape(text));
    }
}

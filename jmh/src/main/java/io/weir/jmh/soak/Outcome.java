package io.weir.jmh.soak;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.HdrHistogram.Histogram;

/**
 * What a soak has found, in the order in which it is told.
 *
 * @param checks what must hold
 * @param heap a checkpoint each
 * @param figures all else
 */
record Outcome(double seconds, List<Check> checks, List<Checkpoint> heap, List<Figure> figures, List<Times> times) {
    private static final double[] SHARES = {50, 99, 99.9, 100};

    /** One thing that must hold. */
    record Check(String what, boolean holds, String found) {}

    /** The heap after a full collection, and all that was allocated until then. */
    record Checkpoint(double second, long liveBytes, long allocatedBytes) {}

    /** Something worth knowing. */
    record Figure(String what, double value, String unit) {}

    /** A distribution of times. */
    record Times(String what, String unit, Histogram histogram) {

        double at(double share) {
            return histogram.getValueAtPercentile(share);
        }
    }

    boolean holds() {
        return checks.stream().allMatch(Check::holds);
    }

    /** For a terminal. */
    String table() {
        List<String> lines = new ArrayList<>();
        for (Check check : checks) {
            lines.add((check.holds() ? "✓ " : "✗ ") + check.what() + ": " + check.found());
        }
        for (Figure figure : figures) {
            lines.add(String.format(Locale.ROOT, "  %-46s %,14.1f %s", figure.what(), figure.value(), figure.unit()));
        }
        for (Times all : times) {
            StringBuilder line = new StringBuilder(String.format(Locale.ROOT, "  %-46s", all.what()));
            for (double share : SHARES) {
                line.append(String.format(
                        Locale.ROOT,
                        " %s %,.0f",
                        share == 100 ? "max" : "p" + (share % 1 == 0 ? "" + (int) share : share),
                        all.at(share)));
            }
            lines.add(line.append(" ").append(all.unit()).toString());
        }
        lines.add(holds() ? "All of it holds." : "It doesn't hold.");
        return String.join("\n", lines) + "\n";
    }

    ObjectNode json() {
        ObjectNode json = new ObjectMapper().createObjectNode();
        json.put("seconds", seconds).put("holds", holds());
        checks.forEach(check -> json.withArray("checks")
                .addObject()
                .put("what", check.what())
                .put("holds", check.holds())
                .put("found", check.found()));
        figures.forEach(figure -> json.withArray("figures")
                .addObject()
                .put("what", figure.what())
                .put("value", figure.value())
                .put("unit", figure.unit()));
        heap.forEach(point -> json.withArray("heap")
                .addObject()
                .put("second", point.second())
                .put("liveBytes", point.liveBytes())
                .put("allocatedBytes", point.allocatedBytes()));
        for (Times all : times) {
            ObjectNode node = json.withArray("times").addObject();
            node.put("what", all.what())
                    .put("unit", all.unit())
                    .put("count", all.histogram().getTotalCount());
            for (double share : SHARES) {
                node.put("p" + share, all.at(share));
            }
        }
        return json;
    }
}

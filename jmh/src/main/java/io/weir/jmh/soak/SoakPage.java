package io.weir.jmh.soak;

import io.weir.jmh.report.Html;
import java.util.List;
import java.util.Locale;
import org.HdrHistogram.Histogram;

/** A soak as one HTML page. */
final class SoakPage {
    private static final double MEGA = 1 << 20;
    private static final double WIDTH = 900;
    private static final double LEFT = 110;
    private static final double RIGHT = 160;
    private static final double STEP = 20;

    private SoakPage() {}

    /**
     * Writes it.
     *
     * @param facts of the machine and the run
     */
    static String html(Outcome outcome, List<String> facts) {
        Html page = new Html("Weir soak");
        facts.forEach(page::aside);
        page.paragraph(outcome.holds() ? "All of it holds." : "It doesn't hold.");
        page.beginTable("", "what must hold", "found");
        for (Outcome.Check check : outcome.checks()) {
            page.row(check.holds() ? "✓" : "✗", check.what(), check.found());
        }
        page.endTable();

        page.heading("Figures").beginTable("", "#", "");
        outcome.figures().forEach(figure -> page.row(figure.what(), figure.value(), figure.unit()));
        page.endTable();

        page.heading("Times");
        page.aside(
                "All calls are made at the times of a schedule that waits for no answer, and are timed against it; a wait in line against the instant that the"
                        + " limiter itself had named. How late the generators were is shown beside: what is of that size is the machine's.");
        for (Outcome.Times times : outcome.times()) {
            page.smallHeading(times.what() + ", " + times.unit()).add(bars(times));
        }

        page.heading("Live heap")
                .aside("After a full collection, which the soak asks for itself.")
                .beginTable("second#", "live, MB", "allocated until then, MB");
        for (Outcome.Checkpoint point : outcome.heap()) {
            page.row(point.second(), point.liveBytes() / MEGA, point.allocatedBytes() / MEGA);
        }
        return page.endTable().end();
    }

    /** A bar for each doubling, its length the logarithm of the count: one in a million must show. */
    private static String bars(Outcome.Times times) {
        Histogram histogram = times.histogram();
        long most = Math.max(2, histogram.getTotalCount());
        StringBuilder svg = new StringBuilder();
        double y = 2;
        long from = 0;
        for (long to = 1; from <= histogram.getMaxValue(); to *= 2) {
            long count = histogram.getCountBetweenValues(from, Math.max(from, to - 1));
            if (count > 0) {
                double width = Math.log(count + 1.0) / Math.log(most + 1.0) * (WIDTH - LEFT - RIGHT);
                svg.append(String.format(
                        Locale.ROOT,
                        "<text x=\"%.0f\" y=\"%.0f\" text-anchor=\"end\">below %,d</text>"
                                + "<rect class=\"ours\" x=\"%.0f\" y=\"%.0f\" width=\"%.1f\" height=\"15\"/>"
                                + "<text x=\"%.1f\" y=\"%.0f\">%,d</text>%n",
                        LEFT - 8,
                        y + 12,
                        to,
                        LEFT,
                        y,
                        width,
                        LEFT + width + 6,
                        y + 12,
                        count));
                y += STEP;
            }
            from = to;
        }
        return String.format(
                        Locale.ROOT,
                        "<svg viewBox=\"0 0 %.0f %.0f\" role=\"img\" aria-label=\"%s\">%n",
                        WIDTH,
                        y,
                        Html.escape(times.what()))
                + svg + "</svg>\n";
    }
}

package io.weir.jmh.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The picture of a README: how many times faster ours is than the fastest peer, work by work, as SVG that stands alone. */
final class Picture {
    private static final double WIDTH = 860;
    private static final double LEFT = 290;
    private static final double RIGHT = 190;
    private static final double TOP = 50;
    private static final double STEP = 24;
    private static final double BAR = 16;
    private static final int[] GRID = {1, 2, 5, 10, 20, 50, 100, 200};
    private static final String MILLION = "keys=1000000";

    /** What is shown: a chart of the suite, and its name here. */
    private record Work(String label, String subject, String what, int threads, String parameters) {}

    private static final List<Work> WORKS = List.of(
            new Work("limiter, granted", "TokenBucket", "tryAcquire_granted", 1, ""),
            new Work("limiter, granted, 2 threads", "TokenBucket", "tryAcquire_granted", 2, ""),
            new Work("limiter, refused", "TokenBucket", "tryAcquire_rejected", 1, ""),
            new Work("limiter, refused, 2 threads", "TokenBucket", "tryAcquire_rejected", 2, ""),
            new Work("limiter a key, 1M keys", "KeyedLimiter", "tryAcquire_keyed", 1, MILLION),
            new Work("the same, keys from requests", "KeyedLimiter", "tryAcquire_keyedParsed", 1, MILLION),
            new Work("1M waiters, each", "Waiters", "acquire_queued", 1, ""),
            new Work("breaker, closed", "Breaker", "call_closed", 1, ""),
            new Work("breaker, closed, 2 threads", "Breaker", "call_closed", 2, ""),
            new Work("breaker, last 100 calls", "BreakerWindow", "call_countWindow", 1, ""),
            new Work("breaker, last 100 calls, 2 threads", "BreakerWindow", "call_countWindow", 2, ""),
            new Work("breaker, last 10 s, 2 threads", "BreakerWindow", "call_timeWindow", 2, ""),
            new Work("pipeline of four, blocking", "Pipeline", "call_blocking", 1, ""),
            new Work("pipeline of four, completed stage", "AsyncPipeline", "execute_completed", 1, ""),
            new Work("pipeline of four, pending stage", "AsyncPipeline", "execute_pending", 1, ""));

    /** One bar. */
    private record Bar(String label, double ratio, String peer) {}

    private Picture() {}

    private static List<Bar> bars(Run run) {
        List<Bar> bars = new ArrayList<>();
        for (Work work : WORKS) {
            var ours = run.fastest(
                    work.subject(),
                    work.what(),
                    work.threads(),
                    work.parameters(),
                    row -> row.whose().equals("weir"));
            var peer = run.fastest(work.subject(), work.what(), work.threads(), work.parameters(), Row::isPeer);
            if (ours.isPresent() && peer.isPresent() && ours.get().nanos() > 0) {
                bars.add(new Bar(
                        work.label(),
                        peer.get().nanos() / ours.get().nanos(),
                        peer.get().whose()));
            }
        }
        return bars;
    }

    /**
     * Draws.
     *
     * @param fact of the machine and the day, in one line
     */
    static String svg(Run run, String fact) {
        List<Bar> bars = bars(run);
        double most = bars.stream().mapToDouble(Bar::ratio).max().orElse(1);
        double end = 2;
        for (int line : GRID) {
            end = line < most ? line : end;
        }
        double scale = (WIDTH - LEFT - RIGHT) / Math.log(Math.max(most, end));
        double height = TOP + bars.size() * STEP + 44;
        StringBuilder svg = new StringBuilder();
        svg.append(String.format(
                Locale.ROOT,
                "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %.0f %.0f\" role=\"img\" aria-label=\"%s\">%n",
                WIDTH,
                height,
                "Weir against the fastest peer"));
        svg.append("""
                <style>
                text { font: 13px system-ui, sans-serif; fill: #1c2330; } .dim { fill: #5b6472; } .head { font-size: 16px; font-weight: 600; }
                rect { fill: #2463b5; } rect.slower { fill: #c22f33; } line { stroke: #dde1e7; } rect.page { fill: #fcfcfd; }
                @media (prefers-color-scheme: dark) { text { fill: #e4e8ef; } .dim { fill: #9aa5b4; } rect { fill: #6ba6f2; }
                  rect.slower { fill: #f2777a; } line { stroke: #323a47; } rect.page { fill: #14181f; } }
                </style>
                """);
        svg.append(
                String.format(Locale.ROOT, "<rect class=\"page\" width=\"%.0f\" height=\"%.0f\"/>%n", WIDTH, height));
        text(svg, "head", 12, 22, "start", "How many times faster than the fastest peer");
        for (int line : GRID) {
            if (line <= Math.max(most, end)) {
                double x = LEFT + Math.log(line) * scale;
                svg.append(String.format(
                        Locale.ROOT,
                        "<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\"/>%n",
                        x,
                        TOP - 6,
                        x,
                        height - 40));
                text(svg, "dim", x, TOP - 10, "middle", line + " ×");
            }
        }
        double y = TOP;
        for (Bar bar : bars) {
            double width = Math.abs(Math.log(bar.ratio())) * scale;
            svg.append(String.format(
                    Locale.ROOT,
                    "<rect%s x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\"/>%n",
                    bar.ratio() < 1 ? " class=\"slower\"" : "",
                    LEFT,
                    y,
                    Math.max(1, width),
                    BAR));
            text(svg, "", LEFT - 10, y + 13, "end", bar.label());
            String slower = bar.ratio() < 1 ? " (slower)" : "";
            text(
                    svg,
                    "",
                    LEFT + width + 8,
                    y + 13,
                    "start",
                    Goal.Claim.number(bar.ratio()) + " × " + bar.peer() + slower);
            y += STEP;
        }
        text(svg, "dim", 12, height - 20, "start", fact);
        text(svg, "dim", 12, height - 5, "start", "Ratios of one run; a logarithmic axis.");
        return svg.append("</svg>\n").toString();
    }

    private static void text(StringBuilder svg, String kind, double x, double y, String anchor, String text) {
        svg.append(String.format(
                Locale.ROOT,
                "<text%s x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\">%s</text>%n",
                kind.isEmpty() ? "" : " class=\"" + kind + "\"",
                x,
                y,
                anchor,
                Html.escape(text)));
    }
}

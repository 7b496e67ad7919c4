package io.weir.examples;

import io.weir.breaker.CircuitBreaker;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;
import org.HdrHistogram.Histogram;

/** A run as one HTML page, which needs nothing but itself: no script, no font, no image from elsewhere. It is well-formed XML, too. */
final class Report {
    private static final String STYLE = """
            :root { color-scheme: light dark; --text: #1c2330; --dim: #5b6472; --page: #fcfcfd; --card: #f1f3f6;
              --grid: #dde1e7; --blue: #2463b5; --green: #137a4b; --amber: #b36200; --red: #c22f33; --violet: #7448a8;
              --band: .13; }
            @media (prefers-color-scheme: dark) { :root { --text: #e4e8ef; --dim: #9aa5b4; --page: #14181f;
              --card: #1e242e; --grid: #323a47; --blue: #6ba6f2; --green: #4dc48b; --amber: #f0a63c; --red: #f2777a;
              --violet: #b998e8; --band: .2; } }
            body { font: 15px/1.5 system-ui, sans-serif; color: var(--text); background: var(--page);
              max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
            h1 { font-size: 1.5rem; margin: 0; } h2 { font-size: 1.05rem; margin: 2rem 0 .3rem; }
            p { margin: .3rem 0; } .dim { color: var(--dim); }
            .tiles { display: grid; grid-template-columns: repeat(auto-fill, minmax(12rem, 1fr)); gap: .6rem; margin: 1.2rem 0 .8rem; }
            .tile { background: var(--card); border-radius: .5rem; padding: .5rem .9rem; }
            .tile b { display: block; font-size: 1.35rem; font-variant-numeric: tabular-nums; }
            .tile span { color: var(--dim); font-size: .85rem; }
            svg { width: 100%; height: auto; display: block; } svg text { font-size: 12px; fill: var(--dim); }
            .grid { stroke: var(--grid); fill: none; } .line { fill: none; stroke-width: 2; stroke-linejoin: round;
              stroke-linecap: round; } .thin { stroke-width: 1.5; stroke-dasharray: 5 4; }
            .wide { stroke-width: 6; opacity: .55; } .dot { stroke-width: 6; }
              .blue { stroke: var(--blue); } .green { stroke: var(--green); } .amber { stroke: var(--amber); }
            .red { stroke: var(--red); } .violet { stroke: var(--violet); } .grey { stroke: var(--dim); }
            .band { opacity: var(--band); } rect.HEALTHY, rect.CLOSED { fill: var(--green); }
            rect.SLOW, rect.HALF_OPEN { fill: var(--amber); } rect.FAILING, rect.OPEN { fill: var(--red); }
            rect.RATE_LIMITING { fill: var(--violet); } rect.solid { opacity: .75; } rect.soft { opacity: .35; }
            .band.HEALTHY { opacity: 0; } svg text.on { fill: var(--text); font-weight: 600; }
            .key { display: flex; flex-wrap: wrap; gap: .2rem 1.1rem; font-size: .85rem; color: var(--dim); }
            .key svg { width: 1.6rem; height: .6rem; display: inline-block; margin-right: .35rem; }
            .scroll { overflow-x: auto; } table { border-collapse: collapse; font-variant-numeric: tabular-nums; font-size: .9rem; }
            td, th { text-align: right; padding: .15rem .7rem; border-bottom: 1px solid var(--grid); }
            td:first-child, th:first-child { text-align: left; padding-left: 0; } th { color: var(--dim); font-weight: 500; }
            ul { list-style: none; padding: 0; margin: .4rem 0; } .ok::before { content: "\\2713\\00a0"; color: var(--green); }
            .wrong::before { content: "\\2717\\00a0"; color: var(--red); } .wrong { color: var(--red); font-weight: 600; }
            summary { cursor: pointer; color: var(--dim); margin-top: 2rem; }
            """;

    private final Result result;
    private final double seconds;
    private final StringBuilder page = new StringBuilder();

    private Report(Result result) {
        this.result = result;
        this.seconds = Math.max(1, result.elapsed().toNanos() / 1e9);
    }

    /** Makes the file's folder, and finds out whether the file can be written; leaves it as it was. */
    static void prepare(Path file) throws IOException {
        Path folder = file.toAbsolutePath().normalize().getParent();
        if (folder != null) {
            Files.createDirectories(folder);
        }
        boolean there = Files.exists(file);
        Files.newOutputStream(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND)
                .close();
        if (!there) {
            Files.delete(file);
        }
    }

    /**
     * Writes the page.
     *
     * @return where it is
     */
    static Path write(Result result, Path file) throws IOException {
        return Files.write(file.toAbsolutePath().normalize(), html(result).getBytes(StandardCharsets.UTF_8));
    }

    static String html(Result result) {
        Report report = new Report(result);
        report.head();
        report.timeline();
        report.rates();
        report.latencies();
        report.distribution();
        report.reasons();
        report.table();
        return report.page.append("</body>\n</html>\n").toString();
    }

    private void head() {
        Tally.Counts counts = result.counts();
        add("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n"
                + "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n"
                + "<title>Weir demo</title>\n<style>\n" + STYLE + "</style>\n</head>\n<body>\n");
        add("<h1>Weir demo</h1>\n<p class=\"dim\">"
                + Chart.escape(result.target() + ", "
                        + Text.number(result.options().rate())
                        + " calls a second on schedule for "
                        + Text.duration(result.options().duration())
                        + (result.interrupted() ? ", ended early" : "") + "; through breaker, retry and limiter ("
                        + Text.number(result.tuning().limit()) + " a second, "
                        + Text.number(result.tuning().burst()) + " at once)")
                + "</p>\n<div class=\"tiles\">\n");
        tile(counts.started(), "started");
        tile(counts.succeeded(), "succeeded");
        tile(counts.failed(), "failed");
        tile(counts.rejected(), "rejected");
        tile(counts.cancelled(), "cancelled");
        tile(result.sent(), "requests sent");
        tile(result.retries(), "retries");
        tile(result.opened(), "times opened");
        add("</div>\n<ul>\n");
        for (Result.Check check : result.checks()) {
            add("<li class=\"" + (check.holds() ? "ok" : "wrong") + "\">" + Chart.escape(check.what())
                    + " <span class=\"dim\">" + Chart.escape(check.numbers()) + "</span></li>\n");
        }
        add("</ul>\n");
    }

    private void tile(long value, String label) {
        add("<div class=\"tile\"><b>" + Text.count(value) + "</b><span>" + label + "</span></div>\n");
    }

    private void timeline() {
        add("<h2>What the service did, and what the breaker made of it</h2>\n");
        double top = 4;
        boolean own = !result.script().isEmpty();
        add(Chart.open("Phases of the service and states of the breaker", own ? 66 : 36));
        if (own) {
            add(Chart.text(Chart.LEFT - 8, top + 17, "end", "service"));
            for (FaultScript.Span span : result.script()) {
                boolean last = span == result.script().get(result.script().size() - 1);
                double to = last ? seconds : Math.min(seconds, span.toNanos() / 1e9);
                segment(
                        top,
                        span.fromNanos() / 1e9,
                        to,
                        "soft",
                        span.phase().name(),
                        span.phase().label());
            }
            top += 32;
        }
        add(Chart.text(Chart.LEFT - 8, top + 17, "end", "breaker"));
        CircuitBreaker.State state = CircuitBreaker.State.CLOSED;
        double since = 0;
        for (Result.Change change : result.changes()) {
            segment(top, since, change.atNanos() / 1e9, "solid", state.name(), state.name());
            since = change.atNanos() / 1e9;
            state = change.to();
        }
        segment(top, since, seconds, "solid", state.name(), state.name());
        add("</svg>\n");
    }

    private void segment(double y, double from, double to, String strength, String css, String label) {
        double left = place(from);
        // At least a hair: a trial call may take a millisecond.
        double width = Math.max(1.5, place(to) - left);
        add(Chart.rect(
                left,
                y,
                width,
                26,
                strength + " " + css,
                String.format(Locale.ROOT, "%s, %.2f s to %.2f s", label, from, to)));
        if (width > 7.5 * label.length()) {
            add(Chart.text(left + width / 2, y + 17, "middle", label).replace("<text ", "<text class=\"on\" "));
        }
    }

    private double place(double atSeconds) {
        return Chart.LEFT + Math.min(1, Math.max(0, atSeconds / seconds)) * (Chart.WIDTH - Chart.LEFT - Chart.RIGHT);
    }

    private Chart overTime(String title, Chart.Axis y) {
        Chart chart = new Chart(title, 230, Chart.Axis.linear(seconds, " s"), y);
        for (FaultScript.Span span : result.script()) {
            double from = span.fromNanos() / 1e9;
            if (from < seconds) {
                chart.band(
                        from,
                        Math.min(seconds, span.toNanos() / 1e9),
                        span.phase().name());
            }
        }
        return chart;
    }

    private double[] middles() {
        return values(bin -> (bin.fromNanos() + bin.toNanos()) / 2e9);
    }

    private double[] values(ToDoubleFunction<Bin> value) {
        return result.bins().stream().mapToDouble(value).toArray();
    }

    private void rates() {
        double most = result.bins().stream()
                .mapToDouble(bin -> Math.max(
                        Math.max(
                                bin.perSecond(bin.sent()),
                                bin.perSecond(bin.counts().started())),
                        Math.max(
                                bin.perSecond(bin.counts().failed()),
                                bin.perSecond(bin.counts().rejected()))))
                .max()
                .orElse(1);
        Chart chart = overTime(
                "Rates over time",
                Chart.Axis.linear(Math.max(most, result.tuning().limit()) * 1.05, ""));
        chart.level(result.tuning().limit(), "thin grey");
        double[] at = middles();
        chart.line(at, values(bin -> bin.perSecond(bin.counts().started())), "wide blue");
        chart.line(at, values(bin -> bin.perSecond(bin.sent())), "green");
        chart.line(at, values(bin -> bin.perSecond(bin.counts().rejected())), "amber");
        chart.line(at, values(bin -> bin.perSecond(bin.counts().failed())), "red");
        add("<h2>Offered, admitted, rejected and failed, per second</h2>\n");
        key(
                "wide blue",
                "offered: calls started",
                "green",
                "admitted: requests sent, retries too",
                "amber",
                "rejected calls",
                "red",
                "failed calls",
                "thin grey",
                "the limiter's rate");
        add(chart.svg());
    }

    private void latencies() {
        double least = result.bins().stream()
                .mapToDouble(bin -> bin.latency().p50())
                .filter(v -> v > 0)
                .min()
                .orElse(100);
        double most = result.bins().stream()
                .mapToDouble(bin -> bin.latency().max())
                .filter(v -> v > 0)
                .max()
                .orElse(1000);
        Chart chart = overTime("Latency over time", Chart.Axis.latency(least, most));
        double[] at = middles();
        chart.line(at, values(bin -> bin.latency().max()), "thin grey");
        chart.line(at, values(bin -> bin.latency().p99()), "violet");
        chart.line(at, values(bin -> bin.latency().p50()), "green");
        add(
                "<h2>Latency over time</h2>\n<p class=\"dim\">Of calls that succeeded or failed, retries and waits included,"
                        + " from the moment each was meant to start. Rejections take no time and are left out.</p>\n");
        key("green", "median", "violet", "99th percentile", "thin grey", "slowest");
        add(chart.svg());
    }

    private void distribution() {
        Histogram all = result.latencies();
        add("<h2>Latency percentiles of the whole run</h2>\n");
        if (all.getTotalCount() == 0) {
            add("<p class=\"dim\">No call succeeded or failed.</p>\n");
            return;
        }
        double[] marks = {0, 50, 90, 99, 99.9, 99.99};
        List<Chart.Tick> ticks = new ArrayList<>();
        for (double mark : marks) {
            ticks.add(new Chart.Tick(
                    100 / (100 - mark),
                    mark == 0 ? "least" : "p" + String.valueOf(mark).replaceAll("\\.0$", "")));
        }
        double[] xs = new double[161];
        double[] ys = new double[xs.length];
        for (int i = 0; i < xs.length; i++) {
            xs[i] = Math.pow(10, 4.0 * i / (xs.length - 1));
            ys[i] = Math.max(1, all.getValueAtPercentile(100 - 100 / xs[i]));
        }
        Chart chart = new Chart(
                "Latency by percentile",
                210,
                new Chart.Axis(1, 10_000, true, ticks),
                Chart.Axis.latency(Math.max(1, all.getMinValue()), all.getMaxValue()));
        add(chart.line(xs, ys, "violet").svg());
        Percentiles p = Percentiles.of(all);
        add(
                "<div class=\"scroll\"><table>\n<tr><th>calls</th><th>p50</th><th>p90</th><th>p99</th><th>p99.9</th><th>max</th></tr>\n");
        row(
                Text.count(p.count()),
                Text.millis(p.p50()),
                Text.millis(p.p90()),
                Text.millis(p.p99()),
                Text.millis(p.p999()),
                Text.millis(p.max()));
        add("</table></div>\n");
    }

    private void reasons() {
        if (result.reasons().isEmpty()) {
            return;
        }
        add("<h2>Why calls failed or were rejected</h2>\n<table>\n");
        result.reasons().forEach((reason, count) -> row(reason, Text.count(count)));
        add("</table>\n");
    }

    private void table() {
        add(
                "<details><summary>The numbers behind the charts</summary>\n<div class=\"scroll\"><table>\n<tr><th>until</th><th>offered</th>"
                        + "<th>admitted</th><th>succeeded</th><th>rejected</th><th>failed</th><th>cancelled</th><th>p50</th>"
                        + "<th>p99</th><th>breaker</th></tr>\n");
        for (Bin bin : result.bins()) {
            row(
                    Text.seconds(bin.toNanos()),
                    Text.count(bin.counts().started()),
                    Text.count(bin.sent()),
                    Text.count(bin.counts().succeeded()),
                    Text.count(bin.counts().rejected()),
                    Text.count(bin.counts().failed()),
                    Text.count(bin.counts().cancelled()),
                    Text.millis(bin.latency().p50()),
                    Text.millis(bin.latency().p99()),
                    bin.state().name());
        }
        add("</table></div></details>\n");
    }

    private void row(String... cells) {
        add("<tr>");
        for (String cell : cells) {
            add("<td>" + Chart.escape(cell) + "</td>");
        }
        add("</tr>\n");
    }

    /** A legend: pairs of a line's class and what it means. */
    private void key(String... pairs) {
        add("<div class=\"key\">");
        for (int i = 0; i < pairs.length; i += 2) {
            add("<span><svg viewBox=\"0 0 26 10\" aria-hidden=\"true\"><path class=\"line " + pairs[i]
                    + "\" d=\"M1 5h24\"/></svg>" + Chart.escape(pairs[i + 1]) + "</span>");
        }
        add("</div>\n");
    }

    private void add(String html) {
        page.append(html);
    }
}

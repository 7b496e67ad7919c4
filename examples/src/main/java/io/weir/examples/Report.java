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
                + "<title>Weir demo</title>\n<style>\n" + ReportStyle.CSS + "</style>\n</head>\n<body>\n");
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
                Chart.Axis.latency((double) Math.max(1, all.getMinValue()), (double) all.getMaxValue()));
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

package io.weir.jmh.report;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** A run as one HTML page that needs nothing but itself, and is well-formed XML too. */
final class Page {
    private static final String CSS = """
            :root { color-scheme: light dark; --text: #1c2330; --dim: #5b6472; --page: #fcfcfd; --line: #dde1e7;
              --ours: #2463b5; --peer: #a9b3c1; --floor: #dfb46c; --good: #137a4b; --bad: #c22f33; }
            @media (prefers-color-scheme: dark) { :root { --text: #e4e8ef; --dim: #9aa5b4; --page: #14181f; --line: #323a47;
              --ours: #6ba6f2; --peer: #59657a; --floor: #94723a; --good: #4dc48b; --bad: #f2777a; } }
            body { font: 15px/1.5 system-ui, sans-serif; color: var(--text); background: var(--page); max-width: 60rem;
              margin: 2rem auto; padding: 0 1rem; }
            h1 { font-size: 1.5rem; margin: 0; } h2 { font-size: 1.15rem; margin: 2.2rem 0 .2rem; }
            h3 { font-size: .95rem; margin: 1.1rem 0 .2rem; font-weight: 600; } p { margin: .3rem 0; } .dim { color: var(--dim); }
            svg { width: 100%; height: auto; display: block; } svg text { font-size: 12px; fill: var(--text); }
            rect.ours { fill: var(--ours); } rect.peer { fill: var(--peer); } rect.floor { fill: var(--floor); }
            .scroll { overflow-x: auto; } table { border-collapse: collapse; font-size: .9rem; font-variant-numeric: tabular-nums; }
            td, th { text-align: left; padding: .2rem .8rem .2rem 0; border-bottom: 1px solid var(--line); vertical-align: top; }
            th { color: var(--dim); font-weight: 500; } td.n, th.n { text-align: right; }
            .HOLDS { color: var(--good); } .SHORT { color: var(--bad); } .NOT_MEASURED { color: var(--dim); }
            """;

    private final StringBuilder page = new StringBuilder();

    private Page() {}

    /**
     * Writes the page.
     *
     * @param facts of the machine and the run, for the header
     */
    static String html(Run run, List<Goal> goals, List<String> facts) {
        Page page = new Page();
        page.head(run, facts);
        page.goals(goals);
        page.charts(run);
        page.latency(run);
        page.figures(run);
        return page.page.append("</body>\n</html>\n").toString();
    }

    private void head(Run run, List<String> facts) {
        add("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n"
                + "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n"
                + "<title>Weir benchmarks</title>\n<style>\n" + CSS
                + "</style>\n</head>\n<body>\n<h1>Weir benchmarks</h1>\n");
        add("<p class=\"dim\">" + Bars.escape(run.jdk()) + "</p>\n");
        for (String fact : facts) {
            add("<p class=\"dim\">" + Bars.escape(fact) + "</p>\n");
        }
        add(
                "<p>Read the ratios, which are of one run; nanoseconds don't travel. Time is of one operation, on each thread; ± is the 99.9 %"
                        + " confidence interval; bytes are what one operation allocates. Gold is what the machine itself charges, blue is ours.</p>\n");
    }

    private void goals(List<Goal> goals) {
        add(
                "<h2>Goals</h2>\n<div class=\"scroll\"><table>\n<tr><th></th><th></th><th>work</th><th>measured (goal)</th></tr>\n");
        for (Goal goal : goals) {
            add("<tr><td class=\"" + goal.verdict() + "\">" + goal.verdict().sign() + "</td><td>" + goal.id()
                    + "</td><td>"
                    + Bars.escape(goal.work())
                    + (goal.note().isEmpty() ? "" : "<br/><span class=\"dim\">" + Bars.escape(goal.note()) + "</span>")
                    + "</td><td>");
            for (Goal.Claim claim : goal.claims()) {
                add("<div class=\"" + claim.verdict() + "\">" + Bars.escape(claim.what() + ": " + claim.say())
                        + "</div>");
            }
            add("</td></tr>\n");
        }
        add("</table></div>\n");
    }

    private void charts(Run run) {
        Map<String, Map<String, List<Row>>> subjects = new TreeMap<>();
        for (Row row : run.rows()) {
            if (!row.mode().equals("sample") && !row.isFloor()) {
                subjects.computeIfAbsent(row.subject(), subject -> new LinkedHashMap<>())
                        .computeIfAbsent(title(row), title -> new ArrayList<>())
                        .add(row);
            }
        }
        subjects.forEach((subject, charts) -> {
            add("<h2>" + Bars.escape(words(subject)) + "</h2>\n");
            charts.forEach((title, rows) -> {
                List<Row> floors = run.rows().stream()
                        .filter(row -> row.isFloor()
                                && row.subject().equals(subject)
                                && row.threads() == rows.get(0).threads()
                                && !row.mode().equals("sample"))
                        .toList();
                add("<h3>" + Bars.escape(title) + "</h3>\n" + Bars.svg(words(subject) + ": " + title, rows, floors));
            });
        });
    }

    private void latency(Run run) {
        List<Row> sampled = run.rows().stream()
                .filter(row -> row.mode().equals("sample"))
                .sorted(Comparator.comparing(Row::subject)
                        .thenComparing(Row::what)
                        .thenComparing(Row::isPeer)
                        .thenComparingDouble(Row::p999))
                .toList();
        if (sampled.isEmpty()) {
            return;
        }
        add(
                "<h2>Latency under contention</h2>\n<p class=\"dim\">Single calls, timed each; a call includes the two clock readings that time it.</p>\n"
                        + "<div class=\"scroll\"><table>\n<tr><th>object</th><th>operation</th><th class=\"n\">threads</th><th>whose</th>"
                        + "<th class=\"n\">median, ns</th><th class=\"n\">99.9 %, ns</th><th class=\"n\">max, µs</th></tr>\n");
        for (Row row : sampled) {
            add("<tr><td>" + Bars.escape(words(row.subject())) + "</td><td>"
                    + Bars.escape(row.what().replace('_', ' '))
                    + "</td><td class=\"n\">" + row.threads() + "</td><td>" + Bars.escape(Bars.label(row)) + "</td>"
                    + cell(row.p50()) + cell(row.p999()) + cell(row.max() / 1e3) + "</tr>\n");
        }
        add("</table></div>\n");
    }

    private void figures(Run run) {
        if (run.figures().isEmpty()) {
            return;
        }
        add("""
                <h2>Memory and lateness</h2>
                <p class="dim">Bytes that stay after a full collection, each; lateness in milliseconds.</p>
                <div class="scroll"><table>
                """);
        run.figures().forEach((name, value) -> add("<tr><td>" + Bars.escape(name) + "</td>" + cell(value) + "</tr>\n"));
        add("</table></div>\n");
    }

    private static String cell(double value) {
        return "<td class=\"n\">" + Goal.Claim.number(value) + "</td>";
    }

    private static String title(Row row) {
        return row.what().replace('_', ' ') + ", " + row.threads() + (row.threads() == 1 ? " thread" : " threads");
    }

    /** "TokenBucket" as "Token bucket". */
    private static String words(String subject) {
        String spaced = subject.replaceAll("(?<=[a-z])(?=[A-Z])", " ");
        return spaced.charAt(0) + spaced.substring(1).toLowerCase(Locale.ROOT);
    }

    private void add(String html) {
        page.append(html);
    }
}

package io.weir.jmh.report;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** A run as one HTML page: goals, charts, latencies, memory, and growth. */
final class Page {
    private final Html page = new Html("Weir benchmarks");

    private Page() {}

    /**
     * Writes the page.
     *
     * @param facts of the machine and the run, for the header
     * @param curves markup of the section about growth; "" if there is none
     */
    static String html(Run run, List<Goal> goals, List<String> facts, String curves) {
        Page page = new Page();
        page.head(run, facts);
        page.goals(goals);
        page.charts(run);
        page.latency(run);
        page.figures(run);
        return page.page.add(curves).end();
    }

    private void head(Run run, List<String> facts) {
        page.aside(run.jdk());
        facts.forEach(page::aside);
        page.paragraph(
                "Read the ratios, which are of one run; nanoseconds don't travel. Time is of one operation, on each thread; ± is the 99.9 %"
                        + " confidence interval; bytes are what one operation allocates. Gold is what the machine itself charges, blue is ours.");
    }

    private void goals(List<Goal> goals) {
        page.heading("Goals").beginTable("", "", "work", "measured (goal)");
        for (Goal goal : goals) {
            page.add("<tr><td class=\"" + goal.verdict() + "\">"
                    + goal.verdict().sign() + "</td><td>" + goal.id()
                    + "</td><td>"
                    + Html.escape(goal.work())
                    + (goal.note().isEmpty() ? "" : "<br/><span class=\"dim\">" + Html.escape(goal.note()) + "</span>")
                    + "</td><td>");
            for (Goal.Claim claim : goal.claims()) {
                page.add("<div class=\"" + claim.verdict() + "\">" + Html.escape(claim.what() + ": " + claim.say())
                        + "</div>");
            }
            page.add("</td></tr>\n");
        }
        page.endTable();
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
            page.heading(words(subject));
            charts.forEach((title, rows) -> {
                List<Row> floors = run.rows().stream()
                        .filter(row -> row.isFloor()
                                && row.subject().equals(subject)
                                && row.threads() == rows.get(0).threads()
                                && !row.mode().equals("sample"))
                        .toList();
                page.smallHeading(title).add(Bars.svg(words(subject) + ": " + title, rows, floors));
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
        page.heading("Latency under contention")
                .aside(
                        "Single calls, timed each; a call includes the two clock readings that time it. Each thread calls again as soon as it can, so a"
                                + " call that is slow keeps others from being made: the shares are of calls, not of the time.")
                .beginTable("object", "operation", "threads#", "whose", "median, ns", "99.9 %, ns", "max, µs");
        for (Row row : sampled) {
            page.row(
                    words(row.subject()),
                    row.what().replace('_', ' '),
                    row.threads(),
                    Bars.label(row),
                    row.p50(),
                    row.p999(),
                    row.max() / 1e3);
        }
        page.endTable();
    }

    private void figures(Run run) {
        if (run.figures().isEmpty()) {
            return;
        }
        page.heading("Memory and lateness")
                .aside("Bytes that stay after a full collection, each; lateness in milliseconds.")
                .beginTable("", "#");
        run.figures().forEach(page::row);
        page.endTable();
    }

    private static String title(Row row) {
        if (row.subject().equals("VirtualThreads")) {
            return row.what().replace('_', ' ') + ", 1,000 virtual threads";
        }
        return row.what().replace('_', ' ') + ", " + row.threads() + (row.threads() == 1 ? " thread" : " threads");
    }

    /** "TokenBucket" as "Token bucket". */
    private static String words(String subject) {
        String spaced = subject.replaceAll("(?<=[a-z])(?=[A-Z])", " ");
        return spaced.charAt(0) + spaced.substring(1).toLowerCase(Locale.ROOT);
    }
}

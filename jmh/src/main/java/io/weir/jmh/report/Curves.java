package io.weir.jmh.report;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/** The curves that a run of {@code bin/bench --curves} is about. */
final class Curves {
    private static final String NANOS = "ns";

    private Curves() {}

    /**
     * Those that were measured.
     *
     * @param processors of the machine that ran
     */
    static List<Curve> of(Run run, int processors) {
        return List.of(
                        keys(run),
                        keyMemory(run),
                        line(run),
                        threads(run, processors, "limiter", "TokenBucket", "tryAcquire_granted"),
                        threads(run, processors, "breaker", "Breaker", "call_closed"),
                        depth(run),
                        window(run))
                .stream()
                .filter(curve -> !curve.series().isEmpty())
                .toList();
    }

    private static Curve keys(Run run) {
        return new Curve(
                "Keys of one limiter",
                "key",
                "time of tryAcquire, keys drawn uniformly",
                NANOS,
                "The number of keys isn't in the algorithm: a call looks at the line of four slots that its hash names, and seldom at a second one. What grows"
                        + " is the share of cache and TLB misses, of the key's own characters first and of the slot second, until all of them miss.",
                byParameter(run, "KeyedLimiter", "tryAcquire_keyed", "keys"));
    }

    private static Curve keyMemory(Run run) {
        Map<String, List<Curve.Point>> series = new LinkedHashMap<>();
        run.figures().forEach((name, value) -> {
            int at = name.indexOf(" key keys=");
            if (at > 0) {
                series.computeIfAbsent(name.substring(0, at), whose -> new ArrayList<>())
                        .add(new Curve.Point(Double.parseDouble(name.substring(name.indexOf('=') + 1)), value));
            }
        });
        return new Curve(
                "Memory of a key",
                "key",
                "bytes that stay for each key",
                "B",
                "16 bytes a slot and 1.46 slots a key; the strings aren't kept. The table is made whole at once, so a key less saves nothing.",
                sorted(series));
    }

    private static Curve line(Run run) {
        return new Curve(
                "Callers in one line",
                "waiter",
                "time to join the line behind so many, and to give up",
                NANOS,
                "Joining is a push on a stack, leaving a mark on one's own node; the dead are swept out once they are as many as the living, each once. A"
                        + " scheduler's heap sifts through log2 n entries. A cancelled CompletableFuture fills in a stack trace, which is its floor.",
                byParameter(run, "Line", "acquire_cancelled", "waiters"));
    }

    private static Curve threads(Run run, int processors, String object, String subject, String what) {
        List<Curve.Series> series = series(
                run,
                subject,
                what,
                row -> row.threads(),
                row -> row.nanos() * Math.min(row.threads(), processors) / row.threads());
        return new Curve(
                "Threads on one " + object,
                "thread",
                "processor time of a call",
                NANOS,
                "A call that writes no shared cache line costs the same whoever else calls; one that does waits for the line, once for each processor that"
                        + " has it. With more threads than processors (" + processors
                        + " here) nothing more can be at odds, unless a lock's owner is stopped.",
                series);
    }

    private static Curve depth(Run run) {
        return new Curve(
                "Guards of one pipeline",
                "guard",
                "time of a call through so many breakers",
                NANOS,
                "Each guard is asked once on the way in and told once on the way out, so a call can't be less than linear; what each adds is the slope, what"
                        + " the call itself adds is where it begins.",
                byParameter(run, "Depth", "call_depth", "depth"));
    }

    private static Curve window(Run run) {
        return new Curve(
                "Calls in a breaker's count window",
                "call",
                "time of a permit and a success",
                NANOS,
                "An outcome replaces the oldest one and moves two sums, whatever the size. What grows is the share of cache misses, as the ring is walked"
                        + " through in order: eight bytes a call.",
                byParameter(run, "Window", "call_window", "window"));
    }

    private static List<Curve.Series> byParameter(Run run, String subject, String what, String parameter) {
        return series(run, subject, what, row -> row.parameter(parameter).orElse(Double.NaN), Row::nanos);
    }

    /** The contenders' lines, and those of the floors that have the same x. */
    private static List<Curve.Series> series(
            Run run, String subject, String what, ToDoubleFunction<Row> x, ToDoubleFunction<Row> y) {
        Map<String, List<Curve.Point>> series = new LinkedHashMap<>();
        for (Row row : run.rows()) {
            if (row.subject().equals(subject)
                    && !row.mode().equals("sample")
                    && (row.isFloor() || row.what().equals(what))) {
                Curve.Point point = new Curve.Point(x.applyAsDouble(row), y.applyAsDouble(row));
                if (point.x() > 0 && point.y() > 0) { // not NaN
                    series.computeIfAbsent(
                                    row.isFloor() ? "floor: " + row.what() : row.whose(), name -> new ArrayList<>())
                            .add(point);
                }
            }
        }
        return sorted(series);
    }

    private static List<Curve.Series> sorted(Map<String, List<Curve.Point>> series) {
        List<Curve.Series> sorted = new ArrayList<>();
        series.forEach((name, points) -> {
            points.sort(Comparator.comparingDouble(Curve.Point::x));
            sorted.add(new Curve.Series(name, List.copyOf(points)));
        });
        sorted.sort(Comparator.comparing(Curve.Series::kind).thenComparing(Curve.Series::name));
        return sorted;
    }

    /** The section of the page; "" if there is no curve. */
    static String section(List<Curve> curves, List<String> facts) {
        if (curves.isEmpty()) {
            return "";
        }
        StringBuilder section = new StringBuilder("<h2>Growth</h2>\n");
        facts.forEach(fact ->
                section.append("<p class=\"dim\">").append(Html.escape(fact)).append("</p>\n"));
        for (Curve curve : curves) {
            section.append("<h3>").append(Html.escape(curve.title())).append("</h3>\n<p class=\"dim\">");
            section.append(Html.escape(curve.what() + ", " + curve.unit() + ". " + curve.bound()))
                    .append("</p>\n");
            section.append(Plot.svg(curve));
        }
        return section.toString();
    }

    /** What grows how, and what bounds it, for the documentation; "" if there is no curve. */
    static String markdown(List<Curve> curves, List<String> facts) {
        if (curves.isEmpty()) {
            return "";
        }
        StringBuilder text = new StringBuilder("\n### Growth\n\n" + String.join("; ", facts) + ".\n");
        for (Curve curve : curves) {
            text.append("\n**").append(curve.title()).append("** (").append(curve.what());
            text.append("). ").append(curve.bound()).append("\n\n");
            for (Curve.Series series : curve.series()) {
                text.append(String.format("- %s: %s%n", series.name(), series.growth(curve)));
            }
        }
        return text.toString();
    }

    /** What grows how, for a terminal. */
    static String table(List<Curve> curves) {
        StringBuilder table = new StringBuilder();
        for (Curve curve : curves) {
            table.append(String.format("%n%s: %s%n", curve.title(), curve.what()));
            for (Curve.Series series : curve.series()) {
                table.append(String.format("     %-28s %s%n", series.name(), series.growth(curve)));
            }
        }
        return table.toString();
    }
}

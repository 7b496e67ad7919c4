package io.weir.examples;

import io.weir.breaker.CircuitBreaker;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/** Draws the state of a run on a terminal, over and over in the same place. */
final class LiveView implements View {
    /** The most lines and columns of a frame. A terminal with fewer could not be drawn over. */
    static final int LINES = 18;

    static final int COLUMNS = 79;

    private static final String RED = "31";
    private static final String GREEN = "32";
    private static final String YELLOW = "33";
    private static final String BLUE = "34";
    private static final String DIM = "2";
    private static final String BOLD = "1";
    private static final int BAR = 20;
    private static final int SPARKS = 48;

    private final Terminal terminal;
    private final String title;
    private final Tuning tuning;
    private final Duration duration;
    private int drawn;

    LiveView(Terminal terminal, String title, Tuning tuning, Duration duration) {
        this.terminal = terminal;
        this.title = title;
        this.tuning = tuning;
        this.duration = duration;
    }

    @Override
    public Duration interval() {
        return Duration.ofMillis(200);
    }

    @Override
    public void show(Snapshot now) {
        List<String> lines = frame(now);
        StringBuilder screen = new StringBuilder();
        // Hide the cursor, and go back to the first line of the last frame.
        screen.append(drawn == 0 ? "\033[?25l" : "\033[" + drawn + "A");
        for (String line : lines) {
            screen.append('\r').append(line).append("\033[K\n");
        }
        drawn = lines.size();
        terminal.out().print(screen);
        terminal.out().flush();
    }

    @Override
    public void close() {
        terminal.out().print("\033[?25h");
        terminal.out().flush();
    }

    /** The lines of a frame, none too wide; as many in every frame, so that it can be drawn over. */
    List<String> frame(Snapshot now) {
        Tally.Counts recent = now.recent();
        Tally.Counts all = now.counts();
        List<String> lines = new ArrayList<>();
        double done = Math.min(1, now.elapsedNanos() / (double) duration.toNanos());
        lines.add(style(BOLD, "Weir demo") + "  " + cut(title, 67));
        lines.add("");
        lines.add(
                label("time") + bar(done) + "  " + Text.seconds(now.elapsedNanos()) + " of " + Text.duration(duration));
        if (!now.phase().isEmpty()) {
            lines.add(label("service") + style(now.phase().equals("healthy") ? GREEN : YELLOW, now.phase()));
        }
        lines.add(label("breaker") + state(now.state()));
        lines.add(label("limiter")
                + bar(now.tokens() / tuning.burst())
                + String.format(
                        Locale.ROOT,
                        "  %.0f of %s tokens, %s/s",
                        now.tokens(),
                        Text.number(tuning.burst()),
                        Text.number(tuning.limit())));
        lines.add(label("retries") + Text.count(now.retries()) + "      in flight " + Text.count(all.running()));
        lines.add(label("latency") + "p50 " + Text.millis(now.latency().p50()) + "   p99 "
                + Text.millis(now.latency().p99()) + "   p99.9 "
                + Text.millis(now.latency().p999()) + style(DIM, "   last 2 s"));
        lines.add("");
        lines.add(style(DIM, row("", "offered", "admitted", "succeeded", "rejected", "failed", "cancelled")));
        lines.add(row(
                "per second",
                rate(now, recent.started()),
                rate(now, now.recentSent()),
                rate(now, recent.succeeded()),
                rate(now, recent.rejected()),
                rate(now, recent.failed()),
                rate(now, recent.cancelled())));
        lines.add(row(
                "in all",
                Text.count(all.started()),
                Text.count(now.sent()),
                Text.count(all.succeeded()),
                Text.count(all.rejected()),
                Text.count(all.failed()),
                Text.count(all.cancelled())));
        lines.add("");
        double top = now.history().stream()
                .mapToDouble(bin -> Math.max(bin.perSecond(bin.counts().started()), bin.perSecond(bin.sent())))
                .max()
                .orElse(1);
        lines.add(spark(
                "offered", now, BLUE, top, bin -> bin.perSecond(bin.counts().started())));
        lines.add(spark("admitted", now, GREEN, top, bin -> bin.perSecond(bin.sent())));
        lines.add(spark(
                "rejected", now, YELLOW, top, bin -> bin.perSecond(bin.counts().rejected())));
        lines.add(
                spark("failed", now, RED, top, bin -> bin.perSecond(bin.counts().failed())));
        lines.add(label("breaker") + states(now));
        return lines;
    }

    private static String rate(Snapshot now, long recent) {
        return String.format(Locale.ROOT, "%.0f", now.perSecond(recent));
    }

    private static String row(String... cells) {
        StringBuilder row = new StringBuilder(String.format(Locale.ROOT, "%-10s", cells[0]));
        for (int i = 1; i < cells.length; i++) {
            row.append(String.format(Locale.ROOT, "%11s", cells[i]));
        }
        return row.toString();
    }

    private String label(String label) {
        return style(DIM, String.format(Locale.ROOT, "%-10s", label));
    }

    private String state(CircuitBreaker.State state) {
        return style(colour(state), (terminal.unicode() ? "\u25cf " : "") + state);
    }

    private static String colour(CircuitBreaker.State state) {
        return switch (state) {
            case OPEN, FORCED_OPEN -> RED;
            case HALF_OPEN -> YELLOW;
            default -> GREEN;
        };
    }

    private String bar(double part) {
        int full = (int) Math.round(BAR * Math.min(1, Math.max(0, part)));
        return terminal.unicode()
                ? "\u2588".repeat(full) + "\u2591".repeat(BAR - full)
                : "[" + "#".repeat(full) + "-".repeat(BAR - full) + "]";
    }

    private String spark(String label, Snapshot now, String colour, double top, ToDoubleFunction<Bin> value) {
        String levels = terminal.unicode() ? " \u2581\u2582\u2583\u2584\u2585\u2586\u2587\u2588" : " .:-=+*#@";
        StringBuilder sparks = new StringBuilder();
        for (Bin bin : latest(now)) {
            double part = top > 0 ? value.applyAsDouble(bin) / top : 0;
            // The least that isn't nothing shows.
            sparks.append(levels.charAt((int) Math.ceil(Math.min(1, part) * (levels.length() - 1) - 1e-9)));
        }
        return label(label) + style(colour, sparks.toString());
    }

    private String states(Snapshot now) {
        StringBuilder text = new StringBuilder();
        for (Bin bin : latest(now)) {
            String letter = switch (bin.state()) {
                case OPEN, FORCED_OPEN -> "O";
                case HALF_OPEN -> "H";
                default -> terminal.unicode() ? "\u00b7" : ".";
            };
            text.append(style(colour(bin.state()), letter));
        }
        return text.toString();
    }

    private static List<Bin> latest(Snapshot now) {
        List<Bin> history = now.history();
        return history.subList(Math.max(0, history.size() - SPARKS), history.size());
    }

    private static String cut(String text, int width) {
        return text.length() <= width ? text : text.substring(0, width - 3) + "...";
    }

    private String style(String code, String text) {
        return terminal.colour() && !text.isEmpty() ? "\033[" + code + "m" + text + "\033[0m" : text;
    }
}

package io.weir.examples;

import java.io.PrintStream;
import java.time.Duration;
import java.util.Locale;

/** A line a second, for logs and pipes. */
final class PlainView implements View {
    private final PrintStream out;

    PlainView(PrintStream out) {
        this.out = out;
    }

    @Override
    public Duration interval() {
        return Duration.ofSeconds(1);
    }

    @Override
    public void show(Snapshot now) {
        out.println(line(now));
        out.flush();
    }

    static String line(Snapshot now) {
        Tally.Counts recent = now.recent();
        return String.format(
                Locale.ROOT,
                "%7s  %-13s  %-9s  offered %.0f/s  admitted %.0f/s  ok %.0f/s  rejected %.0f/s  failed %.0f/s"
                        + "  tokens %.0f  retries %d  in flight %d  p50 %s  p99 %s  p99.9 %s",
                Text.seconds(now.elapsedNanos()),
                now.phase().isEmpty() ? "-" : now.phase(),
                now.state(),
                now.perSecond(recent.started()),
                now.perSecond(now.recentSent()),
                now.perSecond(recent.succeeded()),
                now.perSecond(recent.rejected()),
                now.perSecond(recent.failed()),
                now.tokens(),
                now.retries(),
                now.counts().running(),
                Text.millis(now.latency().p50()),
                Text.millis(now.latency().p99()),
                Text.millis(now.latency().p999()));
    }

    @Override
    public void close() {}
}

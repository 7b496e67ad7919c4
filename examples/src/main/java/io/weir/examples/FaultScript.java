package io.weir.examples;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Which phase the service is in at which time: equal parts of the whole duration. Before it the first phase holds, after it the last. */
final class FaultScript {
    private final List<Phase> phases;
    private final long durationNanos;

    /** A phase and when it holds, in nanoseconds since the beginning. */
    record Span(Phase phase, long fromNanos, long toNanos) {}

    FaultScript(Duration duration, List<Phase> phases) {
        if (duration.isNegative() || duration.isZero() || phases.isEmpty()) {
            throw new IllegalArgumentException("duration = " + duration + ", phases = " + phases
                    + ": allowed are a positive duration and at least one phase");
        }
        this.durationNanos = duration.toNanos();
        this.phases = List.copyOf(phases);
    }

    /** Healthy, slow, failing, rate-limiting, and healthy again. */
    static FaultScript standard(Duration duration) {
        return new FaultScript(
                duration, List.of(Phase.HEALTHY, Phase.SLOW, Phase.FAILING, Phase.RATE_LIMITING, Phase.HEALTHY));
    }

    Phase phaseAt(long elapsedNanos) {
        for (Span span : spans()) {
            if (elapsedNanos < span.toNanos()) {
                return span.phase();
            }
        }
        return phases.get(phases.size() - 1);
    }

    /** The phases in their order, without gaps. */
    List<Span> spans() {
        List<Span> spans = new ArrayList<>();
        long from = 0;
        for (int i = 0; i < phases.size(); i++) {
            // Not (i + 1) · duration / n: that overflows for durations of decades.
            long to = i == phases.size() - 1 ? durationNanos : from + durationNanos / phases.size();
            spans.add(new Span(phases.get(i), from, to));
            from = to;
        }
        return spans;
    }
}

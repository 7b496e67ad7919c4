package io.weir.examples;

import java.io.PrintStream;

/** What is printed when a run has ended. */
final class Summary {
    private Summary() {}

    static void print(Result result, PrintStream out) {
        Percentiles all = Percentiles.of(result.latencies());
        out.println();
        out.println((result.interrupted() ? "ended early, after " : "") + Text.duration(result.elapsed()) + " against "
                + result.target());
        out.println("calls     " + result.counts().equation().replace('\u2260', '!'));
        out.println("requests  " + Text.count(result.sent()) + " let through by the limiter, "
                + Text.count(result.retries()) + " times a call was tried again");
        out.println("breaker   opened " + result.opened() + " times, changed its state "
                + result.changes().size() + " times");
        out.println("latency   p50 " + Text.millis(all.p50()) + ", p90 " + Text.millis(all.p90()) + ", p99 "
                + Text.millis(all.p99()) + ", p99.9 " + Text.millis(all.p999()) + ", max " + Text.millis(all.max())
                + ", from the intended start of each call");
        result.reasons().forEach((reason, count) -> out.println("          " + Text.count(count) + " x " + reason));
        for (Result.Check check : result.checks()) {
            out.println(
                    (check.holds() ? "ok        " : "WRONG     ") + check.what().replace('\u00b7', '*') + ": "
                            + check.numbers().replace('\u2260', '!'));
        }
    }
}

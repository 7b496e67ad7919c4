package io.weir.examples;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;

/** The service's own limit, the way many services do it: so many requests a window, told in headers. */
final class Quota {
    private final long windowNanos;
    private final long limit;
    private final AtomicReference<Window> window = new AtomicReference<>(new Window(Long.MIN_VALUE, 0));

    private record Window(long number, long used) {}

    /** Whether a request is granted, and what the client is told. */
    record Answer(boolean granted, Map<String, String> headers) {}

    Quota(double perSecond, Duration window) {
        this.windowNanos = window.toNanos();
        this.limit = Math.max(1, Math.round(perSecond * windowNanos / 1e9));
    }

    Answer ask(long elapsedNanos) {
        long number = Math.floorDiv(elapsedNanos, windowNanos);
        Window used = window.updateAndGet(
                w -> w.number() >= number ? new Window(w.number(), w.used() + 1) : new Window(number, 1));
        boolean granted = used.used() <= limit;
        long leftNanos = (number + 1) * windowNanos - elapsedNanos;
        // Rounded up, so that nobody is told to come back too early. Retry-After has whole seconds only.
        String reset = (leftNanos + 999_999) / 1_000_000 + "ms";
        String retryAfter = Long.toString((leftNanos + 999_999_999) / 1_000_000_000);
        String remaining = Long.toString(Math.max(0, limit - used.used()));
        return new Answer(
                granted,
                granted
                        ? Map.of(
                                "X-RateLimit-Limit", Long.toString(limit),
                                "X-RateLimit-Remaining", remaining,
                                "X-RateLimit-Reset", reset)
                        : Map.of(
                                "X-RateLimit-Limit", Long.toString(limit),
                                "X-RateLimit-Remaining", remaining,
                                "X-RateLimit-Reset", reset,
                                "Retry-After", retryAfter));
    }
}

package io.weir;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;

/** The context of a call under a guard that is not Weir's own: knows the attempt and the options, and hears of no cancellation. */
final class DetachedContext implements CallContext {
    private final CallOptions options;
    private final int attempt;

    private DetachedContext(CallOptions options, int attempt) {
        this.options = options;
        this.attempt = attempt;
    }

    /** Numbers the attempts of one call. */
    static final class Attempts {
        private final CallOptions options;
        private final AtomicInteger count = new AtomicInteger();

        Attempts(CallOptions options) {
            this.options = options;
        }

        CallContext next() {
            return new DetachedContext(options, count.incrementAndGet());
        }
    }

    @Override
    public int attempt() {
        return attempt;
    }

    @Override
    public int hedge() {
        return 0;
    }

    @Override
    public Optional<Duration> remaining() {
        return options.limit();
    }

    @Override
    public CallOptions options() {
        return options;
    }

    @Override
    public boolean isCancelled() {
        return false;
    }

    @Override
    public void onCancel(Runnable action) {}
}

package io.weir.internal;

import io.weir.CallContext;
import io.weir.CallOptions;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.agrona.concurrent.NanoClock;
import org.jspecify.annotations.Nullable;

/**
 * The context of one attempt. The hooks are a stack that {@link #cancel} swaps for CANCELLED: a hook that is pushed is run by the cancel,
 * one that finds CANCELLED runs at once, so each runs exactly once.
 */
final class AttemptContext implements CallContext {
    private static final System.Logger LOG = System.getLogger("io.weir");

    private record Hook(@Nullable Runnable action, @Nullable Hook next) {}

    private static final Hook CANCELLED = new Hook(null, null);

    private final CallOptions options;
    private final int hedge;
    private final NanoClock clock;
    private final boolean limited;
    private final long deadlineNanos;
    private final AtomicReference<@Nullable Hook> hooks = new AtomicReference<>();
    /** Written by the thread that invokes, before the user gets to see this. */
    private int attempt;

    AttemptContext(CallOptions options, int hedge, NanoClock clock, boolean limited, long deadlineNanos) {
        this.options = options;
        this.hedge = hedge;
        this.clock = clock;
        this.limited = limited;
        this.deadlineNanos = deadlineNanos;
    }

    void attempt(int number) {
        attempt = number;
    }

    @Override
    public int attempt() {
        return attempt;
    }

    @Override
    public int hedge() {
        return hedge;
    }

    @Override
    public Optional<Duration> remaining() {
        if (!limited) {
            return Optional.empty();
        }
        return Optional.of(
                isCancelled() ? Duration.ZERO : Duration.ofNanos(Math.max(0, deadlineNanos - clock.nanoTime())));
    }

    @Override
    public CallOptions options() {
        return options;
    }

    @Override
    public boolean isCancelled() {
        return hooks.get() == CANCELLED;
    }

    @Override
    public void onCancel(Runnable action) {
        Objects.requireNonNull(action, "action");
        Hook head = hooks.get();
        while (head != CANCELLED) {
            if (hooks.compareAndSet(head, new Hook(action, head))) {
                return;
            }
            Thread.onSpinWait();
            head = hooks.get();
        }
        run(action);
    }

    void cancel() {
        for (Hook hook = hooks.getAndSet(CANCELLED); hook != null && hook.action != null; hook = hook.next) {
            run(hook.action);
        }
    }

    private static void run(Runnable action) {
        try {
            action.run();
        } catch (Throwable e) {
            LOG.log(Level.WARNING, "an onCancel action threw", e);
        }
    }
}

package io.weir;

import io.weir.engine.time.ExecutorTimer;
import io.weir.engine.time.Timer;
import io.weir.engine.time.WheelTimer;
import io.weir.event.Subscription;
import io.weir.event.WeirEvent;
import io.weir.event.WeirListener;
import io.weir.internal.BlockingThreads;
import io.weir.internal.Callbacks;
import io.weir.internal.Listeners;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.LongSupplier;
import org.agrona.concurrent.SystemNanoClock;
import org.jspecify.annotations.Nullable;

/**
 * What guards share: time, the timer, the executor for callbacks, listeners. Guards that name none use {@link #shared()}. A runtime starts
 * no thread before one is needed; its threads are daemons. Thread-safe.
 */
public final class WeirRuntime implements AutoCloseable {
    private final @Nullable LongSupplier clock;
    private final Clock wallClock;
    private final Timer timer;
    private final Callbacks callbacks;
    private final BlockingThreads blocking;
    private final Listeners listeners;
    private final boolean stackTraces;

    private WeirRuntime(Builder builder) {
        this.clock = builder.clock;
        this.wallClock = builder.wallClock;
        this.callbacks = new Callbacks(builder.callbackExecutor);
        this.timer = builder.timer != null
                ? builder.timer
                : builder.scheduler != null
                        ? new ExecutorTimer(builder.scheduler, this::nanoTime)
                        : new WheelTimer(this::nanoTime, "weir-timer", callbacks::gather);
        this.blocking = new BlockingThreads(builder.blockingExecutor);
        this.listeners = new Listeners(callbacks);
        this.stackTraces = builder.stackTraces;
        builder.listeners.forEach(listeners::add);
    }

    private static final class Shared {
        static final WeirRuntime INSTANCE = builder().build();
    }

    /** The runtime of all guards that name no other. Made on first use, never closed. */
    public static WeirRuntime shared() {
        return Shared.INSTANCE;
    }

    public static Builder builder() {
        return new Builder();
    }

    /** The present reading of the monotonic clock, in nanoseconds; may be negative; compare by subtraction. */
    public long nanoTime() {
        return clock == null ? SystemNanoClock.INSTANCE.nanoTime() : clock.getAsLong();
    }

    /** Whether the monotonic clock is the system's own, {@link System#nanoTime()}. */
    public boolean isSystemTime() {
        return clock == null;
    }

    /** The clock that dates and HTTP headers are read against. */
    public Clock wallClock() {
        return wallClock;
    }

    /** The timer that every wait uses. */
    public Timer timer() {
        return timer;
    }

    /** Where what completes because of another caller or a timer goes on. Never refuses a task. */
    public Executor callbackExecutor() {
        return callbacks;
    }

    /**
     * Where parts of blocking calls run that need a thread of their own: the attempts of a {@link io.weir.guard.Hedge}. Refuses tasks when the
     * runtime is closed.
     */
    public Executor blockingExecutor() {
        return blocking;
    }

    /** Whether rejections carry a stack trace. */
    public boolean stackTraces() {
        return stackTraces;
    }

    /**
     * Registers a listener for the events of every guard of this runtime.
     *
     * @param listener hears them
     * @return to be closed when it is to hear no more
     */
    public Subscription listen(WeirListener listener) {
        return listeners.add(Objects.requireNonNull(listener, "listener"));
    }

    /** Whether anybody listens; guards ask before they make an event. */
    public boolean hasListeners() {
        return !listeners.isEmpty();
    }

    /**
     * Tells an event to all listeners. For guards, also a user's own.
     *
     * @param event what happened
     */
    public void publish(WeirEvent event) {
        listeners.publish(event);
    }

    /**
     * Ends the timer, the callback threads and those for blocking calls. Calls that wait on the timer end at once: a retry with its last failure, a waiter with an
     * {@link IllegalStateException}. Executors and timers that were handed in are left alone. Idempotent.
     */
    @Override
    public void close() {
        timer.close();
        callbacks.close();
        blocking.close();
    }

    @Override
    public String toString() {
        return this == Shared.INSTANCE ? "WeirRuntime(shared)" : "WeirRuntime(" + timer + ")";
    }

    /** Builds runtimes. Not thread-safe. */
    public static final class Builder {
        private @Nullable LongSupplier clock;
        private Clock wallClock = Clock.systemUTC();
        private @Nullable Timer timer;
        private @Nullable ScheduledExecutorService scheduler;
        private @Nullable Executor callbackExecutor;
        private @Nullable Executor blockingExecutor;
        private boolean stackTraces;
        private final List<WeirListener> listeners = new ArrayList<>();

        private Builder() {}

        /**
         * A monotonic clock in the place of {@link System#nanoTime()}.
         *
         * @param nanoTime gives nanoseconds; must not step back
         */
        public Builder clock(LongSupplier nanoTime) {
            this.clock = Objects.requireNonNull(nanoTime, "clock");
            return this;
        }

        /**
         * The clock that dates and HTTP headers are read against.
         *
         * @param wallClock UTC by default
         */
        public Builder wallClock(Clock wallClock) {
            this.wallClock = Objects.requireNonNull(wallClock, "wallClock");
            return this;
        }

        /**
         * A timer in the place of Weir's own.
         *
         * @param timer of the same clock
         */
        public Builder timer(Timer timer) {
            this.timer = Objects.requireNonNull(timer, "timer");
            this.scheduler = null;
            return this;
        }

        /**
         * An existing scheduler or event loop in the place of Weir's own timer thread.
         *
         * @param scheduler is not shut down by {@link WeirRuntime#close()}
         */
        public Builder timer(ScheduledExecutorService scheduler) {
            this.scheduler = Objects.requireNonNull(scheduler, "timer");
            this.timer = null;
            return this;
        }

        /**
         * Where what completes because of another caller or a timer goes on, dependents of the returned futures included.
         *
         * @param executor a small pool of daemon threads by default
         */
        public Builder callbackExecutor(Executor executor) {
            this.callbackExecutor = Objects.requireNonNull(executor, "callbackExecutor");
            return this;
        }

        /**
         * Where parts of blocking calls run that need a thread of their own: the attempts of a {@link io.weir.guard.Hedge}. Thread-locals of the
         * caller don't follow there.
         *
         * @param executor by default virtual threads where the JDK has them (21 and newer), else daemon threads, as many as are wanted at once; is
         *     not shut down by {@link WeirRuntime#close()}, and should have a thread for each attempt, as one that waits in its queue is no hedge. It runs
         *     a task or throws: a caller without a deadline waits for ever for one that is dropped in silence, as {@code DiscardPolicy} does
         */
        public Builder blockingExecutor(Executor executor) {
            this.blockingExecutor = Objects.requireNonNull(executor, "blockingExecutor");
            return this;
        }

        /**
         * Adds a listener for the events of every guard.
         *
         * @param listener hears them
         */
        public Builder listener(WeirListener listener) {
            listeners.add(Objects.requireNonNull(listener, "listener"));
            return this;
        }

        /**
         * Whether rejections carry a stack trace; costs microseconds each.
         *
         * @param fillIn off by default
         */
        public Builder stackTraces(boolean fillIn) {
            this.stackTraces = fillIn;
            return this;
        }

        public WeirRuntime build() {
            return new WeirRuntime(this);
        }
    }
}

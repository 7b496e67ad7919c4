package io.weir.internal;

import java.lang.System.Logger.Level;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Where what completes because of another caller or a timer goes on: a user's executor or, by default, a small pool of daemon threads that
 * end when idle. A task is never lost: what the user's executor refuses runs on the pool.
 */
public final class Callbacks implements Executor, AutoCloseable {
    private static final System.Logger LOG = System.getLogger("io.weir");
    private static final AtomicInteger POOLS = new AtomicInteger();

    /** How long a thread of a closed pool waits for what may still come. */
    private static final long CLOSED_IDLE_MILLIS = 20;

    private final @Nullable Executor user;
    private final ThreadPoolExecutor pool;

    /**
     * Makes the executor.
     *
     * @param user the user's, or null for the pool alone
     */
    public Callbacks(@Nullable Executor user) {
        int threads = Math.max(2, Math.min(8, Runtime.getRuntime().availableProcessors()));
        String prefix = "weir-callback-" + POOLS.incrementAndGet() + "-";
        this.pool = DaemonPool.of(threads, prefix);
        this.user = user;
    }

    @Override
    public void execute(Runnable task) {
        if (user == null) {
            pool.execute(task);
            return;
        }
        Once once = new Once(task);
        try {
            user.execute(once);
        } catch (RuntimeException
                | Error e) { // not only a RejectedExecutionException: executors have words of their own
            if (once.isBegun()) {
                throw e; // ran at once, and this is the task's own
            }
            LOG.log(Level.WARNING, "the callback executor refused a task; it runs on Weir's own pool", e);
            pool.execute(once);
        }
    }

    /** Tells a refusal from a task that ran within {@code execute} and threw; and runs once, should an executor throw that has taken it. */
    private static final class Once extends AtomicBoolean implements Runnable {
        private static final long serialVersionUID = 1;

        private final transient Runnable task;

        Once(Runnable task) {
            this.task = task;
        }

        boolean isBegun() {
            return get();
        }

        @Override
        public void run() {
            if (compareAndSet(false, true)) {
                task.run();
            }
        }
    }

    /**
     * Ends the pool's threads when their work is done; a user's executor is left alone. What comes later, as what a closed timer ends does, still runs,
     * on the same few threads: a pool that was shut down would refuse it, and one whose threads ended at once would start one for each task that comes a
     * little later than the one before.
     */
    @Override
    public void close() {
        pool.setKeepAliveTime(CLOSED_IDLE_MILLIS, TimeUnit.MILLISECONDS);
    }
}

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

    /**
     * A round's first batch is on its way soon, and costs a round of one task little; each next one is twice as large, as the more there are the more their
     * queue costs.
     */
    private static final int FIRST_BATCH = 64;

    private static final int LARGEST_BATCH = 1_024;

    /** How long a thread of a closed pool waits for what may still come. */
    private static final long CLOSED_IDLE_MILLIS = 20;

    private final @Nullable Executor user;
    private final ThreadPoolExecutor pool;

    /**
     * The thread whose tasks are gathered. Plain: it asks who reads it "is it I?", and the answer is a thread's own last write.
     */
    private @Nullable Thread gatherer;

    /** The gatherer's. */
    private @Nullable Batch gathered;

    /** The gatherer's: how large its next batch is to be. */
    private int nextBatch = FIRST_BATCH;

    /**
     * Makes the executor.
     *
     * @param user the user's, or null for the pool alone
     */
    public Callbacks(@Nullable Executor user) {
        this(user, DaemonPool.of(threads(), "weir-callback-" + POOLS.incrementAndGet() + "-"));
    }

    Callbacks(@Nullable Executor user, ThreadPoolExecutor pool) {
        this.user = user;
        this.pool = pool;
    }

    private static int threads() {
        return Math.max(2, Math.min(8, Runtime.getRuntime().availableProcessors()));
    }

    @Override
    public void execute(Runnable task) {
        if (user == null) {
            if (gatherer == Thread.currentThread()) {
                collect(task);
            } else {
                handOver(task);
            }
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
            handOver(once);
        }
    }

    /**
     * Runs what is going to hand over many tasks, one after another, and hands them over in batches, the last at the end: a queue between threads costs
     * more than most tasks do. A batch waits for its gatherer, not for its other tasks. A user's executor gets each task by itself. One thread at a time.
     */
    public void gather(Runnable work) {
        gatherer = Thread.currentThread();
        nextBatch = FIRST_BATCH;
        try {
            work.run();
        } finally {
            gatherer = null;
            handOver();
        }
    }

    private void collect(Runnable task) {
        Batch batch = gathered;
        if (batch == null) {
            batch = new Batch(pool, nextBatch);
            gathered = batch;
            nextBatch = Math.min(2 * nextBatch, LARGEST_BATCH);
        }
        if (batch.add(task)) {
            handOver();
        }
    }

    private void handOver() {
        Batch batch = gathered;
        gathered = null;
        if (batch != null) {
            handOver(batch.sealed());
        }
    }

    /** The pool refuses nothing, but it can't always start a thread. */
    private void handOver(Runnable task) {
        try {
            pool.execute(task);
        } catch (OutOfMemoryError e) {
            LOG.log(
                    Level.WARNING,
                    "no thread can be started for callbacks; they run on the thread that brings them",
                    e);
            pool.remove(task); // the thread may have been wanted for what was queued before
            task.run();
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

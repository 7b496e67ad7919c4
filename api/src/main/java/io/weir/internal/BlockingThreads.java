package io.weir.internal;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Threads for the parts of blocking calls that need one of their own: a user's executor; or virtual threads where the JDK has them (21 and
 * newer), and else a pool of daemon threads, as many as are wanted at once, that end when idle. None is started before it is needed.
 */
public final class BlockingThreads implements Executor, AutoCloseable {
    private static final AtomicInteger POOLS = new AtomicInteger();
    private static final int FIRST_WITH_VIRTUAL_THREADS = 21;

    private final @Nullable Executor user;
    private final ThreadFactory threads;
    private final @Nullable ThreadPoolExecutor pool;
    private volatile boolean closed;

    /**
     * Makes the executor.
     *
     * @param user the user's, or null for threads of Weir's own
     */
    public BlockingThreads(@Nullable Executor user) {
        String prefix = "weir-blocking-" + POOLS.incrementAndGet() + "-";
        ThreadFactory virtual = user == null ? virtual(prefix) : null;
        this.user = user;
        this.threads = virtual == null ? platform(prefix) : virtual;
        this.pool = user == null && virtual == null
                ? new ThreadPoolExecutor(0, Integer.MAX_VALUE, 10, TimeUnit.SECONDS, new SynchronousQueue<>(), threads)
                : null;
    }

    private static ThreadFactory platform(String prefix) {
        AtomicInteger count = new AtomicInteger();
        return task -> {
            Thread thread = new Thread(task, prefix + count.incrementAndGet());
            thread.setDaemon(true);
            return thread;
        };
    }

    /** {@code Thread.ofVirtual().name(prefix, 1).factory()}, which the JDK that this is compiled for doesn't have; null if there is none. */
    private static @Nullable ThreadFactory virtual(String prefix) {
        if (Runtime.version().feature() < FIRST_WITH_VIRTUAL_THREADS) {
            return null;
        }
        try {
            MethodHandles.Lookup lookup = MethodHandles.publicLookup();
            Class<?> builder = Class.forName("java.lang.Thread$Builder");
            Class<?> ofVirtual = Class.forName("java.lang.Thread$Builder$OfVirtual");
            MethodHandle begin = lookup.findStatic(Thread.class, "ofVirtual", MethodType.methodType(ofVirtual));
            MethodHandle name =
                    lookup.findVirtual(builder, "name", MethodType.methodType(builder, String.class, long.class));
            MethodHandle factory = lookup.findVirtual(builder, "factory", MethodType.methodType(ThreadFactory.class));
            Object named = name.invoke(begin.invoke(), prefix, 1L);
            return (ThreadFactory) factory.invoke(named);
        } catch (Throwable e) {
            throw new AssertionError("this JDK has no virtual threads", e);
        }
    }

    /**
     * Runs a task on a thread of its own.
     *
     * @throws RejectedExecutionException if this was closed, or the user's executor refuses
     */
    @Override
    public void execute(Runnable task) {
        if (closed) {
            throw new RejectedExecutionException("the runtime is closed");
        }
        if (user != null) {
            user.execute(task);
        } else if (pool != null) {
            pool.execute(task);
        } else {
            threads.newThread(task).start();
        }
    }

    /** Takes no task any more; the threads end with what they run. A user's executor is left alone. */
    @Override
    public void close() {
        closed = true;
        if (pool != null) {
            pool.shutdown();
        }
    }
}

package io.weir.internal;

import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** Daemon threads with names, started when they are needed and ended when they are idle: of which the pools of Weir's own are made. */
public final class DaemonPool {
    private static final long IDLE_SECONDS = 10;

    private DaemonPool() {}

    /**
     * A pool without a bound on what waits.
     *
     * @param threads how many at most
     * @param prefix of their names; a number is added
     */
    public static ThreadPoolExecutor of(int threads, String prefix) {
        AtomicInteger number = new AtomicInteger();
        ThreadPoolExecutor pool = new ThreadPoolExecutor(
                threads,
                threads,
                IDLE_SECONDS,
                TimeUnit.SECONDS,
                new LinkedBlockingQueue<>(),
                task -> thread(task, prefix + number.incrementAndGet()));
        pool.allowCoreThreadTimeOut(true);
        return pool;
    }

    /** A single thread, not started. */
    static Thread thread(Runnable task, String name) {
        Thread thread = new Thread(task, name);
        thread.setDaemon(true);
        return thread;
    }
}

package io.weir.internal;

import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Tasks that pass through a pool's queue as one, but are as independent as if each had been queued: one that blocks, or throws, keeps none of the others from
 * another of the pool's threads. One thread fills it; any number run it.
 */
final class Batch extends AtomicInteger implements Runnable {
    /*
     * The count is how many of the tasks were claimed, or more.
     *
     * I1 (each once). Who raises the count from i claims task i, and runs it; nobody else does. The tasks themselves are written before the batch is queued,
     *     and a pool's queue publishes.
     * I2 (none is stuck). Unless the batch is through, or a thread is between a claim and the next, it is in the pool's queue: each run that leaves more than
     *     one task to claim queues the batch again before it claims the first. So while a task blocks, the rest comes up again where a newcomer would stand.
     *     A run that sees a single task left doesn't queue: it claims that itself, or somebody else has. One that can't queue for want of memory goes on
     *     itself, also if a task throws.
     *
     * A batch comes up once for its work and, mostly, once for nothing. If a thread stops between a claim and its task, that task waits, as any does that a
     * pool's thread has taken.
     *
     * Tested by BatchTest (I1 by three threads, I2 by tasks that never return).
     */
    private static final long serialVersionUID = 1;
    private static final int CAPACITY = 64;

    private final transient Executor pool;
    private final transient @Nullable Runnable[] tasks = new @Nullable Runnable[CAPACITY];

    /** The filler's; whoever runs the batch has it from the queue. */
    private int size;

    Batch(Executor pool) {
        this.pool = pool;
    }

    /** True if it is full now. */
    boolean add(Runnable task) {
        tasks[size++] = task;
        return size == CAPACITY;
    }

    /** What to queue, when all are added: this, or the only task. */
    Runnable sealed() {
        Runnable first = tasks[0];
        return size == 1 && first != null ? first : this;
    }

    /** False if there is no memory for it. */
    private boolean queueAgain() {
        try {
            pool.execute(this);
            return true;
        } catch (OutOfMemoryError e) {
            return false; // then a task that blocks holds up the rest; better than to run none
        }
    }

    @Override
    public void run() {
        int left = size - get();
        if (left <= 0) {
            return;
        }
        boolean othersMayGoOn = left == 1 || queueAgain();
        boolean done = false;
        try {
            for (int claimed = getAndIncrement(); claimed < size; claimed = getAndIncrement()) {
                Runnable task = tasks[claimed];
                tasks[claimed] = null; // what is done is not kept by what isn't
                if (task != null) {
                    task.run();
                }
            }
            done = true;
        } finally {
            if (!done && !othersMayGoOn) {
                run();
            }
        }
    }
}

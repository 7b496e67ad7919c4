package io.weir.internal;

import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * Tasks that pass through a pool's queue as one, but are as independent as if each had been queued: one that blocks, or throws, keeps none of the others from
 * another of the pool's threads. One thread fills it; any number run it.
 */
final class Batch implements Runnable {
    /*
     * A place holds a task until somebody claims it, and null from then on.
     *
     * I1 (each once). Who exchanges a task for null runs it; nobody else does. The tasks themselves are written before the batch is queued, and a pool's queue
     *     publishes.
     * I2 (none is stuck). Unless the batch is through, or a thread is between a claim and the next, it is in the pool's queue: each run that finds more than
     *     one task queues the batch again before it claims the first. So while a task blocks, the rest comes up again where a newcomer would stand. A run looks
     *     at every place, and what it finds empty stays so: if it sees a single task it doesn't queue, but claims that itself, or somebody else has. One that
     *     can't queue for want of memory goes on itself, also if a task throws.
     *
     * Threads that run one batch at the same time begin far from each other, and so hardly ever write to the same cache line: the first goes up from the first
     * place, the second down from the last, the third and fourth both ways from the middle. With one counter for all of them a task cost 240 ns by two threads,
     * most of it for the counter.
     *
     * A batch comes up once for its work and, mostly, once for nothing. If a thread stops between a claim and its task, that task waits, as any does that a
     * pool's thread has taken.
     *
     * Tested by BatchTest (I1 by three threads, I2 by tasks that never return).
     */
    private final Executor pool;
    private final AtomicReferenceArray<@Nullable Runnable> tasks;
    private final AtomicInteger runs = new AtomicInteger();

    /** The filler's; whoever runs the batch has it from the queue. */
    private int size;

    /**
     * An empty batch.
     *
     * @param capacity at least 1
     */
    Batch(Executor pool, int capacity) {
        this.pool = pool;
        this.tasks = new AtomicReferenceArray<>(capacity);
    }

    /** Not into a full one. True if it is full now. */
    boolean add(Runnable task) {
        tasks.setPlain(size++, task);
        return size == tasks.length();
    }

    /** What to queue, when all are added: this, or the only task. */
    Runnable sealed() {
        Runnable first = tasks.getPlain(0);
        return size == 1 && first != null ? first : this;
    }

    @Override
    public void run() {
        int run = runs.getAndIncrement();
        int step = nextTask(run, 0);
        if (step == size) {
            return;
        }
        boolean othersMayGoOn = nextTask(run, step + 1) == size || queueAgain();
        boolean done = false;
        try {
            for (; step < size; step = nextTask(run, step + 1)) {
                Runnable task = tasks.getAndSet(place(run, step), null); // what is done is not kept by what isn't
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

    /** The first step of a run, from this one on, that leads to a task; the size if none does. */
    private int nextTask(int run, int from) {
        int step = from;
        while (step < size && tasks.getOpaque(place(run, step)) == null) {
            step++;
        }
        return step;
    }

    /** Where a run's step leads: size steps from 0 on lead to every place. Even runs go up, odd ones down. */
    private int place(int run, int step) {
        // 0, 1/2, 1/4, 3/4, 1/8, ... of the size for each pair of runs
        int start = (int) ((Integer.reverse(run >>> 1) & 0xFFFF_FFFFL) * size >>> Integer.SIZE);
        int place = (run & 1) == 0 ? start + step : start - 1 - step;
        return place < 0 ? place + size : place >= size ? place - size : place;
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
}

package io.weir.jmh.soak;

import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;

/** What the guarded calls call: it answers later, when a generator comes by; fails now and then, and always while it is down. Thread-safe. */
final class Service {
    private static final long TAKES_NANOS = 1_000_000;
    private static final int FAILS_EVERY = 20;

    private final ConcurrentLinkedQueue<Answer> waiting = new ConcurrentLinkedQueue<>();
    private final AtomicInteger active = new AtomicInteger();
    private final AtomicInteger mostActive = new AtomicInteger();
    private final LongAdder calls = new LongAdder();
    private final IOException broken = new IOException("the service failed");
    private volatile boolean down;

    /** An answer to come. */
    private static final class Answer extends CompletableFuture<Integer> {
        private final long due;
        private final boolean fails;

        Answer(long due, boolean fails) {
            this.due = due;
            this.fails = fails;
        }
    }

    /**
     * A call.
     *
     * @param random decides whether it fails
     */
    CompletableFuture<Integer> call(int random) {
        calls.increment();
        int now = active.incrementAndGet();
        if (now > mostActive.get()) {
            mostActive.accumulateAndGet(now, Math::max);
        }
        Answer answer = new Answer(
                System.nanoTime() + TAKES_NANOS, down || Integer.remainderUnsigned(random, FAILS_EVERY) == 0);
        waiting.add(answer);
        return answer;
    }

    /** Gives the answers that are due; by any thread. */
    void answer() {
        long now = System.nanoTime();
        for (Answer next = waiting.peek(); next != null && now - next.due >= 0; next = waiting.peek()) {
            if (waiting.remove(next)) {
                active.decrementAndGet(); // before the guard is told, so that it is never above what the guard counts
                if (next.fails) {
                    next.completeExceptionally(broken);
                } else {
                    next.complete(1);
                }
            }
        }
    }

    /** Takes it down, or brings it up. */
    void setDown(boolean down) {
        this.down = down;
    }

    /** The most calls that were under way at once. */
    int mostActive() {
        return mostActive.get();
    }

    long calls() {
        return calls.sum();
    }
}

package io.weir.engine.breaker;

import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Hands each transition of a breaker to one listener: exactly once, in order, one at a time, beginning with the first
 * transition after the feed was made. {@link #drain()} does it, in the thread that calls it; nothing happens by itself.
 * Call it after each transition ({@link Breaker#onTransition}), from any thread, also from the listener: a call that
 * finds another draining leaves the work to that one.
 *
 * <p>A listener that falls more than 1,024 transitions behind loses the oldest; {@link #lost()} counts them. One that
 * throws has had its transition all the same, and gets the next; {@link #failures()} counts those. Thread-safe; calls
 * never wait.
 */
public final class TransitionFeed {
    /*
     * F1: a transition is delivered at most once, and in the order of numbers. Only the owner of the drain (whoever
     *     took `requests` from 0) touches `delivered`, and gives it on through `requests`.
     * F2: no transition that was there before a drain() began is left undelivered when nobody drains any more: the call
     *     either drained after it, or its request makes the owner go round again, which then reads the present record
     *     anew.
     * F3: the feed refers to no record between drains; a batch is at most REACHABLE records, so a stuck listener holds
     *     a bounded number of them.
     * Looked for by TransitionFeedTest and by FeedDelivery (jcstress), whose twin breaks F2.
     */
    private final Supplier<Transition> present;
    private final Consumer<? super Transition> listener;
    private final AtomicLong requests = new AtomicLong();
    private final AtomicLong lost = new AtomicLong();
    private final AtomicLong failures = new AtomicLong();
    private volatile boolean closed;
    private long delivered; // F1: the number of the last one delivered or lost

    /**
     * @param present the latest record, as from {@link Breaker#latestTransition()}
     * @param listener gets the transitions
     */
    public TransitionFeed(Supplier<Transition> present, Consumer<? super Transition> listener) {
        this.present = present;
        this.listener = listener;
        this.delivered = present.get().number();
    }

    /** Delivers what is outstanding, unless another thread (or a caller up the stack) is just doing so and will. */
    public void drain() {
        // Volatile: taking the drain over acquires `delivered` from the owner before, giving it back releases it.
        if (requests.getAndIncrement() != 0) {
            return;
        }
        long answered = 1;
        while (answered != 0) {
            deliverOutstanding();
            answered = requests.addAndGet(-answered);
        }
    }

    private void deliverOutstanding() {
        Transition last = present.get();
        long outstanding = last.number() - delivered;
        if (outstanding <= 0) {
            return;
        }
        Transition[] batch = new Transition[(int) Math.min(outstanding, Transition.REACHABLE)];
        int first = batch.length;
        for (Transition each = last; each != null && first > 0; each = each.previous()) {
            batch[--first] = each;
        }
        lost.addAndGet(outstanding - (batch.length - first));
        for (int i = first; i < batch.length && !closed; i++) {
            deliver(batch[i]);
        }
        delivered = last.number();
    }

    private void deliver(Transition transition) {
        try {
            listener.accept(transition);
        } catch (Throwable e) { // it harms neither the call that happened to drain, nor the next transition
            failures.incrementAndGet();
        }
    }

    /** Ends it: nothing is delivered any more, but for a delivery that is just under way. */
    public void close() {
        closed = true;
    }

    /** How many transitions the listener missed because it was too far behind. */
    public long lost() {
        return lost.get();
    }

    /** How many times the listener threw. */
    public long failures() {
        return failures.get();
    }
}

package io.weir.executor;

import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** An item on its way through a work queue. */
final class Entry<T> {
    /*
     *   QUEUED -> RUNNING -> ENDED
     *      +---------+-----> LOST      a stop whose timeout passed, or a put that found the queue stopped after it had put
     *
     * Whoever makes the last step accounts for the item, and there is one: nothing is both done and lost, or neither.
     */
    enum Phase {
        QUEUED,
        RUNNING,
        ENDED,
        LOST
    }

    final T item;

    /** Earlier ones were accepted earlier. */
    final long number;

    private final AtomicReference<Phase> phase = new AtomicReference<>(Phase.QUEUED);
    private volatile @Nullable CompletionStage<?> stage;

    Entry(T item, long number) {
        this.item = item;
        this.number = number;
    }

    boolean begin() {
        return phase.compareAndSet(Phase.QUEUED, Phase.RUNNING);
    }

    boolean isLost() {
        return phase.get() == Phase.LOST;
    }

    boolean end() {
        return phase.compareAndSet(Phase.RUNNING, Phase.ENDED);
    }

    /** Whether it is lost by this call, begun or not. */
    boolean lose() {
        return phase.compareAndSet(Phase.QUEUED, Phase.LOST) || phase.compareAndSet(Phase.RUNNING, Phase.LOST);
    }

    /** What is to be cancelled if it is lost; it may be lost already. */
    void runs(CompletionStage<?> running) {
        stage = running;
        if (isLost()) {
            cancel();
        }
    }

    boolean hasStage() {
        return stage != null;
    }

    void cancel() {
        CompletionStage<?> running = stage;
        if (running != null) {
            try {
                running.toCompletableFuture().cancel(true);
            } catch (RuntimeException | Error unsupported) {
                // a stage that can't be cancelled goes on by itself
            }
        }
    }
}

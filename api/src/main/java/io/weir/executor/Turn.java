package io.weir.executor;

import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * A task handed to an executor. If that runs it inline it returns at once: who hands it over goes on himself then, and the stack stays
 * flat. What the executor throws is kept.
 */
final class Turn implements Runnable {
    private final Runnable body;
    private final Thread giver = Thread.currentThread();

    // The giver's: another thread compares itself with the giver, and reads no more.
    private boolean giving = true;
    private boolean inline;
    private @Nullable Throwable refusal;

    private Turn(Runnable body) {
        this.body = body;
    }

    static Turn hand(Executor executor, Runnable body) {
        Turn turn = new Turn(body);
        try {
            executor.execute(turn);
        } catch (RuntimeException | Error e) {
            turn.refusal = e;
        }
        turn.giving = false;
        return turn;
    }

    @Override
    public void run() {
        if (Thread.currentThread() == giver && giving) {
            inline = true;
        } else {
            body.run();
        }
    }

    boolean isTaken() {
        return !inline && refusal == null;
    }

    boolean isInline() {
        return inline;
    }

    /** By threads that have been shut down, or when none can be started; null: it wasn't refused. */
    @Nullable
    Throwable refusal() {
        return refusal;
    }
}

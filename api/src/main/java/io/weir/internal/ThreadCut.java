package io.weir.internal;

import org.jspecify.annotations.Nullable;

/** A blocking call's part inside a stage that may cut it short: interrupts the thread, and takes the interrupt back when it leaves. */
final class ThreadCut implements Cuts.Cut {
    private final Thread thread = Thread.currentThread();
    private final @Nullable BlockingCall noted;
    // Plain: written before done, read after it.
    private boolean wasInterrupted;
    private volatile boolean done;

    ThreadCut(@Nullable BlockingCall noted) {
        this.noted = noted;
    }

    @Override
    public void cut() {
        if (noted != null) {
            noted.cutByHand();
        }
        wasInterrupted = thread.isInterrupted();
        thread.interrupt();
        done = true;
    }

    /**
     * By the thread itself.
     *
     * @return whether it was cut
     */
    boolean leave(Cuts cuts) {
        if (cuts.remove(this)) {
            return false;
        }
        awaitDone();
        return true;
    }

    /**
     * By the thread itself, when it is cut, or being cut just now: waits until the interrupt was sent, so that it can hit nothing that the thread
     * does later; that is for one thread between two statements.
     */
    void awaitDone() {
        while (!done) {
            Thread.onSpinWait();
        }
        if (!wasInterrupted) {
            Thread.interrupted();
        }
    }
}

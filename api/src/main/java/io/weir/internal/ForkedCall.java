package io.weir.internal;

import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * The part of a blocking call that is further in than an {@link Enclosing} stage, on a thread of its own. Whoever cuts it says why first and then
 * interrupts the thread, if it is in here still; the thread takes the interrupt back when it leaves.
 */
final class ForkedCall implements Cuts.Cut {
    /*
     * F1 (no stray interrupt). One CAS of `over` decides between the cut, which interrupts then, and the thread, which leaves; the loser of the two
     *     does nothing, but the thread waits for an interrupt that is on its way (ThreadCut).
     *     HedgeRaceTest, which sees either CAS made a blind write.
     * F2 (no lost cut). The thread says that it runs and then looks for a cause; who cuts writes the cause and then looks for a thread.
     *     HedgeRaceTest, which sees the cause written late; ForkedCallTest has the thread that doesn't look.
     */
    private final Chain inner;
    private final BlockingCall call;
    private final AtomicBoolean over = new AtomicBoolean();
    private volatile @Nullable ThreadCut running;

    ForkedCall(Chain inner, BlockingCall call) {
        this.inner = inner;
        this.call = call;
    }

    /** Runs the inner chain on this thread: the result, or a {@link Failed}. */
    @Nullable
    Object run() {
        ThreadCut mine = new ThreadCut(call);
        running = mine;
        Object end;
        try {
            Failed cut = call.cut();
            end = cut == null ? heard(inner.block(call.options(), call)) : cut;
        } finally {
            if (!over.compareAndSet(false, true)) {
                mine.awaitDone();
            }
        }
        return end;
    }

    /** What the run judges by: all tries of this attempt, where a stage further in has judged the last of them. */
    private @Nullable Object heard(@Nullable Object end) {
        return end instanceof Failed failed ? failed.heard(BlockingCall.attemptsOf(call) > 0) : end;
    }

    void cut(Failed why, boolean cancelsRunning) {
        call.cut(why, cancelsRunning);
        if (cancelsRunning) {
            cut();
        }
    }

    /** Interrupts the thread, if there is one in here. */
    @Override
    public void cut() {
        ThreadCut inside = running;
        if (inside != null && over.compareAndSet(false, true)) {
            inside.cut();
        }
    }
}

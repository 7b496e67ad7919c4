package io.weir.internal;

import io.weir.engine.time.TimerNode;
import io.weir.engine.time.TimerTask;
import org.jspecify.annotations.Nullable;

/** A limit of time on the part of an asynchronous call that is further in than {@link #floor}: its deadline, or a stage's; or, as {@link HandLimit}, one without a clock. */
class Limit implements TimerTask {
    /** The outermost stage that the limit is not on; -1 if it is on all. */
    final int floor;
    /** Whose limit it is; null for the call's deadline. */
    final @Nullable Stage stage;

    final long deadlineNanos;
    private final PipelineCall<?> owner;
    /** The driver's. Null while it isn't armed. */
    private @Nullable TimerNode node;
    /** Written before the owner is told. */
    private volatile boolean fired;
    /** Of the attempt in flight, if it wants one and this limit is on it. Written by the driver only. */
    private volatile @Nullable AttemptContext context;

    Limit(PipelineCall<?> owner, int floor, @Nullable Stage stage, long deadlineNanos) {
        this.owner = owner;
        this.floor = floor;
        this.stage = stage;
        this.deadlineNanos = deadlineNanos;
    }

    /** Driver only. */
    void arm() {
        if (node == null) {
            TimerNode mine = new TimerNode(this, deadlineNanos);
            node = mine;
            owner.chain.runtime.timer().arm(mine);
        }
    }

    /** Driver only: whatever comes from here now is void. */
    void disarm() {
        if (node != null) {
            owner.chain.runtime.timer().cancel(node);
        }
    }

    boolean isFired() {
        return fired;
    }

    /** Driver only: the time is up, whatever the timer says. */
    void fire() {
        fired = true;
    }

    final void fireAndTell() {
        fire();
        owner.chain.runtime.callbackExecutor().execute(() -> owner.cutShort(this));
    }

    boolean cancelsRunning() {
        return stage == null || stage.cancelsRunning();
    }

    /** Driver only. */
    void covers(@Nullable AttemptContext attempt) {
        context = attempt;
    }

    void cancelContext() {
        AttemptContext running = context;
        if (running != null && cancelsRunning()) {
            running.cancel();
        }
    }

    @Override
    public void onTimer(TimerNode mine) {
        fireAndTell();
    }

    @Override
    public void onTimerClosed(TimerNode closed) {
        // The call goes on without a limit: it ends when its stage does.
    }
}

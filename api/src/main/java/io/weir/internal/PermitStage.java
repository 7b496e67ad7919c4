package io.weir.internal;

import io.weir.CallOptions;
import io.weir.engine.bucket.Waiter;
import io.weir.engine.permit.Permits;
import java.util.Objects;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** Permits in a pipeline: a call holds one from its admission to its end. What is refused, and how, is the subclass's business. */
public abstract class PermitStage extends Stage {
    private final String name;
    private final Permits permits;
    private final boolean waits;
    private final long maxWaitNanos;

    protected PermitStage(String name, Permits permits, boolean waits, long maxWaitNanos) {
        this.name = name;
        this.permits = permits;
        this.waits = waits;
        this.maxWaitNanos = maxWaitNanos;
    }

    /** The refusal for want of a permit. */
    protected abstract RuntimeException full();

    /** The failure of a waiter that wasn't granted. */
    public abstract RuntimeException failure(Waiter.End end);

    /** Called before a call stands in line; throws if it may not. */
    protected void enter() {}

    /** Called once for a call that stood in line and got no permit, or gave it back unused. */
    protected void exit() {}

    public final Permits permits() {
        return permits;
    }

    @Override
    public final String name() {
        return name;
    }

    @Override
    public final Object heldOnce() {
        return permits;
    }

    @Override
    public long admit(CallOptions options, long now) {
        return permits.tryAcquire() ? 0 : waits ? WAIT : REFUSED;
    }

    @Override
    public final RuntimeException refusal(CallOptions options) {
        return full();
    }

    @Override
    public @Nullable Again onEnd(
            long token,
            long start,
            @Nullable Object result,
            @Nullable Failed failed,
            @Nullable Again before,
            CallInfo call) {
        permits.release();
        return null;
    }

    // ---- waiting, asynchronously

    @Override
    public final Wait newWait(CallOptions options) {
        return new InLine(this);
    }

    /** A call's place in line. */
    private static final class InLine extends PermitWaiter implements Wait {
        private final PermitStage stage;
        private @Nullable WaitListener listener;

        InLine(PermitStage stage) {
            super(stage.permits);
            this.stage = stage;
        }

        @Override
        public void start(long budgetNanos, WaitListener told) {
            listener = told;
            stage.enter();
            // What limits the call's time ends the wait, so the line needs a timer for its own limit only.
            boolean stands = false;
            try {
                stands = budgetNanos > 0 && stand(stage.maxWaitNanos);
            } finally {
                if (!stands) {
                    stage.exit();
                }
            }
            if (!stands) {
                throw stage.full();
            }
        }

        @Override
        protected void ended() {
            if (end() != End.GRANTED) {
                stage.exit();
            }
            Objects.requireNonNull(listener).onWaitEnded(this);
        }

        @Override
        public long outcome() {
            End how = end();
            return how == null ? WAIT : how == End.GRANTED ? 0 : REFUSED;
        }

        @Override
        public Throwable failure() {
            return stage.failure(Objects.requireNonNull(end()));
        }

        @Override
        public void abandon() {
            if (leave()) {
                stage.exit();
            }
        }
    }

    // ---- waiting, with the thread

    @Override
    public final long awaitBlocking(CallOptions options, long budgetNanos) throws InterruptedException {
        enter();
        boolean granted = false;
        try {
            acquireBlocking(Math.min(budgetNanos, maxWaitNanos));
            granted = true;
        } finally {
            if (!granted) {
                exit();
            }
        }
        return 0;
    }

    /** Takes a permit, holding the thread while it stands in line. */
    public final void acquireBlocking(long timeoutNanos) throws InterruptedException {
        if (Thread.interrupted()) {
            throw new InterruptedException();
        }
        Parked waiter = new Parked(permits);
        if (!waiter.stand(timeoutNanos)) {
            throw full();
        }
        while (waiter.end() == null) {
            LockSupport.park(permits);
            if (Thread.interrupted()) {
                waiter.leave();
                throw new InterruptedException();
            }
        }
        Waiter.End how = Objects.requireNonNull(waiter.end());
        if (how != Waiter.End.GRANTED) {
            throw failure(how);
        }
    }

    /** A thread in line. */
    private static final class Parked extends PermitWaiter {
        private final Thread thread = Thread.currentThread();

        Parked(Permits permits) {
            super(permits);
        }

        @Override
        protected void ended() {
            LockSupport.unpark(thread);
        }
    }
}

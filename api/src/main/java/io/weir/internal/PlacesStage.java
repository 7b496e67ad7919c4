package io.weir.internal;

import io.weir.CallOptions;
import io.weir.engine.bucket.Waiter;
import java.util.Objects;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** A limit on concurrency in a pipeline: a call holds one place from its admission to its end. What is shared is the line for a place. */
public abstract class PlacesStage extends Stage {
    /** What somebody who asks for a place gets to hear. */
    protected enum Answer {
        GRANTED,
        QUEUED,
        REFUSED
    }

    private final String name;
    private final boolean waits;
    private volatile long maxWaitNanos;

    protected PlacesStage(String name, boolean waits, long maxWaitNanos) {
        this.name = name;
        this.waits = waits;
        this.maxWaitNanos = maxWaitNanos;
    }

    /** How long anybody stands in line at most. */
    public final long maxWaitNanos() {
        return maxWaitNanos;
    }

    /** For those who come to stand in line from now on. */
    protected final void setMaxWaitNanos(long nanos) {
        maxWaitNanos = nanos;
    }

    /** Takes a place, or stands in line. */
    protected abstract Answer acquire(Waiter waiter, long timeoutNanos);

    /** Takes a waiter out of the line; false if that has ended its wait already. */
    protected abstract boolean cancel(Waiter waiter);

    /** Gives back a place that no call has used. */
    protected abstract void giveBack();

    /** The refusal for want of a place; made once for each. */
    protected abstract RuntimeException full();

    /** The failure of a waiter that wasn't granted. */
    public abstract RuntimeException failure(Waiter.End end);

    /** Called before a call stands in line; throws if it may not. */
    protected void enter() {}

    /** Called once for a call that stood in line and got no permit, or gave it back unused. */
    protected void exit() {}

    @Override
    public final String name() {
        return name;
    }

    /** The answer to an admission that found no place. */
    protected final long noPlace() {
        return waits ? WAIT : REFUSED;
    }

    @Override
    public final RuntimeException refusal(CallOptions options) {
        return full();
    }

    // ---- waiting, asynchronously

    @Override
    public final Wait newWait(CallOptions options) {
        return new InLine(this);
    }

    /** A call's place in line. */
    private static final class InLine extends PermitWaiter implements Wait {
        private final PlacesStage stage;
        private @Nullable WaitListener listener;

        InLine(PlacesStage stage) {
            super(stage);
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
        Parked waiter = new Parked(this);
        if (!waiter.stand(timeoutNanos)) {
            throw full();
        }
        while (waiter.end() == null) {
            LockSupport.park(this);
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

        Parked(PlacesStage stage) {
            super(stage);
        }

        @Override
        protected void ended() {
            LockSupport.unpark(thread);
        }
    }
}

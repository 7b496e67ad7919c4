package io.weir.internal;

import io.weir.CallOptions;
import io.weir.engine.bucket.Waiter;
import java.util.Objects;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** A limit on concurrency in a pipeline: a call holds one place from its admission to its end. What is shared is the line for a place. */
public abstract class PlacesStage extends Stage implements Places {
    private final String name;
    private final boolean waits;
    private volatile long maxWaitNanos;

    protected PlacesStage(String name, boolean waits, long maxWaitNanos) {
        this.name = name;
        this.waits = waits;
        this.maxWaitNanos = maxWaitNanos;
    }

    /** Where a call stands. This line, unless there are several. */
    protected Places placesFor(CallOptions options) {
        return this;
    }

    /** How long anybody stands in line at most. */
    public final long maxWaitNanos() {
        return maxWaitNanos;
    }

    /** For those who come to stand in line from now on. */
    protected final void setMaxWaitNanos(long nanos) {
        maxWaitNanos = nanos;
    }

    /** The failure of a waiter that wasn't granted. */
    public abstract RuntimeException failure(Waiter.End end);

    @Override
    public final RuntimeException failure(Waiter waiter, Waiter.End end) {
        return failure(end);
    }

    /** Called before a call stands in line; throws if it may not. */
    protected void enter() {}

    /** Called once for a call that stood in line and got no permit, or gave it back unused. */
    protected void exit() {}

    @Override
    public final boolean keepsToken() {
        return false;
    }

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
        return new InLine(this, placesFor(options));
    }

    /** A call's place in line. */
    private static final class InLine extends PermitWaiter implements Wait {
        private final PlacesStage stage;
        private final Places places;
        private @Nullable WaitListener listener;

        InLine(PlacesStage stage, Places places) {
            super(places);
            this.stage = stage;
            this.places = places;
        }

        @Override
        public void start(long budgetNanos, WaitListener told) {
            listener = told;
            // A wait that is known to be too long isn't begun; the look may throw, so it comes before anything is
            // counted.
            boolean inTime = budgetNanos == Long.MAX_VALUE || budgetNanos > places.knownWaitNanos();
            stage.enter();
            // What limits the call's time ends the wait, so the line needs a timer for its own limit only.
            boolean stands = false;
            try {
                stands = inTime && stand(stage.maxWaitNanos);
            } finally {
                if (!stands) {
                    stage.exit();
                }
            }
            if (!stands) {
                throw inTime ? places.full() : places.late();
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
            return places.failure(this, Objects.requireNonNull(end()));
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
            acquireBlocking(placesFor(options), Math.min(budgetNanos, maxWaitNanos));
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
        acquireBlocking(this, timeoutNanos);
    }

    private static void acquireBlocking(Places places, long timeoutNanos) throws InterruptedException {
        if (Thread.interrupted()) {
            throw new InterruptedException();
        }
        Parked waiter = new Parked(places);
        if (!waiter.stand(timeoutNanos)) {
            throw timeoutNanos > places.knownWaitNanos() ? places.full() : places.late();
        }
        while (waiter.end() == null) {
            LockSupport.park(places);
            if (Thread.interrupted()) {
                waiter.leave();
                throw new InterruptedException();
            }
        }
        Waiter.End how = Objects.requireNonNull(waiter.end());
        if (how != Waiter.End.GRANTED) {
            throw places.failure(waiter, how);
        }
    }

    /** A thread in line. */
    private static final class Parked extends PermitWaiter {
        private final Thread thread = Thread.currentThread();

        Parked(Places places) {
            super(places);
        }

        @Override
        protected void ended() {
            LockSupport.unpark(thread);
        }
    }
}

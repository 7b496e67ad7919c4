package io.weir.internal;

import io.weir.engine.bucket.Waiter;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** A place in the line for a permit, or for tokens and a slot, which its owner may leave at any time without losing or keeping a permit. */
public abstract class PermitWaiter extends Waiter {
    /*
     * state: null while it waits; then GRANTED, REFUSED or LEFT, by one CAS:
     *
     *   null -> how it ended     granted at once, or told by the line
     *   any  -> LEFT             leave(), which gives back what it finds GRANTED
     *
     * A permit is given back once: the grant finds LEFT and gives it back, or leave() finds the grant and does. The line may have granted and
     * not told yet (its claim of the waiter comes before onEnd); then leave() finds null, and the grant LEFT. The line's cancel comes first, so
     * that a waiter who leaves takes nothing in most cases. BulkheadTest, GuardOrderTest, PipelineRaceTest.
     */
    private enum Left {
        LEFT
    }

    private final Places places;
    private final AtomicReference<@Nullable Object> state = new AtomicReference<>();

    protected PermitWaiter(Places places) {
        super(places.tokens());
        this.places = places;
    }

    /** Called when the wait has ended and the owner has not left; as {@link Waiter#onEnd}. */
    protected abstract void ended();

    /**
     * Stands in line, or takes a permit at once.
     *
     * @return false if refused
     */
    public final boolean stand(long timeoutNanos) {
        Places.Answer answer = places.acquire(this, timeoutNanos);
        if (answer == Places.Answer.GRANTED) {
            state.set(End.GRANTED); // nobody else knows this waiter
        }
        return answer != Places.Answer.REFUSED;
    }

    @Override
    protected final void onEnd(End how) {
        if (state.compareAndSet(null, how)) {
            ended();
        } else if (how == End.GRANTED) {
            places.giveBack(this);
        }
    }

    /** How the wait ended; null while it goes on. Owner only, not after {@link #leave}. */
    public final @Nullable End end() {
        return state.get() instanceof End how ? how : null;
    }

    /**
     * Leaves the line; a permit that was granted is given back. At most once.
     *
     * @return false if it had ended ungranted before
     */
    public final boolean leave() {
        if (places.cancel(this)) {
            return true;
        }
        Object before = state.getAndSet(Left.LEFT);
        if (before == End.GRANTED) {
            places.giveBack(this);
        }
        return before == null || before == End.GRANTED;
    }
}

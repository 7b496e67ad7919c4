package io.weir.engine.bucket;

import org.jspecify.annotations.Nullable;

/**
 * What a {@link WaiterLine} waits for. Every method is called by the owner of the line's drain only, one at a time, except
 * {@link #knownWaitNanos}; none runs user code, blocks, or throws.
 */
public abstract class Supply {

    /** The head's cost has been debited: claim it, and call {@link #lost} if it is gone. */
    public static final int DEBITED = 0;

    /** Not yet: {@link #dueNanos} says when. */
    public static final int LATER = 1;

    /** The head asks for more than there can ever be. */
    public static final int TOO_LARGE = 2;

    /** There will be no more. */
    public static final int CLOSED = 3;

    /** Not yet, and no clock knows when: whoever changes that runs the drain. */
    public static final int WHEN_TOLD = 4;

    /** After {@link #DEBITED}: what names the debit for a later give-back; even. */
    protected long receipt;

    /** After {@link #DEBITED}: whom the receipt is good for; null if for nobody. */
    protected @Nullable Object payer;

    /** After {@link #LATER}: the instant at which to ask again. */
    protected long dueNanos;

    /** For its subclasses. */
    protected Supply() {}

    /** Pays for the head, if that can be done now; one of the constants. */
    protected abstract int debit(double tokens);

    /** The debit just made found its waiter gone. It may pay for the next one, until {@link #settle}. */
    protected abstract void lost(double tokens);

    /** The debit just made was claimed. */
    protected abstract void claimed(double tokens);

    /** Gives back what lost debits have left. */
    protected abstract void settle();

    /** The most that one waiter may ask for now; waiters that ask for more are failed when it falls. */
    protected abstract double maxTokens();

    /** From any thread: the wait that a request would be told now. */
    protected abstract long knownWaitNanos(double tokens);
}

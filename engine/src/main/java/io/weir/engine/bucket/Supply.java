package io.weir.engine.bucket;

import org.jspecify.annotations.Nullable;

/**
 * What a {@link WaiterLine} waits for. Every method is called by the owner of the line's drain only, one at a time, except
 * {@link #knownWaitNanos}; none runs user code, blocks, or throws.
 */
abstract class Supply {

    /** The head's cost has been debited: claim it, and call {@link #lost} if it is gone. */
    static final int DEBITED = 0;

    /** Not yet: {@link #dueNanos} says when. */
    static final int LATER = 1;

    /** The head asks for more than there can ever be. */
    static final int TOO_LARGE = 2;

    /** There will be no more. */
    static final int CLOSED = 3;

    /** After {@link #DEBITED}: what names the debit for a later give-back; even. */
    long receipt;

    /** After {@link #DEBITED}: whom the receipt is good for; null if for nobody. */
    @Nullable
    Object payer;

    /** After {@link #LATER}: the instant at which to ask again. */
    long dueNanos;

    abstract int debit(double tokens);

    /** The debit just made found its waiter gone. It may pay for the next one, until {@link #settle}. */
    abstract void lost(double tokens);

    /** The debit just made was claimed. */
    abstract void claimed(double tokens);

    /** Gives back what lost debits have left. */
    abstract void settle();

    /** The most that one waiter may ask for now; waiters that ask for more are failed when it falls. */
    abstract double maxTokens();

    /** From any thread: the wait that a request would be told now. */
    abstract long knownWaitNanos(double tokens);
}

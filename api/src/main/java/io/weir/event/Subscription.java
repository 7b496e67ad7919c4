package io.weir.event;

/** A listener's registration. */
public interface Subscription extends AutoCloseable {

    /** How many events this listener lost by falling behind. */
    long lost();

    /** Ends the registration: nothing that happens from now on is told. Idempotent. */
    @Override
    void close();
}

package io.weir.jmh;

import io.weir.engine.bucket.Waiter;

/** A caller in the engine's line, without a future. */
public final class PlainWaiter extends Waiter {
    /** One token. */
    public PlainWaiter() {
        super(1);
    }

    @Override
    protected void onEnd(End end) {}
}

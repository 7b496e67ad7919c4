package io.weir.jcstress.bucket;

import io.weir.engine.bucket.Waiter;

/** A waiter for one token that counts its ends. */
final class Queued extends Waiter {
    private int granted;
    private int failed;

    Queued() {
        super(1);
    }

    @Override
    protected void onEnd(End end) {
        if (end == End.GRANTED) {
            granted++;
        } else {
            failed++;
        }
    }

    /** How often it was granted; to be read when all is quiet. */
    int granted() {
        return granted;
    }

    /** How often it was failed. */
    int failed() {
        return failed;
    }
}

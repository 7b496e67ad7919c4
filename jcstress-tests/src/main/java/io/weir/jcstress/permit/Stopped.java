package io.weir.jcstress.permit;

/** For the broken twins. */
final class Stopped {
    private static final int SPINS = 1_000;

    private Stopped() {}

    /** As if the thread had been stopped here, so that few samples are enough. */
    static void forAMoment() {
        for (int i = 0; i < SPINS; i++) {
            Thread.onSpinWait();
        }
    }
}

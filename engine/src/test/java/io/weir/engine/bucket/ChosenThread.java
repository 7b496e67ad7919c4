package io.weir.engine.bucket;

import org.jspecify.annotations.Nullable;

/** A thread whose id, and so its stripe, is chosen by the test; and that can be stopped where a bucket asks for the id. */
final class ChosenThread extends Thread {
    private static final long CONSTRUCTING = 1;

    private long id = CONSTRUCTING;

    @Nullable
    Runnable atStripe;

    @Nullable
    private Throwable failure;

    interface Body {
        void run(ChosenThread self) throws Exception;
    }

    private final Body body;

    private ChosenThread(Body body) {
        super("chosen");
        this.body = body;
    }

    /** Runs a test in such a thread, and throws what it throws. */
    static void run(Body body) {
        ChosenThread thread = new ChosenThread(body);
        thread.start();
        try {
            thread.join();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
        if (thread.failure instanceof Error error) {
            throw error;
        } else if (thread.failure != null) {
            throw new AssertionError(thread.failure);
        }
    }

    @Override
    public void run() {
        try {
            body.run(this);
        } catch (Throwable e) {
            failure = e;
        }
    }

    @Override
    public long getId() {
        Runnable stop = atStripe;
        if (stop != null) {
            stop.run();
        }
        return id;
    }

    /** The id, asked for by the test. */
    long getIdUnstopped() {
        return id;
    }

    /** From now on this is thread number {@code id}. */
    void become(long id) {
        this.id = id;
    }

    /** From now on this is a thread whose stripe it is. */
    void beOf(int stripe, Stripes stripes) {
        id = 0;
        while (stripes.stripeOf(id) != stripe) {
            id++;
        }
    }

    /** Runs it once, when the id is asked for the n-th time from now on. */
    void at(int n, Runnable action) {
        int[] left = {n};
        atStripe = () -> {
            if (--left[0] == 0) {
                atStripe = null;
                action.run();
            }
        };
    }
}

package io.weir;

import java.util.concurrent.CountDownLatch;

/** What {@link Lifetime} must not leave behind, left behind on purpose: {@link LeavesNothingTest} must notice each. Ends with {@link #close}. */
public abstract class Leak implements Runnable, AutoCloseable {

    @Override
    public final void run() {
        new Lifetime().run();
        leave();
    }

    abstract void leave();

    @Override
    public abstract void close();

    /** A thread-local's value on a thread that lives on. */
    public static final class OfThreadLocal extends Leak {
        private final ThreadLocal<Object> local = new ThreadLocal<>();

        @Override
        void leave() {
            local.set(this);
        }

        @Override
        public void close() {
            local.remove();
        }
    }

    /** A thread that nobody ends. */
    public static final class OfThread extends Leak {
        private final CountDownLatch end = new CountDownLatch(1);

        @Override
        void leave() {
            Thread thread = new Thread(
                    () -> {
                        try {
                            end.await();
                        } catch (InterruptedException e) {
                            Thread.currentThread().interrupt();
                        }
                    },
                    "test-leak");
            thread.setDaemon(true);
            thread.start();
        }

        @Override
        public void close() {
            end.countDown();
        }
    }

    /** A hook that runs when the machine ends, and is held until then. */
    public static final class OfShutdownHook extends Leak {
        private final Thread hook = new Thread(this::nothing, "test-leak");

        private void nothing() {}

        @Override
        void leave() {
            Runtime.getRuntime().addShutdownHook(hook);
        }

        @Override
        public void close() {
            Runtime.getRuntime().removeShutdownHook(hook);
        }
    }
}

package io.weir.internal;

import io.weir.event.Subscription;
import io.weir.event.WeirEvent;
import io.weir.event.WeirListener;
import java.lang.System.Logger.Level;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;

/**
 * The listeners of a runtime. Publishing to nobody costs one read. Each listener has a bounded queue of its own and at most one task on
 * the executor at a time (a work-in-progress counter), which gives it its events one by one and in order; a slow one delays only itself.
 */
public final class Listeners {
    /** A listener further behind than this loses its oldest events. */
    static final int CAPACITY = 1_024;

    private static final System.Logger LOG = System.getLogger("io.weir.event");
    private final CopyOnWriteArrayList<Registration> registrations = new CopyOnWriteArrayList<>();
    private final Executor executor;

    public Listeners(Executor executor) {
        this.executor = executor;
    }

    /** Whether anybody would hear; ask before making an event. */
    public boolean isEmpty() {
        return registrations.isEmpty();
    }

    public void publish(WeirEvent event) {
        for (Registration registration : registrations) {
            registration.offer(event);
        }
    }

    public Subscription add(WeirListener listener) {
        Registration registration = new Registration(listener);
        registrations.add(registration);
        return registration;
    }

    private final class Registration implements Subscription, Runnable {
        private final WeirListener listener;
        private final ConcurrentLinkedQueue<WeirEvent> queue = new ConcurrentLinkedQueue<>();
        /** Events in the queue, about: added before and taken after, so never below the truth. */
        private final AtomicInteger queued = new AtomicInteger();
        /** Offers since the task last looked; whoever raises it from 0 starts the task. */
        private final AtomicInteger work = new AtomicInteger();

        private final LongAdder lost = new LongAdder();
        private volatile boolean closed;

        Registration(WeirListener listener) {
            this.listener = listener;
        }

        void offer(WeirEvent event) {
            if (closed) {
                return;
            }
            if (listener.isImmediate()) {
                tell(event);
                return;
            }
            if (queued.incrementAndGet() > CAPACITY && queue.poll() != null) {
                queued.decrementAndGet();
                lost.increment();
            }
            queue.add(event);
            if (work.getAndIncrement() == 0) {
                executor.execute(this);
            }
        }

        @Override
        public void run() {
            int seen = work.get();
            do {
                for (WeirEvent event = queue.poll(); event != null; event = queue.poll()) {
                    queued.decrementAndGet();
                    if (!closed) {
                        tell(event);
                    }
                }
                seen = work.addAndGet(-seen);
            } while (seen != 0);
        }

        private void tell(WeirEvent event) {
            try {
                listener.onEvent(event);
            } catch (Throwable e) {
                LOG.log(Level.WARNING, "a listener threw on " + event, e);
            }
        }

        @Override
        public long lost() {
            return lost.sum();
        }

        @Override
        public void close() {
            closed = true;
            registrations.remove(this);
        }
    }
}

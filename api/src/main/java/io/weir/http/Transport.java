package io.weir.http;

import java.net.http.HttpClient;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * The {@link HttpClient} of a client: one that was handed in, or one of its own, which is made on first use, as it starts a thread.
 *
 * <p>One reference holds the state: UNOPENED, then an {@link Opened}, then CLOSED, which is final. Two first users may both make a client;
 * one's is kept, the other's shut again.
 */
final class Transport implements AutoCloseable {
    private static final Object UNOPENED = new Object();
    private static final Object CLOSED = new Object();
    private static final AtomicInteger CLIENTS = new AtomicInteger();

    private final String name;
    private final HttpClient.Version version;
    private final AtomicReference<Object> state;

    private record Opened(HttpClient http, @Nullable ThreadPoolExecutor ownExecutor) {}

    Transport(String name, @Nullable HttpClient given, boolean secure) {
        this.name = name;
        // Without TLS, HTTP/2 would be asked for by an Upgrade header in each first request, which few services expect.
        this.version = secure ? HttpClient.Version.HTTP_2 : HttpClient.Version.HTTP_1_1;
        this.state = new AtomicReference<>(given == null ? UNOPENED : new Opened(given, null));
    }

    boolean isClosed() {
        return state.get() == CLOSED;
    }

    /**
     * The client.
     *
     * @throws ClientClosedException if this is closed
     */
    HttpClient http() {
        Object seen = state.get();
        while (!(seen instanceof Opened opened)) {
            if (seen == CLOSED) {
                throw new ClientClosedException(name);
            }
            Opened made = open();
            if (!state.compareAndSet(UNOPENED, made)) {
                shut(made);
            }
            seen = state.get();
        }
        return opened.http();
    }

    private Opened open() {
        int threads = Math.max(2, Math.min(8, Runtime.getRuntime().availableProcessors()));
        String prefix = "weir-http-" + CLIENTS.incrementAndGet() + "-";
        AtomicInteger count = new AtomicInteger();
        ThreadPoolExecutor executor = new ThreadPoolExecutor(
                threads,
                threads,
                10,
                TimeUnit.SECONDS,
                new LinkedBlockingQueue<>(),
                task -> daemon(task, prefix + count.incrementAndGet()),
                // Only after close(): what is left of a cancelled exchange must still be cleared away.
                (task, shut) -> daemon(task, prefix + "last").start());
        executor.allowCoreThreadTimeOut(true);
        HttpClient http = HttpClient.newBuilder()
                .executor(executor)
                .version(version)
                .followRedirects(HttpClient.Redirect.NEVER) // the JDK would send the key to wherever it is sent
                .build();
        return new Opened(http, executor);
    }

    private static Thread daemon(Runnable task, String name) {
        Thread thread = new Thread(task, name);
        thread.setDaemon(true);
        return thread;
    }

    /** Lets go of the client; shuts it if it is our own. Idempotent. */
    @Override
    public void close() {
        if (state.getAndSet(CLOSED) instanceof Opened opened) {
            shut(opened);
        }
    }

    /**
     * From Java 21 on, an HttpClient can be closed; before, its selector thread ends when nobody refers to it any more. An interrupted
     * close doesn't wait for exchanges, but aborts them; it is given a thread of its own all the same, as it waits for the selector.
     */
    private static void shut(Opened opened) {
        ThreadPoolExecutor executor = opened.ownExecutor();
        if (executor == null) {
            return;
        }
        if ((Object) opened.http() instanceof AutoCloseable closeable) {
            daemon(
                            () -> {
                                Thread.currentThread().interrupt();
                                try {
                                    closeable.close();
                                } catch (Exception e) {
                                    // it is gone, and that is what was wanted
                                } finally {
                                    executor.shutdown();
                                }
                            },
                            "weir-http-close")
                    .start();
        } else {
            executor.shutdown();
        }
    }
}

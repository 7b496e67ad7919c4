package io.weir.examples;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;

/** A real HTTP service on loopback whose faults follow a script. Late answers are sent by a scheduler, so they hold no thread. */
final class LoopbackService implements AutoCloseable {
    static {
        // The server writes headers and body apart, and Nagle's algorithm would hold the body for a delayed ACK: 40 ms
        // that nobody scripted.
        unlessSet("sun.net.httpserver.nodelay", "true");
        // 200 by default: a slow phase at a high rate has more calls in flight, and then each would need a new
        // connection.
        unlessSet("sun.net.httpserver.maxIdleConnections", "5000");
    }

    private static void unlessSet(String property, String value) {
        if (System.getProperty(property) == null) {
            System.setProperty(property, value);
        }
    }

    private final FaultScript script;
    private final double scale;
    private final Quota quota;
    private final Quota wide;
    private final HttpServer server;
    private final ExecutorService handlers;
    private final ScheduledExecutorService late;
    private final LongAdder received = new LongAdder();
    private final LongAdder refused = new LongAdder();
    private volatile long startNanos = System.nanoTime();

    /** What to answer, and when. */
    private record Reply(int status, long delayNanos, Map<String, String> headers) {}

    /**
     * Starts the service on a free port.
     *
     * @param script its faults
     * @param quotaPerSecond how many requests a second it answers while it limits; else it tells a quota that nobody feels
     * @param scale shortens its delays, and the window of its quota, for short scripts; 1 = as they are
     */
    LoopbackService(FaultScript script, double quotaPerSecond, double scale) throws IOException {
        this.script = script;
        this.scale = scale;
        this.quota = new Quota(quotaPerSecond, Duration.ofNanos((long) (1e9 * scale)));
        this.wide = new Quota(Math.max(10_000, 4 * quotaPerSecond), Duration.ofSeconds(1));
        this.handlers = Executors.newFixedThreadPool(2, Threads.daemons("demo-service"));
        this.late = Executors.newScheduledThreadPool(1, Threads.daemons("demo-service-late"));
        this.server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 1024);
        server.setExecutor(handlers);
        server.createContext("/", this::handle);
        server.start();
    }

    URI uri() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/orders");
    }

    /** The script begins now. */
    void begin(long nowNanos) {
        startNanos = nowNanos;
    }

    /** How many requests arrived. */
    long received() {
        return received.sum();
    }

    /** How many of them were answered 429. */
    long refused() {
        return refused.sum();
    }

    private void handle(HttpExchange exchange) {
        received.increment();
        long elapsed = System.nanoTime() - startNanos;
        Reply reply = reply(script.phaseAt(elapsed), elapsed);
        late.schedule(() -> send(exchange, reply), reply.delayNanos(), TimeUnit.NANOSECONDS);
    }

    private Reply reply(Phase phase, long elapsed) {
        ThreadLocalRandom random = ThreadLocalRandom.current();
        long quick = millis(2 + 6 * random.nextDouble());
        return switch (phase) {
            case HEALTHY -> new Reply(200, quick, wide.ask(elapsed).headers());
            // At least 80 ms and an exponential tail: a few in a hundred are later than the client waits.
            case SLOW ->
                new Reply(
                        200,
                        (long) (scale * millis(80 - 180 * Math.log(1 - random.nextDouble()))),
                        wide.ask(elapsed).headers());
            case FAILING -> new Reply(random.nextInt(3) == 0 ? 500 : 503, quick, Map.of());
            case RATE_LIMITING -> {
                Quota.Answer answer = quota.ask(elapsed);
                if (answer.granted()) {
                    yield new Reply(200, quick, answer.headers());
                }
                refused.increment();
                yield new Reply(429, millis(1), answer.headers());
            }
        };
    }

    private static long millis(double value) {
        return (long) (value * 1e6);
    }

    private static void send(HttpExchange exchange, Reply reply) {
        byte[] body = ("{\"status\":" + reply.status() + "}\n").getBytes(StandardCharsets.UTF_8);
        try (exchange) {
            Headers headers = exchange.getResponseHeaders();
            headers.set("Content-Type", "application/json");
            reply.headers().forEach(headers::set);
            exchange.sendResponseHeaders(reply.status(), body.length);
            exchange.getResponseBody().write(body);
        } catch (IOException gone) {
            // The client gave up and closed its connection; that is its business, and counted there.
        }
    }

    @Override
    public void close() {
        server.stop(0);
        handlers.shutdownNow();
        late.shutdownNow();
    }
}

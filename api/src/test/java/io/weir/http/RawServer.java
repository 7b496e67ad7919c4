package io.weir.http;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;

/** A server that misbehaves on the wire: it reads a request, then does what it is told, then listens for the client to go away. */
final class RawServer implements AutoCloseable {
    @FunctionalInterface
    interface Behaviour {
        void on(Socket socket, String target) throws IOException;
    }

    private final ServerSocket server;
    private final Behaviour behaviour;
    private final Thread acceptor;
    /** With what was asked of each last. */
    private final Map<Socket, String> sockets = new ConcurrentHashMap<>();
    /** A permit for each request that was read. */
    final Semaphore requests = new Semaphore(0);
    /** A permit for each behaviour that has ended. */
    final Semaphore answered = new Semaphore(0);
    /** A permit for each connection that the client has let go of. */
    final Semaphore abandoned = new Semaphore(0);

    RawServer(Behaviour behaviour) {
        this(behaviour, 0);
    }

    /** On a port of its own, or, if that isn't 0, where another has been. */
    RawServer(Behaviour behaviour, int port) {
        this.behaviour = behaviour;
        try {
            server = new ServerSocket();
            server.setReuseAddress(true);
            server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 200);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        acceptor = daemon(this::accept);
    }

    /** How many connections are open on this side, but for those with this target. */
    long openConnections(String butFor) {
        return sockets.values().stream()
                .filter(target -> !target.equals(butFor))
                .count();
    }

    static Behaviour sends(String text) {
        return (socket, target) -> {
            socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
            socket.getOutputStream().flush();
        };
    }

    static void reset(Socket socket) throws IOException {
        socket.setSoLinger(true, 0);
        socket.close();
    }

    int port() {
        return server.getLocalPort();
    }

    String url() {
        return "http://127.0.0.1:" + server.getLocalPort();
    }

    private static Thread daemon(Runnable task) {
        Thread thread = new Thread(task, "test-raw-server");
        thread.setDaemon(true);
        thread.start();
        return thread;
    }

    private void accept() {
        while (true) {
            try {
                Socket socket = server.accept();
                sockets.put(socket, "");
                daemon(() -> serve(socket));
            } catch (IOException closed) {
                return;
            }
        }
    }

    private void serve(Socket socket) {
        try (socket) {
            BufferedReader in =
                    new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.ISO_8859_1));
            String first = in.readLine();
            while (first != null) {
                String line = in.readLine();
                while (line != null && !line.isEmpty()) {
                    line = in.readLine();
                }
                requests.release();
                try {
                    String target = first.split(" ", 3)[1];
                    sockets.replace(socket, target);
                    behaviour.on(socket, target);
                } finally {
                    answered.release();
                }
                first = in.readLine();
            }
        } catch (IOException gone) {
            // the client's doing, or ours
        } finally {
            sockets.remove(socket);
            abandoned.release();
        }
    }

    @Override
    public void close() throws IOException {
        server.close();
        try {
            acceptor.join(30_000); // who was just being let in is closed too
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        for (Socket socket : sockets.keySet()) {
            socket.close();
        }
    }
}

package io.weir.engine.permit;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.PriorityQueue;
import java.util.SplittableRandom;

/**
 * A service under a virtual clock: so many workers, one queue without bound in front of them, exponential service times (M/M/c), and clients with
 * adaptive permits, each with Poisson arrivals of which those are lost that get no permit. Discrete events, all from one seed.
 *
 * <p>The best limit, by Little's law, is the service's capacity times its latency without a queue: as many calls in flight as there are workers. Less
 * leaves workers idle, more only queues.
 */
final class SimulatedService {
    static final long SECOND = 1_000_000_000;

    /** One caller of the service, with a limit of its own. */
    final class Client {
        final AdaptivePermits permits;
        double callsASecond;
        long done;
        final List<Integer> limits = new ArrayList<>(); // one a second

        Client(LimitAlgorithm algorithm, double callsASecond) {
            this.permits = new AdaptivePermits(
                    () -> now,
                    new NoTimer(),
                    AdaptiveConfig.builder().algorithm(algorithm).build());
            this.callsASecond = callsASecond;
        }
    }

    /** Something that happens: a client's next arrival, a call's completion, or, with neither, a look at the limits. */
    private record Event(long at, long number, Client client, long permit, boolean isArrival) {}

    final List<Client> clients = new ArrayList<>();
    int workers;
    double serviceNanos;
    int maxQueue = Integer.MAX_VALUE; // above it, a call is refused at once

    private final SplittableRandom random;
    private final PriorityQueue<Event> events =
            new PriorityQueue<>((a, b) -> a.at != b.at ? Long.compare(a.at, b.at) : Long.compare(a.number, b.number));
    private final Deque<Event> queue = new ArrayDeque<>();
    private long now;
    private long number;
    private int busy;
    private long rttSum;
    private long rttCount;

    SimulatedService(long seed, int workers, double serviceNanos) {
        this.random = new SplittableRandom(seed);
        this.workers = workers;
        this.serviceNanos = serviceNanos;
        events.add(new Event(SECOND, number++, null, 0, false));
    }

    Client client(LimitAlgorithm algorithm, double callsASecond) {
        Client client = new Client(algorithm, callsASecond);
        clients.add(client);
        arriveLater(client);
        return client;
    }

    /** The calls that the service can serve in a second. */
    double capacity() {
        return workers * SECOND / serviceNanos;
    }

    /** The average time of the calls that ended since the last call of this, in nanoseconds. */
    double averageRttNanos() {
        double average = (double) rttSum / rttCount;
        rttSum = 0;
        rttCount = 0;
        return average;
    }

    void run(int seconds) {
        long end = now + seconds * SECOND;
        while (events.element().at <= end) {
            Event event = events.remove();
            now = event.at;
            if (event.client == null) {
                for (Client client : clients) {
                    client.limits.add(client.permits.limit());
                }
                events.add(new Event(now + SECOND, number++, null, 0, false));
            } else if (event.isArrival) {
                arrive(event.client);
            } else {
                complete(event);
            }
        }
        now = end;
    }

    private void arriveLater(Client client) {
        events.add(new Event(now + exponential(SECOND / client.callsASecond), number++, client, 0, true));
    }

    private void arrive(Client client) {
        long permit = client.permits.tryAcquire();
        if (permit != AdaptivePermits.REFUSED) {
            if (busy == workers && queue.size() >= maxQueue) {
                client.permits.onDropped(permit);
            } else {
                queue.add(new Event(now, 0, client, permit, false));
                serve();
            }
        }
        arriveLater(client);
    }

    private void complete(Event call) {
        busy--;
        call.client.done++;
        rttSum += now - call.permit;
        rttCount++;
        call.client.permits.onSuccess(call.permit);
        serve();
    }

    private void serve() {
        while (busy < workers && !queue.isEmpty()) {
            Event call = queue.remove();
            busy++;
            events.add(new Event(now + exponential(serviceNanos), number++, call.client, call.permit, false));
        }
    }

    private long exponential(double mean) {
        return Math.max(1, (long) (-mean * Math.log(1 - random.nextDouble())));
    }
}

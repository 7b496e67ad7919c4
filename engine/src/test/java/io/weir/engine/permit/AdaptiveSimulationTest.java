package io.weir.engine.permit;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.engine.permit.SimulatedService.Client;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

/**
 * What each algorithm does with a service of known capacity, under a virtual clock, through {@link AdaptivePermits} as they are. The service, and
 * what its best limit is: {@link SimulatedService}. The clients send half as much again as it can serve, so the limit is always used. The limits are
 * drawn in {@code adaptive-limits.svg} in the build's folder; the dashed line is the best limit.
 *
 * <p>{@code -Dweir.simulation.seed=N -Dweir.simulation.seeds=M} runs the seeds from N on, M of them; 1 and 1 unless given.
 */
class AdaptiveSimulationTest {
    private static final long SEED = Long.getLong("weir.simulation.seed", 1);
    private static final int SEEDS = Integer.getInteger("weir.simulation.seeds", 1);
    private static final double SERVICE_NANOS = 100e6;
    private static final double OVERLOAD = 1.5;
    private static final int SETTLING = 150; // seconds
    private static final int MEASURED = 100; // longer than from one probe to the next

    private static final LimitPlot PLOT = new LimitPlot();

    /** Without drops, its only signal is latency: its threshold is 1.2 times what the service takes unloaded. */
    private static final LimitAlgorithm AIMD = new AimdLimit(0.9, (long) (1.2 * SERVICE_NANOS));

    @AfterAll
    static void plot() {
        Path file = PLOT.write("adaptive-limits.svg");
        assertThat(file).isNotEmptyFile();
    }

    private static void plot(long seed, String title, List<Integer> best, List<List<Integer>> limits) {
        if (seed == SEED) {
            PLOT.panel(title, best, limits);
        }
    }

    // ---- one client, a capacity that steps down and up

    @Test
    void aimdFindsTheCapacityByLatencyAndFollowsIt() {
        followsTheCapacity("AIMD by latency", AIMD, Integer.MAX_VALUE);
    }

    @Test
    void aimdFindsTheCapacityByDropsAndFollowsIt() {
        followsTheCapacity("AIMD by drops: the service refuses when 10 are queued", new AimdLimit(), 10);
    }

    @Test
    void vegasFindsTheCapacityAndFollowsIt() {
        followsTheCapacity("Vegas", new VegasLimit(), Integer.MAX_VALUE);
    }

    @Test
    void gradientFindsTheCapacityAndFollowsIt() {
        followsTheCapacity("Gradient", new GradientLimit(), Integer.MAX_VALUE);
    }

    private static void followsTheCapacity(String name, LimitAlgorithm algorithm, int maxQueue) {
        for (long seed = SEED; seed < SEED + SEEDS; seed++) {
            followsTheCapacity(name, algorithm, maxQueue, seed);
        }
    }

    private static void followsTheCapacity(String name, LimitAlgorithm algorithm, int maxQueue, long seed) {
        SimulatedService service = new SimulatedService(seed, 100, SERVICE_NANOS);
        service.maxQueue = maxQueue;
        Client client = service.client(algorithm, 1);
        List<Integer> best = new ArrayList<>();
        for (int workers : new int[] {100, 50, 100}) {
            service.workers = workers;
            client.callsASecond = OVERLOAD * service.capacity();
            settlesAtTheBest(name, service, client, best, seed);
        }
        plot(seed, name + ": 100, 50, 100 workers", best, List.of(client.limits));
    }

    // ---- a service that becomes slower for good: its best limit stays the same

    @Test
    void vegasDoesNotTakeASlowerServiceForAQueue() {
        survivesASlowerService("Vegas", new VegasLimit());
    }

    @Test
    void gradientDoesNotTakeASlowerServiceForAQueue() {
        survivesASlowerService("Gradient", new GradientLimit());
    }

    private static void survivesASlowerService(String name, LimitAlgorithm algorithm) {
        for (long seed = SEED; seed < SEED + SEEDS; seed++) {
            survivesASlowerService(name, algorithm, seed);
        }
    }

    private static void survivesASlowerService(String name, LimitAlgorithm algorithm, long seed) {
        SimulatedService service = new SimulatedService(seed, 100, SERVICE_NANOS);
        Client client = service.client(algorithm, 1);
        List<Integer> best = new ArrayList<>();
        for (double factor : new double[] {1, 2, 1}) {
            service.serviceNanos = factor * SERVICE_NANOS;
            client.callsASecond = OVERLOAD * service.capacity();
            settlesAtTheBest(name, service, client, best, seed);
        }
        plot(seed, name + "; 100 workers, then half as fast, then as before", best, List.of(client.limits));
    }

    private static void settlesAtTheBest(
            String name, SimulatedService service, Client client, List<Integer> best, long seed) {
        service.run(SETTLING);
        long before = client.done;
        service.averageRttNanos();
        service.run(MEASURED);
        for (int i = 0; i < SETTLING + MEASURED; i++) {
            best.add(service.workers);
        }
        List<Integer> limits = client.limits.subList(client.limits.size() - MEASURED, client.limits.size());
        String as = name + ", " + service.workers + " workers, " + service.serviceNanos + " ns, seed " + seed + ": "
                + limits;
        double average = limits.stream().mapToInt(Integer::intValue).average().orElseThrow();
        assertThat(average).as(as).isBetween(0.8 * service.workers, 1.2 * service.workers);
        assertThat((client.done - before) / (MEASURED * service.capacity()))
                .as("throughput of the capacity: " + as)
                .isGreaterThan(0.9);
        assertThat(service.averageRttNanos() / service.serviceNanos)
                .as("latency of the unloaded one: " + as)
                .isLessThan(1.3);
    }

    // ---- two clients, the second of which comes later
    // AIMD by drops only: by latency, the smaller of two clients sees fewer calls a window, whose average scatters
    // more, and backs off by chance more
    // often.

    @Test
    void twoClientsWithAimdShareFairly() {
        shareFairly("AIMD by drops", new AimdLimit(), 10);
    }

    @Test
    void twoClientsWithVegasShareFairly() {
        shareFairly("Vegas", new VegasLimit(), Integer.MAX_VALUE);
    }

    @Test
    void twoClientsWithGradientShareFairly() {
        shareFairly("Gradient", new GradientLimit(), Integer.MAX_VALUE);
    }

    private static void shareFairly(String name, LimitAlgorithm algorithm, int maxQueue) {
        for (long seed = SEED; seed < SEED + SEEDS; seed++) {
            shareFairly(name, algorithm, maxQueue, seed);
        }
    }

    private static void shareFairly(String name, LimitAlgorithm algorithm, int maxQueue, long seed) {
        SimulatedService service = new SimulatedService(seed, 100, SERVICE_NANOS);
        service.maxQueue = maxQueue;
        Client first = service.client(algorithm, OVERLOAD * service.capacity());
        service.run(150);
        Client second = service.client(algorithm, OVERLOAD * service.capacity());
        for (int i = 0; i < 150; i++) {
            second.limits.add(0);
        }
        service.run(250);
        long before1 = first.done;
        long before2 = second.done;
        service.run(100);
        double x = first.done - before1;
        double y = second.done - before2;
        List<Integer> best = new ArrayList<>();
        for (int i = 0; i < 500; i++) {
            best.add(i < 150 ? 100 : 50);
        }
        plot(seed, "Two clients, " + name + ": 100 workers", best, List.of(first.limits, second.limits));
        assertThat((x + y) * (x + y) / (2 * (x * x + y * y))) // Jain's index: 1 is fair, 0.5 is all for one
                .as("%s: %s and %s calls, seed %d, limits %s %s", name, x, y, seed, first.limits, second.limits)
                .isGreaterThan(0.9);
        assertThat((x + y) / (100 * service.capacity())).isGreaterThan(0.9);
    }

    // ---- why the gradient measures

    @Test
    void withoutMeasurementsTheGradientTakesItsOwnQueueForUsualAndGrowsOn() {
        SimulatedService service = new SimulatedService(SEED, 50, SERVICE_NANOS);
        Client client = service.client(new GradientLimit(1.5, 4, 0.2, 600, 0), OVERLOAD * service.capacity());
        service.run(500);
        assertThat(client.permits.limit()).isGreaterThan(100); // twice the best, and growing
        plot(SEED, "The gradient as published: 50 workers", bestOf(50, 500), List.of(client.limits));
    }

    private static List<Integer> bestOf(int workers, int seconds) {
        List<Integer> best = new ArrayList<>();
        for (int i = 0; i < seconds; i++) {
            best.add(workers);
        }
        return best;
    }
}

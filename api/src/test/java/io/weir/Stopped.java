package io.weir;

import io.weir.ratelimit.TokenBucketRateLimiter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;

/** A process under load that is to be stopped meanwhile; says whether its limiter kept its bound, and its timers came back. {@link StoppedProcessTest} stops it. */
public final class Stopped {
    private static final double RATE = 500;
    private static final double MAX = 50;

    private record Grant(long before, long after) {}

    private Stopped() {}

    /**
     * Runs for some seconds.
     *
     * @param args how many
     */
    public static void main(String[] args) throws Exception {
        long end = System.nanoTime() + Long.parseLong(args[0]) * 1_000_000_000L;
        WeirRuntime runtime = WeirRuntime.builder().build();
        TokenBucketRateLimiter limiter = TokenBucketRateLimiter.builder("l")
                .rate(RATE)
                .maxTokens(MAX)
                .runtime(runtime)
                .build();
        ConcurrentLinkedQueue<Grant> grants = new ConcurrentLinkedQueue<>();
        Runnable load = () -> {
            while (System.nanoTime() - end < 0) {
                long before = System.nanoTime();
                try {
                    limiter.acquireBlocking(1);
                } catch (InterruptedException e) {
                    return;
                }
                grants.add(new Grant(before, System.nanoTime()));
            }
        };
        Thread one = new Thread(load);
        Thread two = new Thread(load);
        one.start();
        two.start();
        System.out.println("runs");
        one.join();
        two.join();
        System.out.println(verdict(new ArrayList<>(grants)));
    }

    /** Whatever was paid between two readings that were taken around it counts for the window between those. */
    private static String verdict(List<Grant> grants) {
        grants.sort(Comparator.comparingLong(Grant::after));
        for (int i = 0; i < grants.size(); i++) {
            long from = grants.get(i).before;
            int count = 0;
            for (Grant each : grants) {
                if (each.before - from >= 0) {
                    count++;
                    double bound = MAX + RATE * (each.after - from) * 1e-9;
                    if (count > bound + 1e-3) {
                        return "burst: " + count + " of " + bound;
                    }
                }
            }
        }
        return "kept, " + grants.size();
    }
}

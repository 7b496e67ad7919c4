package io.weir.examples;

import io.weir.WeirRuntime;
import io.weir.event.Subscription;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BiFunction;
import org.HdrHistogram.Recorder;
import org.jspecify.annotations.Nullable;

/** One run: service, client, load and view, from the first call until the last has ended. */
final class DemoRun {
    private static final long TICK_NANOS = 100_000_000;
    private static final Duration LAST_WAIT = Duration.ofSeconds(2);

    private final DemoOptions options;
    private final Tuning tuning;
    private final BiFunction<String, Tuning, View> views;
    private final CountDownLatch stop = new CountDownLatch(1);

    /**
     * A run.
     *
     * @param options what to call, how often, for how long
     * @param views makes the view, of what is called and how the guards are set
     */
    DemoRun(DemoOptions options, BiFunction<String, Tuning, View> views) {
        this.options = options;
        this.tuning = Tuning.of(options);
        this.views = views;
    }

    /** Ends the load early; the run then ends soon. From any thread. */
    void stop() {
        stop.countDown();
    }

    Result run() throws IOException, InterruptedException {
        warmUp();
        URI url = options.url();
        if (url != null) {
            return run(url, null, null);
        }
        FaultScript script = FaultScript.standard(options.duration());
        try (LoopbackService service = new LoopbackService(script, options.rate() / 2, tuning.scale())) {
            return run(service.uri(), script, service);
        }
    }

    /** Has the JVM load and compile what the run needs, by calls to a service of its own; else the first second would measure that. */
    private void warmUp() throws IOException {
        FaultScript healthy = new FaultScript(Duration.ofHours(1), List.of(Phase.HEALTHY));
        Tally tally = new Tally(ServiceClient::reason, nanos -> {});
        try (LoopbackService service = new LoopbackService(healthy, 1, 1);
                WeirRuntime runtime = WeirRuntime.builder().build();
                ServiceClient client = new ServiceClient(service.uri(), tuning, runtime)) {
            for (int i = 0; i < 20 && stop.getCount() > 0; i++) {
                tally.start(System.nanoTime(), client::call);
                tally.start(System.nanoTime(), client::call);
                tally.awaitEnds(LAST_WAIT);
            }
            tally.cancelRunning();
        }
    }

    private Result run(URI uri, @Nullable FaultScript script, @Nullable LoopbackService service)
            throws InterruptedException {
        Recorder recorder = new Recorder(3);
        Tally tally = new Tally(ServiceClient::reason, nanos -> Sampler.record(recorder, nanos));
        List<Result.Change> changes = new CopyOnWriteArrayList<>();
        try (WeirRuntime runtime = WeirRuntime.builder().build();
                ServiceClient client = new ServiceClient(uri, tuning, runtime)) {
            Sampler sampler = new Sampler(options.duration(), tuning, tally, client, recorder);
            OpenLoopLoad load = new OpenLoopLoad(
                    options.rate(), options.duration(), intended -> tally.start(intended, client::call));
            View view = views.apply(uri.toString(), tuning);
            long start = System.nanoTime();
            Instant startTime = Instant.now();
            if (service != null) {
                service.begin(start);
            }
            Subscription subscription = client.breaker()
                    .onTransition(change -> changes.add(new Result.Change(
                            Duration.between(startTime, change.at()).toNanos(), change.from(), change.to())));
            Thread loader = Threads.daemons("demo-load").newThread(load.startingAt(start));
            loader.start();
            try {
                watch(sampler, tally, view, script, start, loader);
            } finally {
                load.stop();
                loader.join();
                view.close();
            }
            boolean interrupted = load.arrivals() < load.total();
            boolean ended = tally.settled();
            if (!ended) {
                tally.cancelRunning();
                ended = tally.awaitEnds(LAST_WAIT);
            }
            Snapshot last = sampler.sample(start, "", true);
            // Transitions are told on another thread; nothing else here waits for it.
            long deadline = System.nanoTime() + LAST_WAIT.toNanos();
            while (changes.size() < client.breaker().metrics().transitions() && System.nanoTime() - deadline < 0) {
                Thread.sleep(1);
            }
            subscription.close();
            return new Result(
                    uri.toString(),
                    options,
                    tuning,
                    script == null ? List.of() : script.spans(),
                    Duration.ofNanos(last.elapsedNanos()),
                    interrupted,
                    last.counts(),
                    last.sent(),
                    last.retries(),
                    tally.reasons(),
                    List.copyOf(changes),
                    sampler.bins(),
                    sampler.latencies(),
                    checks(load, tally, sampler, last, service));
        }
    }

    /** Samples and shows, until the time is over and the last call has ended, or it has taken too long, or somebody stops it. */
    private void watch(Sampler sampler, Tally tally, View view, @Nullable FaultScript script, long start, Thread loader)
            throws InterruptedException {
        long shown = 0;
        long tick = start;
        // A call ends by its deadline; the rest is patience with the machine.
        long patience = options.duration().plus(tuning.deadline()).toNanos() + TimeUnit.SECONDS.toNanos(1);
        while (true) {
            tick += TICK_NANOS;
            if (stop.await(tick - System.nanoTime(), TimeUnit.NANOSECONDS)) {
                return;
            }
            long elapsed = System.nanoTime() - start;
            String phase = script == null ? "" : script.phaseAt(elapsed).label();
            Snapshot now = sampler.sample(start, phase, false);
            boolean over = elapsed >= options.duration().toNanos() && !loader.isAlive();
            boolean through = over && tally.settled() || elapsed > patience;
            if (through || elapsed - shown >= view.interval().toNanos() - TICK_NANOS / 2) {
                view.show(now);
                shown = elapsed;
            }
            if (through) {
                return;
            }
        }
    }

    private List<Result.Check> checks(
            OpenLoopLoad load, Tally tally, Sampler sampler, Snapshot last, @Nullable LoopbackService service) {
        List<Result.Check> checks = new ArrayList<>();
        checks.add(new Result.Check(
                "every call ended exactly once",
                tally.settled() && last.counts().balanced() && last.counts().started() == load.arrivals(),
                last.counts().equation()));
        checks.add(new Result.Check(
                "the limiter kept its bound, maxTokens + rate \u00b7 t",
                sampler.bounded(),
                String.format(
                        Locale.ROOT,
                        "%s requests in %s, at most %s allowed; looked at %s times, at most %.1f %% used",
                        Text.count(last.sent()),
                        Text.seconds(last.elapsedNanos()),
                        Text.count((long) tuning.bound(last.elapsedNanos())),
                        Text.count(sampler.boundChecks()),
                        100 * sampler.tightest())));
        if (service != null) {
            long received = service.received();
            checks.add(new Result.Check(
                    "the service received no request that the limiter didn't let through",
                    received <= last.sent() && received <= tuning.bound(last.elapsedNanos()),
                    Text.count(received) + " received, " + Text.count(last.sent()) + " let through; "
                            + Text.count(service.refused()) + " answered 429"));
        }
        return checks;
    }
}

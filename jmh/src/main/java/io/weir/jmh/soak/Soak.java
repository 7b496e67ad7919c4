package io.weir.jmh.soak;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.weir.jmh.report.Facts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.locks.LockSupport;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.HdrHistogram.Histogram;

/** The soak: starts the load, looks at it now and then, and judges. */
public final class Soak {
    private static final int GENERATORS = 2;
    private static final int CHECKPOINTS = 12;

    /** Of every so many checkpoints' time, one during which the service is down. */
    private static final int DOWN_EVERY = 4;

    private static final long DRAIN_NANOS = Duration.ofSeconds(20).toNanos();
    private static final double SECOND = 1e9;

    private static final Logger TRANSITIONS = Logger.getLogger("io.weir");

    private final Load load = new Load();
    private final Memory memory = new Memory();
    private final List<Outcome.Checkpoint> heap = new ArrayList<>();
    private final List<Generator> generators = new ArrayList<>();
    private final List<String> beyond = new ArrayList<>();

    private Soak() {}

    /**
     * Soaks, prints what it found, and exits with 1 if something that must hold doesn't.
     *
     * @param args how long: "5m", "30s"; and the folder for {@code soak.json} and {@code soak.html}
     */
    public static void main(String[] args) throws IOException, InterruptedException {
        if (args.length != 2) {
            throw new IllegalArgumentException(
                    "arguments are " + List.of(args) + "; they must be a duration and a folder");
        }
        Duration duration = duration(args[0]);
        TRANSITIONS.setLevel(Level.WARNING); // there are thousands
        Outcome outcome = run(duration);
        Path folder = Path.of(args[1]);
        Files.createDirectories(folder);
        new ObjectMapper()
                .writerWithDefaultPrettyPrinter()
                .writeValue(folder.resolve("soak.json").toFile(), outcome.json());
        Files.writeString(folder.resolve("soak.html"), SoakPage.html(outcome, Facts.here()));
        System.out.print(outcome.table());
        if (!outcome.holds()) {
            System.exit(1);
        }
    }

    /** "90", "90s", "5m" or "1h". */
    static Duration duration(String text) {
        if (!text.matches("[0-9]{1,6}[smh]?")) {
            throw new IllegalArgumentException(
                    "duration is '" + text + "'; it must be a number of seconds, or end in s, m or h");
        }
        long number = Long.parseLong(text.replaceAll("[smh]", ""));
        long unit = text.endsWith("h") ? 3_600 : text.endsWith("m") ? 60 : 1;
        if (number == 0) {
            throw new IllegalArgumentException("duration is '" + text + "'; it must be at least a second");
        }
        return Duration.ofSeconds(number * unit);
    }

    static Outcome run(Duration duration) throws InterruptedException {
        Soak soak = new Soak();
        try {
            return soak.soak(duration.toNanos());
        } finally {
            soak.load.close();
            soak.memory.close();
        }
    }

    private Outcome soak(long nanos) throws InterruptedException {
        long began = System.nanoTime();
        long end = began + nanos;
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < GENERATORS; i++) {
            Load.Random random = new Load.Random(0x9E3779B97F4A7C15L * (i + 1));
            threads.add(start("soak-" + i, end, scheduled -> load.tick(scheduled, random)));
        }
        threads.add(start("soak-line", end, scheduled -> load.line()));

        long allocatedBefore = memory.allocatedBytes();
        for (int i = 1; i <= CHECKPOINTS; i++) {
            load.setDown(i % DOWN_EVERY == 2);
            sleepUntil(began + nanos / CHECKPOINTS * i - nanos / CHECKPOINTS / 4);
            load.setDown(false);
            sleepUntil(began + nanos / CHECKPOINTS * i);
            heap.add(new Outcome.Checkpoint(
                    (System.nanoTime() - began) / SECOND,
                    memory.liveBytes(),
                    memory.allocatedBytes() - allocatedBefore));
            checkBounds();
        }
        double seconds = (System.nanoTime() - began) / SECOND;
        for (Thread thread : threads) {
            thread.join();
        }
        drain();
        checkBounds();
        return judge(seconds);
    }

    private Thread start(String name, long end, Generator.Tick tick) {
        Generator generator = new Generator(tick, end);
        generators.add(generator);
        Thread thread = new Thread(generator, name);
        thread.setDaemon(true);
        thread.start();
        return thread;
    }

    private static void sleepUntil(long instant) {
        for (long left = instant - System.nanoTime(); left > 0; left = instant - System.nanoTime()) {
            LockSupport.parkNanos(left);
        }
    }

    /** Answers until every call has its end. */
    private void drain() {
        long giveUp = System.nanoTime() + DRAIN_NANOS;
        while (!load.isQuiet() && System.nanoTime() - giveUp < 0) {
            load.piped.answer();
            load.executed.answer();
            LockSupport.parkNanos(Generator.TICK_NANOS);
        }
    }

    private void checkBounds() {
        for (Metered metered : load.limiters()) {
            note(metered.name, metered.usage());
        }
        note("a key", load.keyed.usage());
    }

    private void note(String name, Metered.Usage usage) {
        if (!usage.holds()) {
            beyond.add(String.format(Locale.ROOT, "%s: %,d of %,.1f", name, usage.admitted(), usage.bound()));
        }
    }

    private Outcome judge(double seconds) {
        List<Outcome.Check> checks = new ArrayList<>();
        for (Metered metered : load.limiters()) {
            checks.add(bound(
                    metered.name, metered.usage(), "asked " + String.format(Locale.ROOT, "%,d", metered.asked())));
        }
        checks.add(bound("the key that got most", load.keyed.usage(), "20,000 keys, 15,000 places"));
        checks.add(new Outcome.Check(
                "no bound was broken on the way",
                beyond.isEmpty(),
                beyond.isEmpty() ? "never" : String.join("; ", beyond)));
        checks.add(most("calls at once in the bulkhead", load.piped.mostActive(), Load.PLACES));
        checks.add(most("calls at once in the executor", load.executed.mostActive(), Load.RUNNING));
        checks.add(
                most("attempts of the pipeline", load.piped.calls(), load.pipelineStarted.sum() * (1L + Load.RETRIES)));
        checks.add(same("pipeline calls that ended", load.pipelineEnded.sum(), load.pipelineStarted.sum()));
        checks.add(same("executor calls that ended", load.executorEnded.sum(), load.executorStarted.sum()));
        List<Long> live = heap.stream().map(Outcome.Checkpoint::liveBytes).toList();
        long growth = Flat.growth(live);
        checks.add(new Outcome.Check(
                "memory is flat",
                growth <= Flat.allowed(live),
                String.format(Locale.ROOT, "%+,d bytes, allowed are %,d", growth, Flat.allowed(live))));
        return new Outcome(seconds, checks, heap, figures(seconds), times());
    }

    private List<Outcome.Figure> figures(double seconds) {
        long ticks = generators.stream().mapToLong(Generator::ticks).sum();
        long skipped = generators.stream().mapToLong(Generator::skipped).sum();
        Histogram pauses = memory.pauses();
        Outcome.Checkpoint last = heap.get(heap.size() - 1);
        return List.of(
                new Outcome.Figure(
                        "allocation, most of it futures and the harness",
                        last.allocatedBytes() / seconds / (1 << 20),
                        "MB/s"),
                new Outcome.Figure("collections", pauses.getTotalCount(), ""),
                new Outcome.Figure("their pauses, all together", pauses.getMean() * pauses.getTotalCount(), "ms"),
                new Outcome.Figure("their longest pause", pauses.getMaxValue(), "ms"),
                new Outcome.Figure(
                        "collections asked for by the soak", memory.ownPauses().getTotalCount(), ""),
                new Outcome.Figure("their longest pause", memory.ownPauses().getMaxValue(), "ms"),
                new Outcome.Figure(
                        "transitions of the breaker", load.breaker.metrics().transitions(), ""),
                new Outcome.Figure("pipeline calls", load.pipelineStarted.sum() / seconds, "a second"),
                new Outcome.Figure("executor calls", load.executorStarted.sum() / seconds, "a second"),
                new Outcome.Figure("executor calls held back, as its queue was long", load.heldBack.get(), ""),
                new Outcome.Figure("bursts made", ticks, ""),
                new Outcome.Figure("bursts left out, as a generator was stopped", skipped, ""));
    }

    private List<Outcome.Times> times() {
        Histogram behind = generators.get(0).behind().copy();
        generators.subList(1, generators.size()).forEach(generator -> behind.add(generator.behind()));
        return List.of(
                new Outcome.Times("callers in line, later than they were told", "µs", load.late),
                new Outcome.Times("pipeline calls, from when they were scheduled", "µs", load.latency),
                new Outcome.Times("generators, later than their schedule", "µs", behind));
    }

    private static Outcome.Check bound(String name, Metered.Usage usage, String asked) {
        return new Outcome.Check(
                name + ": admitted, of its bound",
                usage.holds(),
                String.format(
                        Locale.ROOT,
                        "%,d of %,.0f, %.1f %%; %s",
                        usage.admitted(),
                        usage.bound(),
                        100 * usage.share(),
                        asked));
    }

    private static Outcome.Check most(String what, long found, long allowed) {
        return new Outcome.Check(
                what, found <= allowed, String.format(Locale.ROOT, "%,d, allowed are %,d", found, allowed));
    }

    private static Outcome.Check same(String what, long found, long expected) {
        return new Outcome.Check(what, found == expected, String.format(Locale.ROOT, "%,d of %,d", found, expected));
    }
}

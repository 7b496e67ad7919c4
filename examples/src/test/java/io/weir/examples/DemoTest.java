package io.weir.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.breaker.CircuitBreaker;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import java.util.logging.Level;
import java.util.logging.Logger;
import javax.xml.parsers.DocumentBuilderFactory;
import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Document;

/** The demo from end to end, against its real service in real time. */
class DemoTest {
    /** Held, or its level could be collected with it. */
    private static final Logger QUIET = Logger.getLogger("io.weir");

    @TempDir
    Path folder;

    @BeforeAll
    static void keepTransitionsOutOfTheLog() {
        QUIET.setLevel(Level.WARNING);
    }

    /** Keeps what it is shown. */
    private static final class Frames implements View {
        private final List<Snapshot> shown = new ArrayList<>();
        private boolean closed;

        @Override
        public Duration interval() {
            return Duration.ofMillis(200);
        }

        @Override
        public void show(Snapshot now) {
            shown.add(now);
        }

        @Override
        public void close() {
            closed = true;
        }
    }

    private static DemoOptions options(String... args) throws DemoOptions.BadArgument {
        return DemoOptions.parse(List.of(args), Path.of(""));
    }

    @Test
    void aShortRunGoesThroughAllPhasesAndItsNumbersAddUp() throws Exception {
        Frames frames = new Frames();

        Result result = new DemoRun(options("--duration", "3s"), (target, tuning) -> frames).run();

        assertThat(result.checks()).hasSize(3).allMatch(Result.Check::holds, "holds");
        Tally.Counts counts = result.counts();
        assertThat(counts.started()).isEqualTo(600);
        assertThat(counts.succeeded() + counts.failed() + counts.rejected() + counts.cancelled())
                .isEqualTo(600);
        assertThat(counts.succeeded()).isPositive();
        assertThat(counts.failed()).isPositive();
        assertThat(counts.rejected()).isPositive();
        assertThat(result.interrupted()).isFalse();
        assertThat(result.retries()).isPositive();

        assertThat(result.opened()).isPositive();
        CircuitBreaker.State state = CircuitBreaker.State.CLOSED;
        for (Result.Change change : result.changes()) {
            assertThat(change.from()).as("the transitions are told in order").isEqualTo(state);
            state = change.to();
        }

        assertThat(result.bins().stream()
                        .mapToLong(bin -> bin.counts().started())
                        .sum())
                .as("the slices are the whole")
                .isEqualTo(600);
        assertThat(result.bins().stream().mapToLong(Bin::sent).sum()).isEqualTo(result.sent());
        assertThat(result.latencies().getTotalCount()).isEqualTo(counts.succeeded() + counts.failed());

        assertThat(frames.closed).isTrue();
        assertThat(frames.shown.stream().map(Snapshot::phase).distinct())
                .containsExactly("healthy", "slow", "failing", "rate-limiting");
        Terminal terminal = new Terminal(true, false, false, System.out);
        LiveView live = new LiveView(
                terminal, result.target(), result.tuning(), result.options().duration());
        assertThat(frames.shown)
                .allSatisfy(shown -> assertThat(live.frame(shown))
                        .hasSize(LiveView.LINES)
                        .allMatch(line -> line.length() <= LiveView.COLUMNS));

        assertReport(Report.html(result));
    }

    @Test
    void theProgramPrintsASummaryAndThePathOfItsReport() throws Exception {
        Path report = folder.resolve("deep/report.html");

        String printed = run(0, "--duration", "1s", "--rate", "50", "--report", report.toString());

        assertThat(printed)
                .contains("50 started = ")
                .contains("ok        every call ended exactly once")
                .doesNotContain("WRONG")
                .endsWith("report    " + report + System.lineSeparator());
        assertReport(Files.readString(report));
    }

    @Test
    void anotherServiceIsCalledWithoutAScript() throws Exception {
        FaultScript healthy = new FaultScript(Duration.ofHours(1), List.of(Phase.HEALTHY));
        try (LoopbackService service = new LoopbackService(healthy, 1, 1)) {
            Path report = folder.resolve("report.html");

            String printed = run(
                    0, "--url", service.uri().toString(), "--rate=50", "--duration=1s", "--report", report.toString());

            assertThat(printed).contains("50 started = 50 succeeded + 0 failed");
            assertThat(service.received()).isEqualTo(50);
            assertReport(Files.readString(report));
        }
    }

    @Test
    void aServiceThatIsNotThereOpensTheBreakerAndTheNumbersStillAddUp() throws Exception {
        String gone;
        try (LoopbackService service = new LoopbackService(FaultScript.standard(Duration.ofHours(1)), 1, 1)) {
            gone = service.uri().toString();
        }

        Result result = new DemoRun(options("--url", gone, "--duration", "1s"), (target, tuning) -> new Frames()).run();

        assertThat(result.sound()).isTrue();
        assertThat(result.counts().succeeded()).isZero();
        assertThat(result.opened()).isEqualTo(1);
        assertThat(result.reasons()).containsKeys("connection", "breaker open");
    }

    @Test
    void aRunThatIsStoppedCancelsWhatRunsAndItsNumbersAddUp() throws Exception {
        AtomicReference<DemoRun> run = new AtomicReference<>();
        run.set(new DemoRun(options("--duration", "20s"), (target, tuning) -> new View() {
            @Override
            public Duration interval() {
                return Duration.ofMillis(100);
            }

            @Override
            public void show(Snapshot now) {
                // While it is slow there are calls in flight.
                if (now.phase().equals("slow") && now.counts().running() > 5) {
                    run.get().stop();
                }
            }

            @Override
            public void close() {}
        }));

        Result result = run.get().run();

        assertThat(result.interrupted()).isTrue();
        assertThat(result.sound()).isTrue();
        assertThat(result.counts().cancelled()).isPositive();
        assertThat(result.elapsed()).isLessThan(Duration.ofSeconds(8));
        assertReport(Report.html(result));
    }

    @Test
    void aReportOfNothingIsWellFormedAndWhatIsNamedInItIsEscaped() throws Exception {
        DemoOptions options = options("--url", "http://localhost/?a=1&b=%3Cscript%3E", "--duration", "1s");
        Result nothing = new Result(
                "http://localhost/?a=1&b=<script>\"",
                options,
                Tuning.of(options),
                List.of(),
                Duration.ZERO,
                true,
                Tally.Counts.ZERO,
                0,
                0,
                Map.of("<img alt=x>", 1L),
                List.of(),
                List.of(),
                new Histogram(3),
                List.of(new Result.Check("it adds up", false, "1 \u2260 2")));

        String html = Report.html(nothing);

        assertReport(html);
        assertThat(html).contains("class=\"wrong\"").doesNotContain("<img");
    }

    private static String run(int code, String... args) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8)) {
            assertThat(Demo.run(List.of(args), new Terminal(false, false, false, out), out))
                    .as(bytes.toString(StandardCharsets.UTF_8))
                    .isEqualTo(code);
        }
        return bytes.toString(StandardCharsets.UTF_8);
    }

    /** Well-formed, and in need of nothing but itself. */
    private static void assertReport(String html) throws Exception {
        Document page = DocumentBuilderFactory.newInstance()
                .newDocumentBuilder()
                .parse(new ByteArrayInputStream(html.getBytes(StandardCharsets.UTF_8)));
        assertThat(page.getElementsByTagName("svg").getLength()).isGreaterThanOrEqualTo(3);
        for (String element : List.of("script", "link", "img", "iframe", "image", "use", "object", "embed", "base")) {
            assertThat(page.getElementsByTagName(element).getLength())
                    .as(element)
                    .isZero();
        }
        assertThat(html).doesNotContain("href=", "src=", "url(", "@import", "NaN", "Infinity", "null");
    }
}

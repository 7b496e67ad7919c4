package io.weir.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class QuickStartTest {
    private static final Path ROOT = root();

    private static Path root() {
        Path folder = Path.of("").toAbsolutePath();
        while (!Files.exists(folder.resolve("bin/demo"))) {
            folder = folder.getParent();
        }
        return folder;
    }

    /** What is between the marks, without the method's indent. */
    private static List<String> sample() throws Exception {
        List<String> source =
                Files.readAllLines(ROOT.resolve("examples/src/main/java/io/weir/examples/QuickStart.java"));
        int from = source.indexOf("        // tag::quickstart");
        int to = source.indexOf("        // end::quickstart");
        assertThat(from).isNotNegative().isLessThan(to);
        return source.subList(from + 1, to).stream()
                .map(line -> line.isEmpty() ? line : line.substring(8))
                .toList();
    }

    @Test
    void theSampleHasAtMostFifteenLines() throws Exception {
        assertThat(sample()).hasSizeBetween(1, 15);
    }

    @Test
    void theReadmeShowsTheSampleAsItIsCompiled() throws Exception {
        Path readme = ROOT.resolve("README.md");
        assumeThat(readme).exists();

        assertThat(Files.readString(readme).replace("\r\n", "\n"))
                .contains("```java\n" + String.join("\n", sample()) + "\n```\n");
    }

    @Test
    void theSampleRuns() throws Exception {
        FaultScript healthy = new FaultScript(Duration.ofHours(1), List.of(Phase.HEALTHY));
        PrintStream before = System.out;
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (LoopbackService service = new LoopbackService(healthy, 1, 1);
                PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8)) {
            System.setOut(out);
            QuickStart.main(new String[] {service.uri().toString()});
        } finally {
            System.setOut(before);
        }

        assertThat(bytes.toString(StandardCharsets.UTF_8).lines())
                .containsExactly("config {\"limit\": 50}", "HTTP 200");
    }
}

package io.weir.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DemoOptionsTest {
    private static DemoOptions parse(String... args) throws DemoOptions.BadArgument {
        return DemoOptions.parse(List.of(args), Path.of("/home/weir"));
    }

    @Test
    void theDefaultsAreTwentySecondsAtTwoHundredASecondAgainstTheDemosOwnService() throws Exception {
        DemoOptions options = parse();

        assertThat(options)
                .isEqualTo(new DemoOptions(
                        null,
                        200,
                        250,
                        Duration.ofSeconds(20),
                        Path.of("/home/weir/target/demo-report.html"),
                        false,
                        false));
    }

    @Test
    void valuesFollowTheirNameOrAnEqualsSign(@TempDir Path folder) throws Exception {
        Path report = folder.resolve("new/folder/r.html");

        DemoOptions options = parse(
                "--url",
                "http://localhost:8080/x?a=b",
                "--rate=12.5",
                "--limit",
                "3",
                "--duration=1.5m",
                "--report",
                report.toString(),
                "--plain");

        assertThat(options)
                .isEqualTo(new DemoOptions(
                        URI.create("http://localhost:8080/x?a=b"),
                        12.5,
                        3,
                        Duration.ofSeconds(90),
                        report,
                        true,
                        false));
    }

    @ParameterizedTest
    @CsvSource({"1s,PT1S", "1500ms,PT1.5S", "2m,PT2M", "24h,PT24H", "PT20S,PT20S", "0.5M,PT30S"})
    void durationsAreReadAsPeopleWriteThem(String text, Duration duration) throws Exception {
        assertThat(parse("--duration", text).duration()).isEqualTo(duration);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--rate=0 | --rate = '0': allowed is a number from 0.1 to 50,000",
                "--rate=NaN | --rate = 'NaN': allowed is a number from 0.1 to 50,000",
                "--rate=1e9 | --rate = '1e9': allowed is a number from 0.1 to 50,000",
                "--limit=-1 | --limit = '-1': allowed is a number from 0.1 to 1,000,000",
                "--duration=20 | --duration = '20': allowed is 1s to 24h, such as 20s, 1500ms, 2m or PT20S",
                "--duration=999ms | --duration = '999ms': allowed is 1s to 24h, such as 20s, 1500ms, 2m or PT20S",
                "--duration=25h | --duration = '25h': allowed is 1s to 24h, such as 20s, 1500ms, 2m or PT20S",
                "--url=ftp://x | --url = 'ftp://x': allowed is http://HOST[:PORT][/PATH], or https",
                "--url=localhost:80 | --url = 'localhost:80': allowed is http://HOST[:PORT][/PATH], or https",
                "--url=http://u:p@x/ | --url = 'http://u:p@x/': allowed is http://HOST[:PORT][/PATH], or https",
                "--url=http://x/#a | --url = 'http://x/#a': allowed is http://HOST[:PORT][/PATH], or https",
                "--url=http://x/../a | --url = 'http://x/../a': allowed is http://HOST[:PORT][/PATH], or https",
                "--report=/ | --report = '/': allowed is a file in a folder that can be written to",
                "--rate | --rate has no value: allowed is --rate VALUE, see --help",
                "--plain=yes | --plain = 'yes': allowed is no value",
            })
    void aBadArgumentIsNamedWithItsValueAndWhatIsAllowed(String argument, String message) {
        assertThatThrownBy(() -> parse(argument))
                .isInstanceOf(DemoOptions.BadArgument.class)
                .hasMessage(message);
    }

    @ParameterizedTest
    @ValueSource(strings = {"--rat", "20s", "", "-x"})
    void anUnknownArgumentIsRefusedWithThoseThereAre(String argument) {
        assertThatThrownBy(() -> parse(argument))
                .isInstanceOf(DemoOptions.BadArgument.class)
                .hasMessageStartingWith("'" + argument + "' is no argument of the demo: allowed are --url");
    }

    @Test
    void anArgumentGivenTwiceIsRefused() {
        assertThatThrownBy(() -> parse("--rate", "1", "--rate", "2"))
                .isInstanceOf(DemoOptions.BadArgument.class)
                .hasMessage("--rate = '2': allowed once, it was given before");
    }

    @Test
    void aBadArgumentEndsTheProgramWithTwoAndHelpWithZero(@TempDir Path folder) throws Exception {
        assertThat(run("--rate", "x")).isEqualTo("2 bin/demo: --rate = 'x': allowed is a number from 0.1 to 50,000\n");
        Path file = Files.createFile(folder.resolve("file"));
        assertThat(run("--report", file.resolve("r.html").toString())).startsWith("2 bin/demo: --report = '");
        assertThat(run("--help")).isEqualTo("0 " + DemoOptions.HELP);
    }

    @Test
    void anEnvironmentOfADumbOrSmallTerminalIsNeverDrawnOn() {
        assertThat(Terminal.detect(Map.of("TERM", "dumb")).live()).isFalse();
        assertThat(Terminal.detect(Map.of("TERM", "xterm", "LINES", "10")).live())
                .isFalse();
        assertThat(Terminal.detect(Map.of("TERM", "xterm", "NO_COLOR", "1")).colour())
                .isFalse();
    }

    private static String run(String... args) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8);
        int code = Demo.run(List.of(args), new Terminal(false, false, false, out), out);
        return code + " " + bytes.toString(StandardCharsets.UTF_8).replace("\r\n", "\n");
    }
}

package io.weir.jmh.soak;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.StringReader;
import java.time.Duration;
import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.xml.sax.InputSource;

class SoakTest {

    @Test
    void twoSecondsHoldAndLeaveAReport() throws Exception {
        Outcome outcome = Soak.run(Duration.ofSeconds(2));
        assertThat(outcome.checks()).filteredOn(check -> !check.holds()).isEmpty();
        assertThat(outcome.holds()).isTrue();
        assertThat(outcome.heap()).hasSize(12);
        assertThat(outcome.times())
                .extracting(times -> times.histogram().getTotalCount())
                .allMatch(count -> count > 0);

        assertThat(outcome.json().path("holds").asBoolean()).isTrue();
        String html = SoakPage.html(outcome, List.of("a <machine>"));
        DocumentBuilderFactory.newInstance()
                .newDocumentBuilder()
                .parse(new InputSource(new StringReader(html.replace("<!DOCTYPE html>\n", ""))));
        assertThat(html).contains("a &lt;machine&gt;", "All of it holds", "callers in line, later than they were told");
        assertThat(outcome.table()).contains("✓ exact limiter: admitted, of its bound", "All of it holds.");
    }

    @Test
    void oneThingThatDoesNotHoldIsEnough() {
        Outcome outcome = new Outcome(
                1,
                List.of(new Outcome.Check("one", true, "1"), new Outcome.Check("two", false, "3, allowed are 2")),
                List.of(),
                List.of(),
                List.of());
        assertThat(outcome.holds()).isFalse();
        assertThat(outcome.table()).contains("✗ two: 3, allowed are 2", "It doesn't hold.");
        assertThat(outcome.json().path("holds").asBoolean()).isFalse();
    }

    @Test
    void moreThanTheBoundIsFound() {
        assertThat(new Metered.Usage(101, 100.5).holds()).isFalse();
        assertThat(new Metered.Usage(100, 100.5).holds()).isTrue();
    }

    @Test
    void aDurationIsANumberAndAUnit() {
        assertThat(Soak.duration("90")).isEqualTo(Duration.ofSeconds(90));
        assertThat(Soak.duration("5m")).isEqualTo(Duration.ofMinutes(5));
        assertThat(Soak.duration("1h")).isEqualTo(Duration.ofHours(1));
        for (String bad : List.of("", "m", "-1", "5 m", "0", "1d")) {
            assertThatThrownBy(() -> Soak.duration(bad))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("'" + bad + "'");
        }
    }

    @Test
    void aBurstThatTakesLongIsMadeUpForUpToABound() {
        long end = System.nanoTime() + 400 * Generator.TICK_NANOS;
        long[] calls = {0};
        long[] began = {0};
        Generator generator = new Generator(
                scheduled -> {
                    if (calls[0]++ == 0) {
                        began[0] = scheduled;
                        while (System.nanoTime() - end < 0) {
                            Thread.onSpinWait();
                        }
                    }
                },
                end);
        generator.run();
        long ended = System.nanoTime();
        assertThat(generator.skipped()).isPositive();
        assertThat(generator.ticks() + generator.skipped())
                .isBetween((end - began[0]) / Generator.TICK_NANOS, (ended - began[0]) / Generator.TICK_NANOS + 1);
    }
}

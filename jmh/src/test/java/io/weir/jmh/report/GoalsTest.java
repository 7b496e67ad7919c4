package io.weir.jmh.report;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.List;
import java.util.OptionalDouble;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class GoalsTest {

    private static Goal goal(int number) throws Exception {
        return Goals.of(Sample.run(), false).get(number - 1);
    }

    @Test
    void thereAreFourteenInOrder() throws Exception {
        assertThat(Goals.of(Sample.run(), false))
                .extracting(Goal::id)
                .isEqualTo(IntStream.rangeClosed(1, 14).mapToObj(i -> "P" + i).toList());
    }

    @Test
    void ratiosAreToTheFloorAndToTheFastestPeer() throws Exception {
        Goal granted = goal(1);
        assertThat(granted.claims())
                .extracting(Goal.Claim::measured)
                .containsExactly(OptionalDouble.of(0.5), OptionalDouble.of(4));
        assertThat(granted.claims())
                .extracting(Goal.Claim::verdict)
                .containsExactly(Goal.Verdict.SHORT, Goal.Verdict.HOLDS);
        assertThat(granted.verdict()).isEqualTo(Goal.Verdict.SHORT);
    }

    @Test
    void aRowOfWhichAPartWasNotMeasuredDoesNotHold() throws Exception {
        Goal contended = goal(2);
        assertThat(contended.claims())
                .extracting(Goal.Claim::verdict)
                .containsExactly(Goal.Verdict.HOLDS, Goal.Verdict.NOT_MEASURED);
        assertThat(contended.verdict()).isEqualTo(Goal.Verdict.NOT_MEASURED);
    }

    @Test
    void bytesOfWaitersComeFromTheFigures() throws Exception {
        assertThat(goal(10).claims())
                .extracting(Goal.Claim::verdict)
                .containsExactly(Goal.Verdict.HOLDS, Goal.Verdict.SHORT, Goal.Verdict.NOT_MEASURED);
    }

    @Test
    void oneHotPathThatAllocatesIsEnough() throws Exception {
        assertThat(goal(13).claims())
                .extracting(Goal.Claim::verdict)
                .containsExactly(
                        Goal.Verdict.HOLDS, // buckets
                        Goal.Verdict.NOT_MEASURED,
                        Goal.Verdict.NOT_MEASURED,
                        Goal.Verdict.NOT_MEASURED, // a peer's map, and none of ours
                        Goal.Verdict.SHORT);
        assertThat(goal(13).verdict()).isEqualTo(Goal.Verdict.SHORT);
    }

    @Test
    void aKeyThatIsParsedIsNoHotPath() throws Exception {
        String json = """
                [{"benchmark": "io.weir.jmh.KeyedLimiterBenchmark.weir_tryAcquire_keyedParsed", "mode": "avgt", "threads": 1,
                  "primaryMetric": {"score": 1, "scoreUnit": "ns/op"}, "secondaryMetrics": {"gc.alloc.rate.norm": {"score": 64}}}]""";
        Run parsed = Run.of(List.of(new ObjectMapper().readTree(json)));
        assertThat(Goals.of(parsed, true).get(12).verdict()).isEqualTo(Goal.Verdict.NOT_MEASURED);
    }

    @Test
    void whatIsNotThereIsNotMeasured() throws Exception {
        Run nothing = Run.of(List.of());
        assertThat(Goals.of(nothing, true)).extracting(Goal::verdict).containsOnly(Goal.Verdict.NOT_MEASURED);
    }

    @Test
    void aMissIsSaidInPercentOrAsAFactor() {
        assertThat(Goal.Claim.atMost(1.25, " ×", "to nanoTime", OptionalDouble.of(1.5))
                        .say())
                .isEqualTo("1.5 × (≤ 1.25 ×), short by 20 %");
        assertThat(Goal.Claim.atLeast(50, " ×", "faster", OptionalDouble.of(20)).say())
                .isEqualTo("20 × (≥ 50 ×), short by a factor of 2.5");
        assertThat(Goal.Claim.atMost(0.5, " B", "a call", OptionalDouble.of(0)).say())
                .isEqualTo("0 B (≤ 0.5 B)");
        assertThat(Goal.Claim.atMost(24, " B", "a key", OptionalDouble.empty()).say())
                .isEqualTo("not measured (≤ 24 B)");
    }

    @Test
    void theTableShowsEveryRowAndHowManyHold() throws Exception {
        String table = Main.table(Goals.of(Sample.run(), false));
        assertThat(table)
                .contains("✗ P1 ", "– P2 ", "no bulkhead yet", "0 of 14 hold")
                .contains("✓ faster than the best peer: 4 × (≥ 3 ×)");
    }
}

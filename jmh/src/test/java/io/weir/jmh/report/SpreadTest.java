package io.weir.jmh.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;

class SpreadTest {

    /** A table of one row of one figure, which is to be at most 10; NaN for one not measured. */
    private static List<List<Goal>> runs(double... measured) {
        return Arrays.stream(measured)
                .mapToObj(value -> List.of(new Goal(
                        "P1",
                        "work",
                        List.of(Goal.Claim.atMost(
                                10,
                                " ×",
                                "to the floor",
                                Double.isNaN(value) ? OptionalDouble.empty() : OptionalDouble.of(value))),
                        "")))
                .toList();
    }

    @Test
    void aRowThatAlwaysHoldsKeepsItsSide() {
        assertThat(Spread.table(runs(9, 8, 9.5)))
                .contains("✓ P1 ", "✓ to the floor: 8–9.5 × (≤ 10 ×), holds in 3 of 3", "3 runs; no row changes sides");
    }

    @Test
    void aRowThatIsAlwaysShortKeepsItsSideToo() {
        assertThat(Spread.table(runs(11, 12, 11.5)))
                .contains("✗ P1 ", "11–12 × (≤ 10 ×), holds in 0 of 3", "no row changes sides");
    }

    @Test
    void aRowThatChangesSidesIsNamed() {
        assertThat(Spread.table(runs(9, 11, 9.5)))
                .contains("↔ P1 ", "↔ to the floor: 9–11 × (≤ 10 ×), holds in 2 of 3")
                .contains("rows changing sides: P1; figures changing sides: P1 to the floor");
    }

    @Test
    void aRunInWhichItWasNotMeasuredIsNoSide() {
        assertThat(Spread.table(runs(9, Double.NaN, 9.5)))
                .contains("– P1 ", "9–9.5 ×", "holds in 2 of 3", "no row changes sides");
        assertThat(Spread.table(runs(Double.NaN, Double.NaN))).contains("– P1 ", "not measured (≤ 10 ×)");
    }

    @Test
    void aRowThatIsShortByOneFigureOrAnotherIsStillShort() {
        Goal.Claim holds = Goal.Claim.atMost(10, "", "one", OptionalDouble.of(9));
        Goal.Claim isShort = Goal.Claim.atMost(10, "", "two", OptionalDouble.of(11));
        Goal first = new Goal("P2", "work", List.of(holds, isShort), "");
        Goal second = new Goal("P2", "work", List.of(isShort, holds), "");
        assertThat(Spread.side(List.of(first, second))).isEqualTo(Spread.Side.ALWAYS_SHORT);
        assertThat(Spread.table(List.of(List.of(first), List.of(second))))
                .contains("✗ P2 ", "↔ one", "↔ two", "no row changes sides; figures changing sides: P2 one, P2 two");
    }

    @Test
    void runsOfOneFileAreReadFromTheirFolders() throws Exception {
        List<Goal> goals = Goals.of(Sample.run(), true);
        assertThat(Spread.table(List.of(goals, goals, goals)))
                .contains(
                        "✗ P1 ", "to nanoTime: 0.5–0.5 × (≤ 0.45 ×), holds in 0 of 3", "3 runs; no row changes sides");
    }
}

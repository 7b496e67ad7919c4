package io.weir.jmh.report;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;

/** Several runs of the table of goals beside each other: what each figure lies between, and whether a row changes sides. */
final class Spread {
    private Spread() {}

    /** What became of a row, or of one of its figures, in all runs. */
    enum Side {
        ALWAYS_HOLDS("✓"),
        ALWAYS_SHORT("✗"),
        CHANGES("↔"),
        NOT_ALWAYS_MEASURED("–");

        private final String sign;

        Side(String sign) {
            this.sign = sign;
        }

        String sign() {
            return sign;
        }

        static Side of(List<Goal.Verdict> verdicts) {
            if (verdicts.contains(Goal.Verdict.HOLDS) && verdicts.contains(Goal.Verdict.SHORT)) {
                return CHANGES;
            }
            if (verdicts.contains(Goal.Verdict.NOT_MEASURED)) {
                return NOT_ALWAYS_MEASURED;
            }
            return verdicts.contains(Goal.Verdict.SHORT) ? ALWAYS_SHORT : ALWAYS_HOLDS;
        }
    }

    /** The side of a row. */
    static Side side(List<Goal> row) {
        return Side.of(row.stream().map(Goal::verdict).toList());
    }

    /** The row of each run that stands at one place of the table. */
    private static List<Goal> row(List<List<Goal>> runs, int at) {
        return runs.stream().map(run -> run.get(at)).toList();
    }

    /**
     * The table, for a terminal.
     *
     * @param runs the table of each; all have the same rows
     */
    static String table(List<List<Goal>> runs) {
        StringBuilder table = new StringBuilder();
        List<String> changing = new ArrayList<>();
        List<String> figures = new ArrayList<>();
        int rows = runs.isEmpty() ? 0 : runs.get(0).size();
        for (int at = 0; at < rows; at++) {
            List<Goal> row = row(runs, at);
            Goal first = row.get(0);
            Side side = side(row);
            if (side == Side.CHANGES) {
                changing.add(first.id());
            }
            table.append(String.format("%n%s %-4s %s%n", side.sign(), first.id(), first.work()));
            for (int i = 0; i < first.claims().size(); i++) {
                int place = i;
                List<Goal.Claim> figure =
                        row.stream().map(goal -> goal.claims().get(place)).toList();
                if (Side.of(verdicts(figure)) == Side.CHANGES) {
                    figures.add(first.id() + " " + figure.get(0).what());
                }
                table.append(claim(figure));
            }
        }
        String rowsSay =
                changing.isEmpty() ? "no row changes sides" : "rows changing sides: " + String.join(", ", changing);
        String figuresSay =
                figures.isEmpty() ? "no figure does" : "figures changing sides: " + String.join(", ", figures);
        return table.append(String.format("%n%d runs; %s; %s%n", runs.size(), rowsSay, figuresSay))
                .toString();
    }

    private static List<Goal.Verdict> verdicts(List<Goal.Claim> runs) {
        return runs.stream().map(Goal.Claim::verdict).toList();
    }

    private static String claim(List<Goal.Claim> runs) {
        Goal.Claim first = runs.get(0);
        List<Double> measured = runs.stream()
                .map(Goal.Claim::measured)
                .filter(OptionalDouble::isPresent)
                .map(OptionalDouble::getAsDouble)
                .sorted()
                .toList();
        List<Goal.Verdict> verdicts = verdicts(runs);
        String spread = "not measured";
        if (!measured.isEmpty()) {
            double least = measured.get(0);
            double most = measured.get(measured.size() - 1);
            spread = Goal.Claim.number(least) + "–" + Goal.Claim.number(most) + first.unit();
        }
        long holds = verdicts.stream().filter(Goal.Verdict.HOLDS::equals).count();
        return String.format(
                "     %s %s: %s (%s), holds in %d of %d%n",
                Side.of(verdicts).sign(), first.what(), spread, first.goal(), holds, runs.size());
    }
}

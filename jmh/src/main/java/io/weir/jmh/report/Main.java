package io.weir.jmh.report;

import io.weir.jmh.Stacks;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Makes of the figures that lie in a folder what a reader wants. */
public final class Main {
    private Main() {}

    /**
     * Does one of:
     * <ul>
     *   <li>{@code report FOLDER [--check] [NOTE...]}: writes {@code report.html} of the run in the folder, with {@code --check} prints the table of
     *       goals. The notes are kept with the run, and the machine and the date, unless they are kept already.
     *   <li>{@code spread FOLDER...}: prints what the figures of several runs lie between
     *   <li>{@code curves FOLDER [NOTE...]}: prints what grows how; the report of the folder above shows it
     *   <li>{@code publish CHECKOUT FOLDER...}: writes docs/performance
     * </ul>
     */
    public static void main(String[] args) throws IOException {
        List<String> rest = new ArrayList<>(List.of(args).subList(Math.min(2, args.length), args.length));
        Path folder = Path.of(args.length > 1 ? args[1] : "");
        switch (args.length > 1 ? args[0] : "") {
            case "report" -> report(folder, rest.remove("--check"), rest);
            case "spread" -> spread(folder, rest);
            case "curves" -> {
                About unused = about(folder, rest);
                System.out.print(Curves.table(curves(folder)));
            }
            case "publish" ->
                Publication.write(folder, rest.stream().map(Path::of).toList());
            default ->
                throw new IllegalArgumentException("arguments are " + List.of(args)
                        + "; they must begin with report, spread, curves or publish, and a folder");
        }
    }

    private static void report(Path folder, boolean check, List<String> notes) throws IOException {
        About about = about(folder, notes);
        Run run = Run.read(folder);
        List<Goal> goals = Goals.of(run, Stacks.hasBulkhead());
        Path curves = folder.resolve("curves");
        String growth = About.isIn(curves)
                ? Curves.section(curves(curves), About.read(curves).facts())
                : "";
        Files.writeString(folder.resolve("report.html"), Page.html(run, goals, about.facts(), growth));
        if (check) {
            System.out.println(run.jdk());
            about.facts().forEach(System.out::println);
            System.out.print(table(goals));
        }
    }

    private static void spread(Path first, List<String> others) throws IOException {
        List<List<Goal>> runs = new ArrayList<>(List.of(Goals.of(Run.read(first), Stacks.hasBulkhead())));
        for (String other : others) {
            runs.add(Goals.of(Run.read(Path.of(other)), Stacks.hasBulkhead()));
        }
        System.out.print(Spread.table(runs));
    }

    private static List<Curve> curves(Path folder) throws IOException {
        return Curves.of(Run.read(folder), About.read(folder).processors());
    }

    private static About about(Path folder, List<String> notes) throws IOException {
        if (!About.isIn(folder)) {
            About.here(notes).write(folder);
        }
        return About.read(folder);
    }

    /** The table of goals, for a terminal. */
    static String table(List<Goal> goals) {
        StringBuilder table = new StringBuilder();
        for (Goal goal : goals) {
            table.append(String.format("%n%s %-4s %s%n", goal.verdict().sign(), goal.id(), goal.work()));
            if (!goal.note().isEmpty()) {
                table.append("       [").append(goal.note()).append("]\n");
            }
            for (Goal.Claim claim : goal.claims()) {
                table.append(String.format("     %s %s: %s%n", claim.verdict().sign(), claim.what(), claim.say()));
            }
        }
        long hold = goals.stream()
                .filter(goal -> goal.verdict() == Goal.Verdict.HOLDS)
                .count();
        return table.append(String.format("%n%d of %d hold%n", hold, goals.size()))
                .toString();
    }
}

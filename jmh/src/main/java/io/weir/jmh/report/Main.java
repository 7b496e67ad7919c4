package io.weir.jmh.report;

import io.weir.jmh.Stacks;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;

/** Makes the report of the run that lies in a folder. */
public final class Main {
    private Main() {}

    /**
     * Writes {@code report.html} into the folder and, if asked, prints the table of goals.
     *
     * @param args the folder; {@code --check} to print the table; anything else is a fact for the header
     */
    public static void main(String[] args) throws IOException {
        Path folder = Path.of(args[0]);
        List<String> facts = new ArrayList<>(List.of(machine()));
        boolean check = false;
        for (String arg : List.of(args).subList(1, args.length)) {
            if (arg.equals("--check")) {
                check = true;
            } else {
                facts.add(arg);
            }
        }
        Run run = Run.read(folder);
        List<Goal> goals = Goals.of(run, Stacks.hasBulkhead());
        Files.write(folder.resolve("report.html"), Page.html(run, goals, facts).getBytes(StandardCharsets.UTF_8));
        if (check) {
            System.out.println(run.jdk());
            facts.forEach(System.out::println);
            System.out.print(table(goals));
        }
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

    private static String machine() {
        String model = "";
        Path cpu = Path.of("/proc/cpuinfo");
        if (Files.isReadable(cpu)) {
            try (var lines = Files.lines(cpu)) {
                model = lines.filter(line -> line.startsWith("model name"))
                        .map(line -> line.substring(line.indexOf(':') + 1).strip() + ", ")
                        .findFirst()
                        .orElse("");
            } catch (IOException e) {
                model = "";
            }
        }
        return model + Runtime.getRuntime().availableProcessors() + " processors, " + System.getProperty("os.name")
                + " "
                + System.getProperty("os.version") + " " + System.getProperty("os.arch") + ", "
                + LocalDate.now(ZoneOffset.UTC);
    }
}

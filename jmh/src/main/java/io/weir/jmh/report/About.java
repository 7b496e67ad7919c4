package io.weir.jmh.report;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;

/**
 * What a reader must know of a run, kept beside its figures: a report made later says when and where they were measured, not where it was made. Nothing in it
 * names the machine.
 *
 * @param machine processor, number of them, memory, kernel
 * @param notes such as the commit
 */
record About(String machine, int processors, String date, List<String> notes) {
    private static final String FILE = "about.txt";

    /** This machine, now. */
    static About here(List<String> notes) {
        int processors = Runtime.getRuntime().availableProcessors();
        return new About(
                machine(processors), processors, LocalDate.now(ZoneOffset.UTC).toString(), notes);
    }

    void write(Path folder) throws IOException {
        List<String> lines = new ArrayList<>(List.of(machine, Integer.toString(processors), date));
        lines.addAll(notes);
        Files.write(folder.resolve(FILE), lines);
    }

    /** What was written there. */
    static About read(Path folder) throws IOException {
        List<String> lines = Files.readAllLines(folder.resolve(FILE));
        if (lines.size() < 3) {
            throw new IOException(FILE + " has " + lines.size() + " lines; it must have at least 3");
        }
        return new About(
                lines.get(0),
                Integer.parseInt(lines.get(1)),
                lines.get(2),
                List.copyOf(lines.subList(3, lines.size())));
    }

    static boolean isIn(Path folder) {
        return Files.exists(folder.resolve(FILE));
    }

    /** All of it, for a header. */
    List<String> facts() {
        List<String> facts = new ArrayList<>(List.of(machine + ", " + date));
        facts.addAll(notes);
        return facts;
    }

    private static String machine(int processors) {
        String memory = "";
        if (ManagementFactory.getOperatingSystemMXBean() instanceof OperatingSystemMXBean system) {
            memory = ", " + Math.round(system.getTotalMemorySize() / (double) (1 << 30)) + " GB";
        }
        return model() + processors + " processors" + memory + ", " + System.getProperty("os.name") + " "
                + System.getProperty("os.version").replaceAll("^(\\d+(\\.\\d+)?).*", "$1") + " "
                + System.getProperty("os.arch");
    }

    /** The processor, where the system says it; else "". */
    private static String model() {
        Path cpu = Path.of("/proc/cpuinfo");
        if (!Files.isReadable(cpu)) {
            return "";
        }
        try (var lines = Files.lines(cpu)) {
            return lines.filter(line -> line.startsWith("model name"))
                    .map(line -> line.substring(line.indexOf(':') + 1).strip() + ", ")
                    .findFirst()
                    .orElse("");
        } catch (IOException e) {
            return "";
        }
    }
}

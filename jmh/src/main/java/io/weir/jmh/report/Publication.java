package io.weir.jmh.report;

import io.weir.jmh.Stacks;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** What the documentation shows of the last whole run: {@code docs/performance}, and the picture in the README. */
final class Publication {
    /** The note of a run that may be shown. */
    static final String WHOLE = "the whole suite";

    private static final String PICTURE = "overview.svg";
    private static final String BEGIN = "<!-- performance: written by bin/bench --publish -->\n";
    private static final String END = "<!-- /performance -->\n";
    private static final String BEFORE = "## What is here\n";

    private Publication() {}

    /**
     * Writes.
     *
     * @param root the checkout
     * @param folders of runs, one a JDK; those that weren't whole are left out, and the picture is that of the first
     * @throws IllegalStateException if none was whole
     */
    static void write(Path root, List<Path> folders) throws IOException {
        Path docs = root.resolve("docs/performance");
        StringBuilder page = new StringBuilder();
        String picture = "";
        String fact = "";
        for (Path folder : folders) {
            About about = About.read(folder);
            if (!about.notes().contains(WHOLE)) {
                continue;
            }
            Run run = Run.read(folder);
            if (picture.isEmpty()) {
                fact = about.machine() + ", JDK " + version(run.jdk()) + ", " + about.date();
                picture = Picture.svg(run, fact);
                head(page, fact);
            }
            table(page, run, about);
            Path curves = folder.resolve("curves");
            if (About.isIn(curves)) {
                page.append(Curves.markdown(
                        Curves.of(Run.read(curves), about.processors()),
                        About.read(curves).facts()));
            }
        }
        if (picture.isEmpty()) {
            throw new IllegalStateException(
                    "no run is published but one of " + WHOLE + ", and there is none in " + folders);
        }
        Files.createDirectories(docs);
        Files.writeString(docs.resolve(PICTURE), picture);
        Files.writeString(docs.resolve("README.md"), page);
        Path readme = root.resolve("README.md");
        Files.writeString(readme, withPicture(Files.readString(readme), fact));
    }

    /** "OpenJDK 64-Bit Server VM 17.0.1+1-Debian" as "17.0.1+1". */
    static String version(String jdk) {
        return jdk.replaceAll(".* ([0-9.]+(\\+[0-9]+)?)[^ ]*$", "$1");
    }

    private static void head(StringBuilder page, String fact) {
        page.append("""
                # Performance

                ![How many times faster than the fastest peer](%s)

                %s.

                These are ratios of figures of one run: ours against what the machine itself charges (floors: reading the clock, a compare-and-set) and against the
                fastest of the peers, each set up as its own documentation says and asked for the same decision. Nanoseconds don't travel, ratios do to some extent.
                `bin/bench` measures all of it anew and writes a page with every chart; `bin/bench --check` prints the table below.
                """.formatted(PICTURE, fact));
    }

    private static void table(StringBuilder page, Run run, About about) {
        page.append("\n## JDK ").append(version(run.jdk())).append("\n\n");
        page.append(String.join("; ", about.facts()))
                .append(".\n\n| | goal | work | measured (what it is to reach) |\n|---|---|---|---|\n");
        for (Goal goal : Goals.of(run, Stacks.hasBulkhead())) {
            List<String> claims = goal.claims().stream()
                    .map(claim -> claim.what() + ": " + claim.say())
                    .toList();
            page.append("| ")
                    .append(goal.verdict().sign())
                    .append(" | ")
                    .append(goal.id())
                    .append(" | ")
                    .append(goal.work())
                    .append(" | ")
                    .append(String.join("<br>", claims))
                    .append(" |\n");
        }
    }

    /** The README with the picture, in the place of the one before. */
    static String withPicture(String readme, String fact) {
        String part = BEGIN + """
                ## How fast

                ![How many times faster than the fastest peer](docs/performance/%s)

                Ratios of one run (%s); [all of them](docs/performance/README.md), and `bin/bench` to measure them again.
                """.formatted(PICTURE, fact) + END;
        int begin = readme.indexOf(BEGIN);
        int end = readme.indexOf(END);
        if (begin >= 0 && end > begin) {
            return readme.substring(0, begin) + part + readme.substring(end + END.length());
        }
        int at = readme.indexOf(BEFORE);
        return at < 0 ? readme + "\n" + part : readme.substring(0, at) + part + "\n" + readme.substring(at);
    }
}

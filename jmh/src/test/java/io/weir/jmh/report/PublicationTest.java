package io.weir.jmh.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PublicationTest {
    @TempDir
    Path root;

    private Path folder;

    @BeforeEach
    void aRun() throws Exception {
        folder = Files.createDirectory(root.resolve("jdk-17"));
        for (String file : List.of("run.json", "memory.json")) {
            try (var in = Sample.class.getResourceAsStream(file)) {
                Files.copy(in, folder.resolve(file));
            }
        }
        Files.writeString(root.resolve("README.md"), "# Weir\n\nText.\n\n## What is here\n\nMore.\n");
    }

    private void publish(String note) throws Exception {
        new About("Some <CPU>, 2 processors, 24 GB, Linux 6.1 amd64", 2, "2026-01-02", List.of("commit abc", note))
                .write(folder);
        Main.main(new String[] {"publish", root.toString(), folder.toString()});
    }

    @Test
    void aWholeRunIsShownWithItsPicture() throws Exception {
        publish(Publication.WHOLE);
        assertThat(Files.readString(root.resolve("docs/performance/README.md")))
                .contains("2026-01-02", "## JDK 17.0.1+1", "ratios of figures of one run", "commit abc")
                .contains("| ✗ | P1 | ", "0.5 × (≤ 0.45 ×)", "](overview.svg)");
        Path picture = root.resolve("docs/performance/overview.svg");
        var svg = DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(picture.toFile());
        assertThat(svg.getDocumentElement().getTagName()).isEqualTo("svg");
        assertThat(Files.readString(picture)).contains("limiter, granted", "4 × guava", "Some &lt;CPU&gt;");
    }

    @Test
    void whatWasMeasuredOfGrowthIsSaidWithWhatBoundsIt() throws Exception {
        Path curves = Files.createDirectory(folder.resolve("curves"));
        try (var in = Sample.class.getResourceAsStream("curves.json")) {
            Files.copy(in, curves.resolve("curves.json"));
        }
        new About("Some CPU", 2, "2026-01-03", List.of("commit def")).write(curves);
        publish(Publication.WHOLE);
        assertThat(Files.readString(root.resolve("docs/performance/README.md")))
                .containsSubsequence(
                        "## JDK 17.0.1+1",
                        "### Growth",
                        "2026-01-03",
                        "**Guards of one pipeline** (time of a call",
                        "can't be less than linear",
                        "- weir: linear, 10 ns more with each guard");
    }

    @Test
    void theReadmeGetsThePictureOnce() throws Exception {
        publish(Publication.WHOLE);
        String once = Files.readString(root.resolve("README.md"));
        publish(Publication.WHOLE);
        assertThat(once)
                .contains("docs/performance/overview.svg", "Text.", "More.")
                .containsSubsequence("## How fast", "## What is here");
        assertThat(Files.readString(root.resolve("README.md"))).isEqualTo(once);
    }

    @Test
    void aPartOfTheSuiteIsNotPublished() throws Exception {
        assertThatThrownBy(() -> publish("a quick run"))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining(Publication.WHOLE);
        assertThat(root.resolve("docs")).doesNotExist();
        assertThat(Files.readString(root.resolve("README.md"))).doesNotContain("overview.svg");
    }

    @Test
    void aLaterReportSaysWhenItWasMeasured() throws Exception {
        publish(Publication.WHOLE);
        Main.main(new String[] {"report", folder.toString(), "commit later"});
        assertThat(Files.readString(folder.resolve("report.html")))
                .contains("2026-01-02", "commit abc")
                .doesNotContain("commit later");
    }

    @Test
    void thisMachineIsDescribedWithoutItsName() throws Exception {
        About here = About.here(List.of("note"));
        here.write(folder);
        assertThat(About.read(folder)).isEqualTo(here);
        assertThat(here.machine()).contains(" processors").doesNotContain(System.getProperty("user.name") + "@", "/");
        assertThat(here.processors()).isPositive();
    }

    @Test
    void aBrokenDescriptionIsSaid() throws Exception {
        Files.writeString(folder.resolve("about.txt"), "one\n");
        assertThatThrownBy(() -> About.read(folder)).hasMessageContaining("1 lines");
    }
}

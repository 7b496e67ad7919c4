package io.weir.jmh.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Document;
import org.xml.sax.InputSource;

class CurvesTest {

    private static List<Curve> curves() throws Exception {
        return Curves.of(Sample.run("curves.json"), 2);
    }

    @Test
    void onlyWhatWasMeasuredIsShown() throws Exception {
        assertThat(curves())
                .extracting(Curve::title)
                .containsExactly("Memory of a key", "Threads on one limiter", "Guards of one pipeline");
    }

    @Test
    void pointsAreInOrderWhateverTheFilesIs() throws Exception {
        Curve depth = curves().get(2);
        assertThat(depth.series()).singleElement().satisfies(series -> {
            assertThat(series.name()).isEqualTo("weir");
            assertThat(series.points())
                    .containsExactly(
                            new Curve.Point(1, 20),
                            new Curve.Point(2, 30),
                            new Curve.Point(4, 50),
                            new Curve.Point(8, 90));
            assertThat(series.growth(depth)).isEqualTo("linear, 10 ns more with each guard (± 0 %)");
        });
    }

    @Test
    void threadsBeyondTheProcessorsShareThem() throws Exception {
        // 10 ns at 1 thread, 10 at 2, and 80 at 16 on two processors: a call never takes more of a processor than 10.
        Curve threads = curves().get(1);
        Curve.Series ours = threads.series().get(0);
        assertThat(ours.points()).extracting(Curve.Point::y).containsExactly(10.0, 10.0, 10.0);
        assertThat(ours.growth(threads)).isEqualTo("constant, 10 ns (± 0 %)");
        assertThat(threads.series().get(1).name()).isEqualTo("guava");
    }

    @Test
    void memoryComesFromTheFigures() throws Exception {
        assertThat(curves().get(0).series().get(0).points())
                .containsExactly(new Curve.Point(1_000, 24.5), new Curve.Point(1_000_000, 23.4));
    }

    @Test
    void theReportHasAPlotEachAndTheTableAllGrowths(@TempDir Path folder) throws Exception {
        Path curves = Files.createDirectory(folder.resolve("curves"));
        copy("run.json", folder);
        copy("curves.json", curves);
        new About("some machine", 2, "2026-01-02", List.of("commit abc")).write(curves);
        Main.main(new String[] {"report", folder.toString(), "commit def"});
        String html = Files.readString(folder.resolve("report.html"));
        Document page = DocumentBuilderFactory.newInstance()
                .newDocumentBuilder()
                .parse(new InputSource(new StringReader(html.replace("<!DOCTYPE html>\n", ""))));
        assertThat(page.getElementsByTagName("path").getLength()).isEqualTo(4);
        assertThat(html)
                .contains("Growth", "some machine, 2026-01-02", "weir: linear, 10 ns more with each guard (± 0 %)")
                .doesNotContain("NaN");
        assertThat(Curves.table(curves())).contains("Guards of one pipeline: time of a call", "linear, 10 ns more");
    }

    private static void copy(String file, Path into) throws Exception {
        try (var in = Sample.class.getResourceAsStream(file)) {
            Files.copy(in, into.resolve(file));
        }
    }
}

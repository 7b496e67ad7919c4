package io.weir.jmh.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.StringReader;
import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.xml.sax.InputSource;

class PageTest {

    private static String html() throws Exception {
        Run run = Sample.run();
        return Page.html(run, Goals.of(run, false), List.of("a machine <of mine>"), "");
    }

    @Test
    void thePageIsWellFormedAndNeedsNothingElse() throws Exception {
        String html = html();
        Document page = DocumentBuilderFactory.newInstance()
                .newDocumentBuilder()
                .parse(new InputSource(new StringReader(html.replace("<!DOCTYPE html>\n", ""))));
        assertThat(page.getElementsByTagName("svg").getLength()).isEqualTo(4);
        assertThat(html).doesNotContain("http", "src=", "<script", "<link").contains("a machine &lt;of mine&gt;");
    }

    @Test
    void aChartHasItsFloorsOursAndThePeersInThisOrder() throws Exception {
        String chart = html().substring(html().indexOf("<h3>tryAcquire granted, 1 thread"));
        assertThat(chart.substring(0, chart.indexOf("</svg>"))
                        .lines()
                        .filter(line -> line.contains("text-anchor=\"end\""))
                        .map(line -> line.replaceAll("<[^>]*>", "")))
                .containsExactly("nanoTime", "weir", "guava", "bucket4j");
    }

    @Test
    void aBarTellsTimeRatioToTheFloorAndAllocation() throws Exception {
        assertThat(html()).contains("190 ns ± 4 · 9.5 × nanoTime · 64 B").contains("10 ns · 0.5 × nanoTime · 0 B");
    }

    @Test
    void samplesGoIntoTheTableOfLatencies() throws Exception {
        assertThat(html()).contains("Latency under contention", "<td class=\"n\">900</td>", "<td class=\"n\">70</td>");
    }

    @Test
    void keysAreNamedOnTheirBars() throws Exception {
        assertThat(html()).contains("bucket4jInMap (keys=1000000)");
    }
}

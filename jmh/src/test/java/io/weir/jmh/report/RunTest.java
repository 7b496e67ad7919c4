package io.weir.jmh.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunTest {

    @Test
    void aNameSaysWhoseAndWhat() throws Exception {
        assertThat(Sample.run().rows())
                .filteredOn(row -> row.subject().equals("TokenBucket"))
                .extracting(Row::whose)
                .contains("floor", "weir", "guava", "bucket4j");
        assertThat(Sample.run().rows().get(1).what()).isEqualTo("tryAcquire_granted");
    }

    @Test
    void timesAreInNanosecondsWhateverTheirUnit() throws Exception {
        assertThat(Sample.run().nanos("TokenBucket", "guava_tryAcquire_granted", 1))
                .hasValue(40);
    }

    @Test
    void aSampledTimeIsNoAverage() throws Exception {
        assertThat(Sample.run().bestPeer("TokenBucket", "tryAcquire_granted", 1))
                .hasValue(40);
        assertThat(Sample.run().rows())
                .filteredOn(row -> row.mode().equals("sample"))
                .singleElement()
                .satisfies(row -> {
                    assertThat(row.p999()).isEqualTo(900);
                    assertThat(row.max()).isEqualTo(70_000);
                });
    }

    @Test
    void aRunAtAnotherNumberOfThreadsIsAnotherOne() throws Exception {
        assertThat(Sample.run().nanos("TokenBucket", "weir_tryAcquire_granted", 2))
                .hasValue(15);
        assertThat(Sample.run().bestPeer("TokenBucket", "tryAcquire_granted", 2))
                .isEmpty();
    }

    @Test
    void parametersTellRowsApart() throws Exception {
        Run run = Sample.run();
        assertThat(run.nanos("KeyedLimiter", "bucket4jInMap_tryAcquire_keyed", 1, "keys=1000000"))
                .hasValue(2_500);
        assertThat(run.nanos("KeyedLimiter", "bucket4jInMap_tryAcquire_keyed", 1, "keys=10000000"))
                .isEmpty();
    }

    @Test
    void whatIsNoNumberIsNotANumber() throws Exception {
        assertThat(Sample.run().rows().get(1).error()).isNaN();
    }

    @Test
    void allocationIsFoundUnderBothOfItsNames() throws Exception {
        assertThat(Sample.run().mostBytes(row -> row.subject().equals("Pipeline")))
                .hasValue(24);
        assertThat(Sample.run().mostBytes(row -> row.whose().equals("bucket4j")))
                .hasValue(64);
    }

    @Test
    void aThroughputIsRefused() throws Exception {
        String json = """
                [{"benchmark": "io.weir.jmh.XBenchmark.weir_a_b", "primaryMetric": {"score": 1, "scoreUnit": "ops/s"}}]""";
        assertThatThrownBy(() -> Run.of(List.of(new ObjectMapper().readTree(json))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("ops/s");
    }

    @Test
    void aFolderIsReadWholeAndAnEmptyFileIsSkipped(@TempDir Path folder) throws Exception {
        for (String file : List.of("run.json", "memory.json")) {
            try (var in = Sample.class.getResourceAsStream(file)) {
                Files.copy(in, folder.resolve(file));
            }
        }
        Files.createFile(folder.resolve("stopped.json"));
        Run run = Run.read(folder);
        assertThat(run.rows()).hasSize(8);
        assertThat(run.figure("weir waiter")).hasValue(80);
        assertThat(run.jdk()).isEqualTo("OpenJDK 64-Bit Server VM 17.0.1+1");

        Main.main(new String[] {"report", folder.toString(), "commit abc"});
        try (Stream<String> lines = Files.lines(folder.resolve("report.html"))) {
            assertThat(lines).anyMatch(line -> line.contains("commit abc"));
        }
    }
}

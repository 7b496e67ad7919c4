package io.weir.jmh.report;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;

/** A small run: what JMH and the memory mains write, shortened. */
final class Sample {
    private Sample() {}

    static Run run() throws IOException {
        return run("run.json", "memory.json");
    }

    static Run run(String... files) throws IOException {
        List<JsonNode> roots = new ArrayList<>();
        for (String file : files) {
            try (InputStream in = Sample.class.getResourceAsStream(file)) {
                roots.add(new ObjectMapper().readTree(in));
            }
        }
        return Run.of(roots);
    }
}

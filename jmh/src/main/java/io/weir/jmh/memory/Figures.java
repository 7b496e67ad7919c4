package io.weir.jmh.memory;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;

/** Collects figures, shows each as it comes, and writes them for the report: an array of name, value, unit. */
final class Figures {
    private final ObjectMapper json = new ObjectMapper();
    private final ArrayNode all = json.createArrayNode();

    void add(String name, double value, String unit) {
        System.out.printf(Locale.ROOT, "%-40s %12.1f %s%n", name, value, unit);
        all.addObject().put("name", name).put("value", value).put("unit", unit);
    }

    /** Writes them to the first argument, if there is one. */
    void write(String[] args) throws IOException {
        if (args.length > 0) {
            json.writerWithDefaultPrettyPrinter().writeValue(Path.of(args[0]).toFile(), all);
        }
    }
}

package io.weir.jmh.report;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * The figures of one run: all JSON files of a folder.
 *
 * @param rows JMH's
 * @param figures other ones, by name
 * @param jdk the one that ran; "" if nothing did
 */
record Run(List<Row> rows, Map<String, Double> figures, String jdk) {

    /** Reads a folder. */
    static Run read(Path folder) throws IOException {
        List<Path> files;
        try (Stream<Path> all = Files.list(folder)) {
            files = all.filter(file -> file.toString().endsWith(".json"))
                    .sorted()
                    .toList();
        }
        List<JsonNode> roots = new ArrayList<>();
        for (Path file : files) {
            if (Files.size(file) > 0) { // JMH leaves an empty one if it is stopped
                roots.add(new ObjectMapper().readTree(file.toFile()));
            }
        }
        return of(roots);
    }

    static Run of(List<JsonNode> roots) {
        List<Row> rows = new ArrayList<>();
        Map<String, Double> figures = new TreeMap<>();
        String jdk = "";
        for (JsonNode root : roots) {
            for (JsonNode entry : root) {
                if (entry.has("benchmark")) {
                    rows.add(row(entry));
                    jdk = entry.path("vmName").asText() + " "
                            + entry.path("vmVersion").asText();
                } else {
                    figures.put(entry.path("name").asText(), entry.path("value").asDouble());
                }
            }
        }
        return new Run(rows, figures, jdk);
    }

    private static Row row(JsonNode entry) {
        String[] path = entry.path("benchmark").asText().split("\\.");
        String[] name = path[path.length - 1].split("_", 2);
        JsonNode metric = entry.path("primaryMetric");
        double unit = nanosIn(metric.path("scoreUnit").asText());
        String mode = entry.path("mode").asText();
        JsonNode percentiles = metric.path("scorePercentiles");
        boolean sampled = mode.equals("sample");
        List<String> parameters = new ArrayList<>();
        for (Map.Entry<String, JsonNode> parameter : entry.path("params").properties()) {
            parameters.add(parameter.getKey() + "=" + parameter.getValue().asText());
        }
        return new Row(
                path[path.length - 2].replace("Benchmark", ""),
                name[0],
                name.length > 1 ? name[1] : "",
                entry.path("threads").asInt(),
                mode,
                String.join(", ", parameters),
                number(metric.path("score")) * unit,
                number(metric.path("scoreError")) * unit,
                allocated(entry.path("secondaryMetrics")),
                sampled ? number(percentiles.path("50.0")) * unit : Double.NaN,
                sampled ? number(percentiles.path("99.9")) * unit : Double.NaN,
                sampled ? number(percentiles.path("100.0")) * unit : Double.NaN);
    }

    /** JMH 1.37 says gc.alloc.rate.norm, those before it put a dot in front. */
    private static double allocated(JsonNode secondary) {
        JsonNode found = secondary.path("gc.alloc.rate.norm");
        return number((found.isMissingNode() ? secondary.path("·gc.alloc.rate.norm") : found).path("score"));
    }

    /** JMH writes what is no number as a string. */
    private static double number(JsonNode node) {
        return node.isNumber() ? node.asDouble() : Double.NaN;
    }

    private static double nanosIn(String scoreUnit) {
        return switch (scoreUnit) {
            case "ns/op" -> 1;
            case "us/op" -> 1e3;
            case "ms/op" -> 1e6;
            case "s/op" -> 1e9;
            default ->
                throw new IllegalArgumentException("scoreUnit is '" + scoreUnit
                        + "'; it must be a time an operation: ns/op, us/op, ms/op or s/op");
        };
    }

    /** What is true of one averaged row. */
    private OptionalDouble least(Predicate<Row> which) {
        return rows.stream()
                .filter(row -> !row.mode().equals("sample"))
                .filter(which)
                .mapToDouble(Row::nanos)
                .filter(nanos -> !Double.isNaN(nanos))
                .min();
    }

    /** Nanoseconds of a benchmark, by class and method. */
    OptionalDouble nanos(String subject, String name, int threads) {
        return nanos(subject, name, threads, "");
    }

    /** The same, with a parameter; "" for any. */
    OptionalDouble nanos(String subject, String name, int threads, String parameters) {
        return least(row -> row.subject().equals(subject)
                && row.name().equals(name)
                && row.threads() == threads
                && (parameters.isEmpty() || row.parameters().equals(parameters)));
    }

    /** Nanoseconds of the fastest peer of a chart. */
    OptionalDouble bestPeer(String subject, String what, int threads) {
        return fastest(subject, what, threads, "", Row::isPeer)
                .map(Row::nanos)
                .map(OptionalDouble::of)
                .orElse(OptionalDouble.empty());
    }

    /** The fastest of some rows of a chart; parameters as in {@link #nanos}. */
    Optional<Row> fastest(String subject, String what, int threads, String parameters, Predicate<Row> which) {
        return rows.stream()
                .filter(row -> !row.mode().equals("sample") && !Double.isNaN(row.nanos()))
                .filter(row -> row.subject().equals(subject) && row.what().equals(what) && row.threads() == threads)
                .filter(row -> parameters.isEmpty() || row.parameters().equals(parameters))
                .filter(which)
                .min(Comparator.comparingDouble(Row::nanos));
    }

    /** The most bytes an operation of the averaged rows that are chosen. */
    OptionalDouble mostBytes(Predicate<Row> which) {
        return rows.stream()
                .filter(row -> row.mode().equals("avgt"))
                .filter(which)
                .mapToDouble(Row::bytes)
                .filter(bytes -> !Double.isNaN(bytes))
                .max();
    }

    OptionalDouble figure(String name) {
        Double value = figures.get(name);
        return value == null ? OptionalDouble.empty() : OptionalDouble.of(value);
    }
}

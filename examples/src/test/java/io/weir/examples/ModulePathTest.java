package io.weir.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.WeirException;
import io.weir.engine.bucket.TokenBucket;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.agrona.concurrent.NanoClock;
import org.jctools.queues.atomic.MpscUnboundedAtomicArrayQueue;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Engine and api run from the module path with no JVM flag, and nothing is printed to stderr: on the JDK that runs this test, and on every
 * other JDK of at least 17 in /usr/lib/jvm or in the environment variable WEIR_OTHER_JDKS (a path list).
 */
class ModulePathTest {
    private static final int OLDEST = 17;

    @ParameterizedTest(name = "{0}")
    @MethodSource("jdks")
    void engineAndApiNeedNoFlagAndSeeNoWarning(Path jdk, @TempDir Path folder) throws Exception {
        File out = folder.resolve("out").toFile();
        File err = folder.resolve("err").toFile();
        String modulePath = Stream.of(
                        TokenBucket.class, WeirException.class, NanoClock.class, MpscUnboundedAtomicArrayQueue.class)
                .map(type -> origin(type).toString())
                .collect(Collectors.joining(File.pathSeparator));
        ProcessBuilder builder = new ProcessBuilder(
                        jdk.resolve("bin/java").toString(),
                        "--module-path",
                        modulePath,
                        "--add-modules",
                        "io.weir.api",
                        "--class-path",
                        origin(ModulePathMain.class).toString(),
                        ModulePathMain.class.getName())
                .redirectOutput(out)
                .redirectError(err);
        // The JVM announces these on stderr.
        builder.environment().keySet().removeAll(List.of("JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "_JAVA_OPTIONS"));

        Process process = builder.start();
        boolean ended = process.waitFor(60, TimeUnit.SECONDS);
        process.destroyForcibly();

        assertThat(err).isEmpty();
        assertThat(ended).isTrue();
        assertThat(process.exitValue()).isZero();
        assertThat(Files.readAllLines(out.toPath()))
                .hasSize(2)
                .allMatch(line -> line.matches("io\\.weir\\.(engine|api) [1-9][0-9]*"));
    }

    static List<Path> jdks() throws IOException {
        List<Path> places = new ArrayList<>();
        places.add(Path.of(System.getProperty("java.home")));
        String others = System.getenv("WEIR_OTHER_JDKS");
        if (others != null) {
            Stream.of(others.split(File.pathSeparator, -1))
                    .filter(place -> !place.isBlank())
                    .map(Path::of)
                    .forEach(places::add);
        }
        Path system = Path.of("/usr/lib/jvm");
        if (Files.isDirectory(system)) {
            try (Stream<Path> found = Files.list(system)) {
                found.sorted().forEach(places::add);
            }
        }
        return places.stream()
                .filter(place -> Files.isExecutable(place.resolve("bin/java")) && version(place) >= OLDEST)
                .map(ModulePathTest::real)
                .distinct()
                .toList();
    }

    /** The feature release that a JDK's own file says, or 0. */
    private static int version(Path jdk) {
        Path release = jdk.resolve("release");
        if (!Files.isReadable(release)) {
            return 0;
        }
        Properties properties = new Properties();
        try (var reader = Files.newBufferedReader(release)) {
            properties.load(reader);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        String version = properties.getProperty("JAVA_VERSION", "0").replace("\"", "");
        return Integer.parseInt(version.split("[^0-9]", -1)[0]);
    }

    private static Path real(Path path) {
        try {
            return path.toRealPath();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Path origin(Class<?> type) {
        try {
            return Path.of(
                    type.getProtectionDomain().getCodeSource().getLocation().toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }
}

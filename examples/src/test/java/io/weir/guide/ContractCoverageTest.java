package io.weir.guide;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The page of promises names tests that exist, and each promise has one. */
class ContractCoverageTest {
    private static final Path PAGE = Repository.ROOT.resolve("docs/contract-coverage.md");
    private static final Pattern NAMED = Pattern.compile("`(\\w+)#(\\w+)`");
    private static final Pattern TEST = Pattern.compile(
            "@(?:Test|ParameterizedTest|TestFactory|RepeatedTest)\\b(?:[^;{]|\\{[^}]*\\})*?\\b(?:void|Stream<\\w+>|List<\\w+>)\\s+(\\w+)\\s*\\(");

    private static Set<String> tests() {
        Set<String> tests = new HashSet<>();
        for (Path file : Repository.files(Repository.ROOT, "Test.java")) {
            String name = file.getFileName().toString().replace(".java", "");
            Matcher test = TEST.matcher(Repository.text(file));
            while (test.find()) {
                tests.add(name + "#" + test.group(1));
            }
        }
        return tests;
    }

    private static List<String> promises() {
        return Repository.text(PAGE)
                .lines()
                .filter(line -> line.startsWith("| ") && !line.startsWith("| promise |"))
                .toList();
    }

    @Test
    void everyTestThatIsNamedExists() {
        Set<String> tests = tests();
        List<String> missing = new ArrayList<>();
        Matcher named = NAMED.matcher(Repository.text(PAGE));
        while (named.find()) {
            if (!tests.contains(named.group(1) + "#" + named.group(2))) {
                missing.add(named.group(1) + "#" + named.group(2));
            }
        }
        assertThat(missing).isEmpty();
    }

    @Test
    void everyPromiseHasATest() {
        assertThat(promises())
                .hasSizeGreaterThan(100)
                .allMatch(line -> NAMED.matcher(line).find());
    }
}

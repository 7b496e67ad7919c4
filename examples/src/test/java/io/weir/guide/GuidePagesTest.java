package io.weir.guide;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/**
 * Each block of Java in the guide is a region of a test that is compiled and run, in the package {@code io.weir.guide} of some module: {@code <!-- sample: SomeGuideTest name -->} stands before
 * it, and the region is between {@code // guide:name} and {@code // guide:end}; what stands between
 * {@code // guide:hide} and {@code // guide:show} in it is left out.
 */
class GuidePagesTest {
    private static final String REFRESH = "mvn -pl examples -am test -Dtest=GuidePagesTest -Dguide.write=true"
            + " -Dsurefire.failIfNoSpecifiedTests=false";
    private static final Path GUIDE = Repository.ROOT.resolve("docs/guide");
    private static final Pattern BLOCK = Pattern.compile("(?:<!-- (.*?) -->\\n)?```java\\n(.*?)```\\n", Pattern.DOTALL);
    private static final Pattern SAMPLE = Pattern.compile("sample: (\\w+) (\\w+)");

    /** The lines of a region without their common indent, and without what is hidden in it. */
    static String region(String testClass, String name) {
        List<Path> named = Repository.files(Repository.ROOT, "src/test/java/io/weir/guide/" + testClass + ".java");
        assertThat(named).as("%s in io.weir.guide, in one module", testClass).hasSize(1);
        Path file = named.get(0);
        List<String> lines = Repository.text(file).lines().toList();
        List<String> region = new ArrayList<>();
        boolean inside = false;
        boolean hidden = false;
        for (String line : lines) {
            String mark = line.strip();
            if (mark.equals("// guide:" + name)) {
                inside = true;
            } else if (inside && mark.equals("// guide:end")) {
                int indent = region.stream()
                        .filter(each -> !each.isBlank())
                        .mapToInt(each -> each.length() - each.stripLeading().length())
                        .min()
                        .orElse(0);
                StringBuilder text = new StringBuilder();
                region.forEach(each -> text.append(each.isBlank() ? "" : each.substring(indent))
                        .append('\n'));
                return text.toString();
            } else if (inside && (mark.equals("// guide:hide") || mark.equals("// guide:show"))) {
                hidden = mark.endsWith("hide");
            } else if (inside && !hidden) {
                region.add(line);
            }
        }
        throw new AssertionError(file + " has no region " + name + ": // guide:" + name + " … // guide:end");
    }

    @Test
    void everySampleIsTheOneThatIsCompiled() throws IOException {
        int samples = 0;
        for (Path page : Repository.files(GUIDE, ".md")) {
            String text = Repository.text(page);
            Matcher block = BLOCK.matcher(text);
            StringBuilder fresh = new StringBuilder();
            while (block.find()) {
                String mark = Objects.requireNonNullElse(block.group(1), "");
                Matcher sample = SAMPLE.matcher(mark);
                assertThat(sample.matches())
                        .as(
                                "%s: the block that begins with '%s' names a sample",
                                page, block.group(2).lines().findFirst())
                        .isTrue();
                samples++;
                String code = region(sample.group(1), sample.group(2));
                block.appendReplacement(
                        fresh, Matcher.quoteReplacement("<!-- " + mark + " -->\n```java\n" + code + "```\n"));
            }
            block.appendTail(fresh);
            if (Boolean.getBoolean("guide.write") && !text.contentEquals(fresh)) {
                Files.writeString(page, fresh);
            } else {
                assertThat(text)
                        .as("%s differs from its samples; to refresh it:%n%s%n", page, REFRESH)
                        .isEqualTo(fresh.toString());
            }
        }
        assertThat(samples).isGreaterThan(30);
    }

    @Test
    void everyRegionIsShownSomewhere() {
        String pages = String.join(
                "",
                Repository.files(GUIDE, ".md").stream().map(Repository::text).toList());
        for (Path file : Repository.files(Repository.ROOT, "GuideTest.java")) {
            String name = file.getFileName().toString().replace(".java", "");
            Matcher region =
                    Pattern.compile("// guide:(?!end|hide|show)(\\w+)\\n").matcher(Repository.text(file));
            while (region.find()) {
                assertThat(pages).contains("<!-- sample: " + name + " " + region.group(1) + " -->");
            }
        }
    }
}

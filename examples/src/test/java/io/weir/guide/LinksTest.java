package io.weir.guide;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Every link from a document to a file of the project leads somewhere, also those to a heading. */
class LinksTest {
    private static final Pattern LINK = Pattern.compile("\\]\\(([^)\\s]+)\\)");
    private static final Pattern CODE = Pattern.compile("```.*?```|`[^`\\n]*`", Pattern.DOTALL);

    private static List<Path> documents() {
        return Stream.concat(
                        Stream.of("README.md", "CONTRIBUTING.md", "SECURITY.md")
                                .map(Repository.ROOT::resolve)
                                .filter(Files::exists),
                        Repository.files(Repository.ROOT.resolve("docs"), ".md").stream())
                .toList();
    }

    /** The names of a page's headings as a renderer of Markdown gives them to links. */
    private static Set<String> anchors(Path page) {
        Set<String> anchors = new HashSet<>();
        CODE.matcher(Repository.text(page).replaceAll("(?s)```.*?```", ""))
                .replaceAll(found -> Matcher.quoteReplacement(found.group().replace("`", "")))
                .lines()
                .filter(line -> line.matches("#{1,6} .*"))
                .map(line -> line.replaceFirst("#+ ", "").strip().toLowerCase(Locale.ROOT))
                .map(line -> line.replaceAll("[^\\p{L}\\p{N} _-]", "").replace(' ', '-'))
                .forEach(anchors::add);
        return anchors;
    }

    @Test
    void everyLinkLeadsSomewhere() {
        List<String> dead = new ArrayList<>();
        int links = 0;
        for (Path page : documents()) {
            Matcher link = LINK.matcher(CODE.matcher(Repository.text(page)).replaceAll("code"));
            while (link.find()) {
                String target = link.group(1);
                if (target.matches("[a-z]+:.*")) {
                    continue;
                }
                links++;
                int hash = target.indexOf('#');
                String file = hash < 0 ? target : target.substring(0, hash);
                Path linked =
                        file.isEmpty() ? page : page.getParent().resolve(file).normalize();
                if (!Files.exists(linked) || hash >= 0 && !anchors(linked).contains(target.substring(hash + 1))) {
                    dead.add(Repository.ROOT.relativize(page) + " -> " + target);
                }
            }
        }
        assertThat(dead).isEmpty();
        assertThat(links).isGreaterThan(20);
    }
}

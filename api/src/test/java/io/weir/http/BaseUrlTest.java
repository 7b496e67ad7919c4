package io.weir.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class BaseUrlTest {

    @ParameterizedTest
    @CsvSource({
        "http://h, /a, http://h/a",
        "http://h/, /a, http://h/a",
        "http://h/v2, a, http://h/v2/a",
        "http://h/v2/, /a/, http://h/v2/a/",
        "https://h:8443/v2, a?x=1, https://h:8443/v2/a?x=1",
        "http://h/v2, '', http://h/v2",
        "http://h/v2, ?x=1, http://h/v2?x=1",
        "http://h, @evil.com, http://h/@evil.com",
        "http://h, :80@evil.com, http://h/:80@evil.com",
        "http://h, .evil.com, http://h/.evil.com",
        "http://h, /a..b/...x, http://h/a..b/...x",
        "http://h, /gr\u00fcn, http://h/gr%C3%BCn",
        "http://h, /p/http://x, http://h/p/http://x",
        "http://h, /r?to=http://x/../y, http://h/r?to=http://x/../y",
        "http://[::1]:80, /a, http://[::1]:80/a"
    })
    void aPathIsPutBehindTheBase(String base, String path, String url) {
        assertThat(BaseUrl.of(base).resolve(path, Map.of())).hasToString(url);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "//evil.com/a",
                "http://evil.com/a",
                "HTTPS://evil.com",
                "/../admin",
                "..",
                "/a/..",
                "/a/%2e%2E/b",
                "/a/.%2e/b",
                "/a/..%2fb",
                "/a/..;x=1/b",
                "/./a",
                "/a#b",
                "/a b",
                "/a\\..\\b",
                "/a\r\nX: y",
                "/a\u0000",
                "/a%zz",
                "/a|b",
                "/{id}"
            })
    void aPathThatLeadsOutOrIsNoneIsRefused(String path) {
        assertThatThrownBy(() -> BaseUrl.of("http://api.example.com/v1").resolve(path, Map.of()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("path = ")
                .hasMessageNotContaining("\n");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "u",
                "h/a",
                "ftp://h",
                "file:///etc",
                "http://",
                "http:///a",
                "http://h/../a",
                "http://h /",
                "//h"
            })
    void aBaseThatIsNoneIsRefused(String url) {
        assertThatThrownBy(() -> BaseUrl.of(url))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("baseUrl = ");
    }

    @Test
    void aNullParameterIsNamed() {
        Map<String, Object> query = new java.util.HashMap<>();
        query.put("q", null);
        assertThatThrownBy(() -> BaseUrl.of("http://h").resolve("/", query)).hasMessageContaining("q");
    }
}

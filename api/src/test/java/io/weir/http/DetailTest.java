package io.weir.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DetailTest {

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{\"detail\":\"x\"} | x",
                "  { \"a\" : [1, \"detail\", {\"detail\":\"no\"}], \"detail\" : \"yes\" } | yes",
                "{\"a\":\"detail\",\"detail\":\"yes\"} | yes",
                "{\"a\":\"\\\"detail\\\":\\\"no\\\"\",\"detail\":\"yes\"} | yes",
                "{\"detail\":\"say \\\"hi\\\" \\u00fc \\\\ \\/\"} | say \"hi\" ü \\ /",
                "{\"detail\":\"x\", cut off | x",
                "{\"\\u0064etail\":\"x\"} | x"
            })
    void theDetailOfAnObjectIsFound(String json, String detail) {
        assertThat(Detail.of(json)).isEqualTo(detail);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "", "detail", "[{\"detail\":\"x\"}]", "{\"a\":{\"detail\":\"x\"}}", "{\"detail\":1}",
                        "{\"detail\":[\"x\"]}", "{\"detail\":null}",
                "{\"detail\":\"x", "{\"detail\"", "{\"detail\":", "{\"detail\":\"\\", "{\"detail\":\" \"}",
                        "<html>{\"detail\":\"x\"}", "{\"a\":\"detail\"}"
            })
    void whatHasNoneHasNone(String json) {
        assertThat(Detail.of(json)).isNull();
    }

    @Test
    void itIsCutAndFitsOneLine() {
        assertThat(Detail.of("{\"detail\":\"" + "x".repeat(10_000) + "\"}"))
                .hasSize(501)
                .endsWith("…");
        assertThat(Detail.of("{\"detail\":\"a\\nb\\u0007c\u2028d\\u202e\"}")).isEqualTo("a b c d ");
    }

    @Test
    void nothingMakesItThrow() {
        Random random = new Random(42);
        String alphabet = "{}[]\",:\\u0dx detail";
        for (int i = 0; i < 100_000; i++) {
            StringBuilder text = new StringBuilder("{");
            for (int n = random.nextInt(30); n > 0; n--) {
                text.append(random.nextInt(5) == 0 ? "\"detail\"" : alphabet.charAt(random.nextInt(alphabet.length())));
            }
            Detail.of(text.toString());
        }
    }
}

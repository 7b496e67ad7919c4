package io.weir.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** RFC 9110, sections 10.2.3 and 5.6.7. */
class RetryAfterHeaderTest {
    private static final Instant NOW = Instant.parse("1994-11-06T08:49:30Z");

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "0 | 0",
                "120 | 120",
                "' 7 ' | 7",
                "999999999 | 999999999",
                "Sun, 06 Nov 1994 08:49:37 GMT | 7",
                "Sunday, 06-Nov-94 08:49:37 GMT | 7",
                "Sun Nov  6 08:49:37 1994 | 7",
                "Sun, 06 Nov 1994 08:49:00 GMT | 0"
            })
    void secondsAndDatesAreRead(String value, long seconds) {
        assertThat(RetryAfterHeader.read(value, NOW)).isEqualTo(Duration.ofSeconds(seconds));
    }

    @Test
    void secondsMayHaveAFraction() {
        assertThat(RetryAfterHeader.read("2.0", NOW)).isEqualTo(Duration.ofSeconds(2));
        assertThat(RetryAfterHeader.read("0.25", NOW)).isEqualTo(Duration.ofMillis(250));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "-1",
                "1.",
                ".5",
                "1.5.5",
                "1.0123456789",
                "soon",
                "9999999999",
                "99999999999999999999999999",
                "Sun, 99 Nov 1994 08:49:37 GMT",
                "٣"
            })
    void whatIsNeitherIsNothing(String value) {
        assertThat(RetryAfterHeader.read(value, NOW)).isNull();
    }
}

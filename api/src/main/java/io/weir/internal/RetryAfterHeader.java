package io.weir.internal;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.temporal.ChronoField;
import java.time.temporal.TemporalAccessor;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Reads {@code Retry-After}, RFC 9110, sections 10.2.3 and 5.6.7: seconds, or a date in one of HTTP's three formats. Seconds may have a
 * fraction, which the RFC doesn't allow but Shopify sends.
 */
public final class RetryAfterHeader {
    /** More digits than any sensible number of seconds has: 31 years. */
    private static final int MAX_DIGITS = 9;

    private static final DateTimeFormatter ASCTIME = new DateTimeFormatterBuilder()
            .parseCaseInsensitive()
            .appendPattern("EEE MMM ppd HH:mm:ss yyyy")
            .toFormatter(Locale.US)
            .withZone(ZoneOffset.UTC);

    private RetryAfterHeader() {}

    /**
     * How long to wait.
     *
     * @param value the header's
     * @param now the reading of the wall clock that a date is compared to
     * @return zero if the date has passed; null if the value can't be read
     */
    public static @Nullable Duration read(String value, Instant now) {
        String text = value.strip();
        if (text.isEmpty() || text.length() > 40) {
            return null;
        }
        int point = text.indexOf('.');
        String whole = point < 0 ? text : text.substring(0, point);
        String fraction = point < 0 ? "" : text.substring(point + 1);
        if (isNumber(whole) && (point < 0 || isNumber(fraction))) {
            return whole.length() > MAX_DIGITS || fraction.length() > MAX_DIGITS
                    ? null
                    : Duration.ofSeconds(Long.parseLong(whole))
                            .plusNanos(Long.parseLong((fraction + "000000000").substring(0, MAX_DIGITS)));
        }
        Instant date = date(text, now);
        if (date == null) {
            return null;
        }
        Duration wait = Duration.between(now, date);
        return wait.isNegative() ? Duration.ZERO : wait;
    }

    private static boolean isNumber(String text) {
        return !text.isEmpty() && text.chars().allMatch(c -> c >= '0' && c <= '9');
    }

    /**
     * A date in one of HTTP's three formats.
     *
     * @param now where the century of a year of two digits comes from
     * @return null if it is none
     */
    public static @Nullable Instant date(String text, Instant now) {
        for (DateTimeFormatter format : new DateTimeFormatter[] {
            DateTimeFormatter.RFC_1123_DATE_TIME,
            ASCTIME,
            rfc850(now.atOffset(ZoneOffset.UTC).toLocalDate())
        }) {
            try {
                TemporalAccessor parsed = format.parse(text);
                return parsed.isSupported(ChronoField.INSTANT_SECONDS)
                        ? Instant.from(parsed)
                        : LocalDateTime.from(parsed).toInstant(ZoneOffset.UTC);
            } catch (DateTimeException notThisOne) {
                // the next
            }
        }
        return null;
    }

    /** Years of two digits are those within 50 years from now. */
    private static DateTimeFormatter rfc850(LocalDate today) {
        return new DateTimeFormatterBuilder()
                .parseCaseInsensitive()
                .appendPattern("EEEE, dd-MMM-")
                .appendValueReduced(ChronoField.YEAR, 2, 2, today.minusYears(49))
                .appendPattern(" HH:mm:ss")
                .appendLiteral(" GMT")
                .toFormatter(Locale.US)
                .withZone(ZoneOffset.UTC);
    }
}

package io.weir.ratelimit;

import io.weir.internal.RetryAfterHeader;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Reads the numbers, durations and dates that rate-limit headers are made of. What can't be read is a value below 0, never an exception. */
final class HeaderValues {
    /** Not of any known form, or out of any sensible range. */
    static final long UNREADABLE = -1;

    /** Readable, but farther away than the caller cares for. */
    static final long TOO_FAR = -2;

    /** Longer values are not looked at. */
    static final int MAX_LENGTH = 1_024;

    private static final int MAX_SHORT_VALUE = 64;
    private static final double MAX_NUMBER = 1e15;
    private static final double EPOCH_SECONDS_FROM = 1e9;
    private static final double EPOCH_MILLIS_FROM = 1e11;

    private HeaderValues() {}

    /** A number of digits with or without a fraction; below 0 if it is none, or more than {@code max}. */
    static double number(String value, double max) {
        String text = value.strip();
        int points = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '.') {
                points++;
            } else if (c < '0' || c > '9') {
                return UNREADABLE;
            }
        }
        if (text.isEmpty()
                || text.length() > MAX_SHORT_VALUE
                || points > 1
                || text.startsWith(".")
                || text.endsWith(".")) {
            return UNREADABLE;
        }
        double number = Double.parseDouble(text);
        return number <= max ? number : UNREADABLE;
    }

    /**
     * When a window ends: seconds from now, seconds or milliseconds since 1970, a duration ({@code 6m0s}, {@code 20ms}), RFC 3339, or a date
     * of HTTP.
     *
     * @return nanoseconds from {@code now}, 0 for what has passed; or {@link #UNREADABLE} or {@link #TOO_FAR}
     */
    static long reset(String value, Instant now, long maxNanos) {
        String text = value.strip();
        if (text.isEmpty() || text.length() > MAX_SHORT_VALUE) {
            return UNREADABLE;
        }
        double number = number(text, MAX_NUMBER);
        if (number >= EPOCH_MILLIS_FROM) {
            return within(millisUntil(number, now) / 1e3, maxNanos);
        }
        if (number >= EPOCH_SECONDS_FROM) {
            return within(millisUntil(number * 1e3, now) / 1e3, maxNanos);
        }
        if (number >= 0) {
            return within(number, maxNanos);
        }
        double seconds = duration(text);
        if (seconds >= 0) {
            return within(seconds, maxNanos);
        }
        Instant date = date(text, now);
        return date == null ? UNREADABLE : within(secondsUntil(date, now), maxNanos);
    }

    /** A number of seconds from now; as {@link #reset}. */
    static long seconds(String value, long maxNanos) {
        double seconds = number(value, MAX_NUMBER);
        return seconds < 0 ? UNREADABLE : within(seconds, maxNanos);
    }

    /** {@code Retry-After}; as {@link #reset}. */
    static long retryAfter(String value, Instant now, long maxNanos) {
        Duration wait = RetryAfterHeader.read(value, now);
        return wait == null ? UNREADABLE : within(wait.getSeconds() + wait.getNano() / 1e9, maxNanos);
    }

    private static long within(double seconds, long maxNanos) {
        double nanos = Math.ceil(Math.max(0, seconds) * TimeUnit.SECONDS.toNanos(1));
        return nanos <= maxNanos ? (long) nanos : TOO_FAR;
    }

    private static double millisUntil(double epochMillis, Instant now) {
        return epochMillis - now.getEpochSecond() * 1e3 - now.getNano() / 1e6;
    }

    private static double secondsUntil(Instant date, Instant now) {
        return date.getEpochSecond() - now.getEpochSecond() + (date.getNano() - now.getNano()) / 1e9;
    }

    private static @Nullable Instant date(String text, Instant now) {
        if (text.charAt(0) >= '0' && text.charAt(0) <= '9') {
            try {
                return OffsetDateTime.parse(text.replace(' ', 'T').toUpperCase(Locale.ROOT))
                        .toInstant();
            } catch (DateTimeException notRfc3339) {
                return null;
            }
        }
        return RetryAfterHeader.date(text, now);
    }

    /** Numbers with units, largest first or not: {@code 1h30m}, {@code 1.5s}; below 0 if it is none. */
    private static double duration(String text) {
        double sum = 0;
        int at = 0;
        while (at < text.length()) {
            int unit = at;
            while (unit < text.length() && (text.charAt(unit) == '.' || Character.isDigit(text.charAt(unit)))) {
                unit++;
            }
            int next = unit;
            while (next < text.length() && text.charAt(next) != '.' && !Character.isDigit(text.charAt(next))) {
                next++;
            }
            double number = number(text.substring(at, unit), MAX_NUMBER);
            double scale = scale(text.substring(unit, next));
            if (number < 0 || scale < 0) {
                return UNREADABLE;
            }
            sum += number * scale;
            at = next;
        }
        return sum;
    }

    private static double scale(String unit) {
        return switch (unit) {
            case "ns" -> 1e-9;
            case "us", "µs" -> 1e-6;
            case "ms" -> 1e-3;
            case "s" -> 1;
            case "m" -> 60;
            case "h" -> 3_600;
            case "d" -> 86_400;
            default -> UNREADABLE;
        };
    }
}

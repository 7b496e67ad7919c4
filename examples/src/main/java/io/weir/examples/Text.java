package io.weir.examples;

import java.time.Duration;
import java.util.Locale;

/** Numbers as people read them; the same in every locale. */
final class Text {
    private Text() {}

    /** With thousands apart, and up to one decimal place if it isn't whole. */
    static String number(double value) {
        String text = String.format(Locale.ROOT, "%,.1f", value);
        return text.endsWith(".0") ? text.substring(0, text.length() - 2) : text;
    }

    static String count(long value) {
        return String.format(Locale.ROOT, "%,d", value);
    }

    /** With the unit that fits. */
    static String millis(double micros) {
        if (Double.isNaN(micros)) {
            return "-";
        }
        double ms = micros / 1000;
        return ms < 10
                ? String.format(Locale.ROOT, "%.1f ms", ms)
                : ms < 10_000
                        ? String.format(Locale.ROOT, "%.0f ms", ms)
                        : String.format(Locale.ROOT, "%.1f s", ms / 1000);
    }

    static String seconds(long nanos) {
        return String.format(Locale.ROOT, "%.1f s", nanos / 1e9);
    }

    static String duration(Duration duration) {
        return number(duration.toNanos() / 1e9) + " s";
    }
}

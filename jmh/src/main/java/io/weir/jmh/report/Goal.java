package io.weir.jmh.report;

import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;

/**
 * One row of the table of goals.
 *
 * @param note what the reader must know of the figures; "" if nothing
 */
record Goal(String id, String work, List<Claim> claims, String note) {

    enum Verdict {
        HOLDS("✓"),
        SHORT("✗"),
        NOT_MEASURED("–");

        private final String sign;

        Verdict(String sign) {
            this.sign = sign;
        }

        String sign() {
            return sign;
        }
    }

    /** HOLDS if all of it was measured and holds. */
    Verdict verdict() {
        if (claims.stream().anyMatch(claim -> claim.verdict() == Verdict.SHORT)) {
            return Verdict.SHORT;
        }
        return claims.stream().allMatch(claim -> claim.verdict() == Verdict.HOLDS)
                ? Verdict.HOLDS
                : Verdict.NOT_MEASURED;
    }

    /**
     * One number, and what it may be.
     *
     * @param bound the most, or the least, that it may be
     */
    record Claim(String what, OptionalDouble measured, boolean atMost, double bound, String unit) {

        static Claim atMost(double bound, String unit, String what, OptionalDouble measured) {
            return new Claim(what, measured, true, bound, unit);
        }

        static Claim atLeast(double bound, String unit, String what, OptionalDouble measured) {
            return new Claim(what, measured, false, bound, unit);
        }

        Verdict verdict() {
            if (measured.isEmpty()) {
                return Verdict.NOT_MEASURED;
            }
            double value = measured.getAsDouble();
            return (atMost ? value <= bound : value >= bound) ? Verdict.HOLDS : Verdict.SHORT;
        }

        /** What it may be. */
        String goal() {
            return (atMost ? "≤ " : "≥ ") + number(bound) + unit;
        }

        /** The number, its bound, and by how much it misses it. */
        String say() {
            if (measured.isEmpty()) {
                return "not measured (" + goal() + ")";
            }
            double value = measured.getAsDouble();
            String text = number(value) + unit + " (" + goal() + ")";
            if (verdict() != Verdict.SHORT) {
                return text;
            }
            double factor = atMost ? value / bound : bound / value;
            return text + ", short by "
                    + (factor < 2 ? number((factor - 1) * 100) + " %" : "a factor of " + number(factor));
        }

        /** Two digits where there are few before the point. */
        static String number(double value) {
            double size = Math.abs(value);
            String format = size >= 100 ? "%.0f" : size >= 10 ? "%.1f" : "%.2f";
            String text = String.format(Locale.ROOT, format, value);
            return text.contains(".") ? text.replaceAll("\\.?0+$", "") : text;
        }
    }
}

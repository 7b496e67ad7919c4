package io.weir.internal.config;

import java.math.BigDecimal;
import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads the values that people write. What can't be read is an {@link IllegalArgumentException} that says what is allowed. */
public final class Words {
    private static final Pattern PART = Pattern.compile("(\\d+(?:\\.\\d+)?)\\s*(ns|us|µs|ms|s|m|h|d)\\s*");
    private static final Pattern NUMBER = Pattern.compile("[+-]?(\\d+\\.?\\d*|\\.\\d+)([eE][+-]?\\d+)?");
    private static final int MAX_LENGTH = 10_000;
    private static final BigDecimal MOST_NANOS = new BigDecimal(Long.MAX_VALUE);

    private Words() {}

    static IllegalArgumentException allowed(String what) {
        return new IllegalArgumentException("allowed is " + what);
    }

    private static String text(Object value) {
        String text = value.toString().strip();
        if (text.length() > MAX_LENGTH) {
            throw allowed("at most " + MAX_LENGTH + " characters");
        }
        return text;
    }

    /** A whole number. */
    static int integer(Object value) {
        try {
            return Integer.parseInt(text(value).replace("_", ""));
        } catch (NumberFormatException e) {
            throw allowed("a whole number, up to " + Integer.MAX_VALUE);
        }
    }

    /** A number, with a fraction or without. Not what Java reads besides: a "10d" is meant for ten days. */
    static double number(Object value) {
        String text = text(value).replace("_", "");
        double number = NUMBER.matcher(text).matches() ? Double.parseDouble(text) : Double.NaN;
        if (!Double.isFinite(number)) {
            throw allowed("a number");
        }
        return number;
    }

    /** A share: {@code 0.5} or {@code 50%}. */
    static double share(Object value) {
        String text = text(value);
        try {
            return text.endsWith("%") ? number(text.substring(0, text.length() - 1)) / 100 : number(text);
        } catch (IllegalArgumentException e) {
            throw allowed("a share, such as 0.5 or 50%");
        }
    }

    static boolean flag(Object value) {
        return switch (text(value).toLowerCase(Locale.ROOT)) {
            case "true", "on", "yes" -> true;
            case "false", "off", "no" -> false;
            default -> throw allowed("true or false");
        };
    }

    /**
     * A duration: {@code 500ms}, {@code 1m30s}, {@code 1.5h}, or as ISO 8601 has it, {@code PT1M30S}.
     *
     * @param value its text
     */
    public static Duration duration(Object value) {
        String text = text(value);
        if (text.startsWith("P") || text.startsWith("p") || text.startsWith("-P")) {
            try {
                return Duration.parse(text);
            } catch (DateTimeParseException e) {
                throw notADuration();
            }
        }
        Matcher part = PART.matcher(text);
        BigDecimal nanos = BigDecimal.ZERO;
        int end = 0;
        while (part.find() && part.start() == end) {
            nanos = nanos.add(new BigDecimal(part.group(1)).multiply(new BigDecimal(nanosOf(part.group(2)))));
            end = part.end();
        }
        if (end == 0 || end < text.length() || nanos.compareTo(MOST_NANOS) > 0) {
            throw notADuration();
        }
        return Duration.ofNanos(nanos.longValue());
    }

    private static IllegalArgumentException notADuration() {
        return allowed(
                "a duration up to 292 years, in ns, us, ms, s, m, h and d (500ms, 1m30s) or as in ISO 8601 (PT1M30S)");
    }

    private static long nanosOf(String unit) {
        return switch (unit) {
            case "ns" -> 1;
            case "us", "µs" -> 1_000;
            case "ms" -> 1_000_000;
            case "s" -> 1_000_000_000;
            case "m" -> 60_000_000_000L;
            case "h" -> 3_600_000_000_000L;
            default -> 86_400_000_000_000L;
        };
    }

    /** So many tokens in so much time. */
    record Rate(double tokens, Duration period) {}

    /** A rate: {@code 100/1s}, {@code 3000/m}, or {@code 100}, which is a second's. */
    static Rate rate(Object value) {
        String text = text(value);
        int slash = text.indexOf('/');
        try {
            if (slash < 0) {
                return new Rate(number(text), Duration.ofSeconds(1));
            }
            String period = text.substring(slash + 1).strip();
            boolean unitOnly = !period.isEmpty() && Character.isLetter(period.charAt(0)) && period.charAt(0) != 'P';
            return new Rate(number(text.substring(0, slash)), duration(unitOnly ? "1" + period : period));
        } catch (IllegalArgumentException e) {
            throw allowed("a rate, such as 100/1s, 3000/1m, or 100, which is a second's");
        }
    }

    /**
     * The parts of a list with commas between them; those in brackets don't count.
     *
     * @param value its text, or a collection of parts
     */
    public static List<String> list(Object value) {
        if (value instanceof Collection<?> parts) {
            return parts.stream().map(String::valueOf).toList();
        }
        String text = text(value);
        List<String> parts = new ArrayList<>();
        int depth = 0;
        int from = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            depth += c == '(' ? 1 : c == ')' ? -1 : 0;
            if (c == ',' && depth == 0) {
                parts.add(text.substring(from, i).strip());
                from = i + 1;
            }
        }
        parts.add(text.substring(from).strip());
        if (parts.contains("")) {
            throw allowed("a list with commas between its parts, none of them empty");
        }
        return parts;
    }

    /**
     * A word with values in brackets.
     *
     * @param word what it is called
     * @param values what is in the brackets
     */
    record Term(String word, List<String> values) {
        String at(int index) {
            return values.get(index);
        }

        boolean is(String name, int least, int most) {
            return word.equals(name) && values.size() >= least && values.size() <= most;
        }
    }

    /** {@code word} or {@code word(value, value)}. */
    static Term term(Object value) {
        String text = text(value);
        int open = text.indexOf('(');
        if (open < 0) {
            return new Term(text, List.of());
        }
        if (!text.endsWith(")")) {
            throw allowed("a word, or a word with values in brackets");
        }
        return new Term(text.substring(0, open).strip(), list(text.substring(open + 1, text.length() - 1)));
    }

    /** Exceptions, by their classes' names, or the classes. */
    static Class<? extends Throwable>[] failures(Object value) {
        List<Class<? extends Throwable>> types = new ArrayList<>();
        for (Object each : value instanceof Collection<?> given ? given : list(value)) {
            types.add(each instanceof Class<?> type ? type.asSubclass(Throwable.class) : failure(each.toString()));
        }
        @SuppressWarnings({"unchecked", "rawtypes"}) // Java has no arrays of a generic type
        Class<? extends Throwable>[] array = types.toArray(new Class[0]);
        return array;
    }

    private static Class<? extends Throwable> failure(String name) {
        ClassLoader loader = Thread.currentThread().getContextClassLoader();
        try {
            return Class.forName(name, false, loader == null ? Words.class.getClassLoader() : loader)
                    .asSubclass(Throwable.class);
        } catch (ClassNotFoundException | LinkageError e) {
            throw allowed("classes of exceptions by their full names; " + name + " is not to be found");
        } catch (ClassCastException e) {
            throw allowed("classes of exceptions; " + name + " is none");
        }
    }

    /**
     * The known word that is most like one that isn't known; null if none is at all.
     *
     * @param unknown what was written
     * @param known what could have been meant
     */
    public static @Nullable String nearest(String unknown, Collection<String> known) {
        String nearest = null;
        int least = Integer.MAX_VALUE;
        for (String each : known) {
            int distance = distance(unknown, each);
            if (distance < least) {
                least = distance;
                nearest = each;
            }
        }
        return nearest != null && least <= Math.max(2, nearest.length() / 2) ? nearest : null;
    }

    /**
     * How to go on after an unknown word: the nearest known one, or all.
     *
     * @param unknown what was written
     * @param known what could have been meant
     */
    public static String suggestion(String unknown, Collection<String> known) {
        String nearest = nearest(unknown, known);
        if (nearest != null) {
            return "did you mean '" + nearest + "'?";
        }
        return known.isEmpty() ? "there are none" : "allowed is one of " + String.join(", ", known);
    }

    /** Of Levenshtein: how many letters to insert, to drop or to exchange. */
    static int distance(String a, String b) {
        if (a.length() > 200 || b.length() > 200) {
            return Integer.MAX_VALUE;
        }
        int[] row = new int[b.length() + 1];
        for (int j = 0; j < row.length; j++) {
            row[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j < row.length; j++) {
                int above = row[j];
                int exchanged = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                row[j] = Math.min(exchanged, 1 + Math.min(above, row[j - 1]));
                diagonal = above;
            }
        }
        return row[b.length()];
    }
}

package io.weir.ratelimit;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * What a response's headers say of its service's rate limits: the quotas, and how long to stay away. Reads the many forms of
 * {@code X-RateLimit-*}, the families of OpenAI, Anthropic, Linear and Kong, the IETF's {@code RateLimit} and {@code RateLimit-Policy}
 * (draft-ietf-httpapi-ratelimit-headers), and {@code Retry-After} (RFC 9110). What can't be read, contradicts itself or stands there twice
 * is left out and counted; nothing is thrown. The work is bounded: a few comparisons a header, and no value is looked at that is longer
 * than {@value HeaderValues#MAX_LENGTH} characters.
 */
final class RateLimitHeaders {
    private static final String[] PREFIXES = {"x-ratelimit-", "x-rate-limit-", "ratelimit-", "x-rl-"};
    private static final String ANTHROPIC = "anthropic-ratelimit-";
    private static final String RETRY_AFTER = "retry-after";
    private static final String IETF = "ratelimit";
    private static final String IETF_POLICY = "ratelimit-policy";
    private static final int MAX_NAME = 64;
    private static final double MAX_TOKENS = 1e12;
    private static final long DEFAULT_RESET_NANOS = TimeUnit.SECONDS.toNanos(60);

    /** By the name of the header that says what remains: where the rest is to be found. */
    private static final Map<String, Names> BY_REMAINING = names();

    /** The names of one policy's headers. */
    private record Names(int rank, String limit, String reset, long windowNanos) {
        /** One of a family says what remains of one resource only, and so stands beside the others; the plain ones are tried in order. */
        static final int FAMILY = PREFIXES.length;
    }

    private static Map<String, Names> names() {
        Map<String, Long> families = new HashMap<>();
        for (String resource : List.of("requests", "tokens", "input-tokens", "output-tokens")) {
            families.put(resource, 0L);
        }
        families.put("second", TimeUnit.SECONDS.toNanos(1));
        families.put("minute", TimeUnit.MINUTES.toNanos(1));
        families.put("hour", TimeUnit.HOURS.toNanos(1));
        families.put("day", TimeUnit.DAYS.toNanos(1));
        Map<String, Names> names = new HashMap<>();
        for (int rank = 0; rank < PREFIXES.length; rank++) {
            String prefix = PREFIXES[rank];
            names.put(prefix + "remaining", new Names(rank, prefix + "limit", prefix + "reset", 0));
            families.forEach((family, window) -> names.put(
                    prefix + "remaining-" + family,
                    new Names(Names.FAMILY, prefix + "limit-" + family, prefix + "reset-" + family, window)));
            families.forEach((family, window) -> putAfter(names, prefix + family, window));
        }
        families.forEach((family, window) -> putAfter(names, ANTHROPIC + family, window));
        return Map.copyOf(names);
    }

    private static void putAfter(Map<String, Names> names, String start, long windowNanos) {
        names.put(start + "-remaining", new Names(Names.FAMILY, start + "-limit", start + "-reset", windowNanos));
    }

    /** What was read. */
    record Reading(List<Quota> quotas, long retryAfterNanos, int ignored) {
        boolean hasRetryAfter() {
            return retryAfterNanos >= 0;
        }
    }

    private final Instant now;
    private final long maxPauseNanos;

    /** Relevant headers by lower-case name; null for one that stands there twice, is too long, or is no string. */
    private final Map<String, @Nullable String> values = new HashMap<>();

    private final List<Quota> quotas = new ArrayList<>();
    private int ignored;

    private RateLimitHeaders(Instant now, long maxPauseNanos) {
        this.now = now;
        this.maxPauseNanos = maxPauseNanos;
    }

    /**
     * Reads.
     *
     * @param headers by name, in any case; values are strings or collections of strings, others are no headers
     * @param now what dates are compared to
     * @param maxPauseNanos what lies farther in the future is left out
     */
    static Reading read(Map<String, ?> headers, Instant now, long maxPauseNanos) {
        RateLimitHeaders reader = new RateLimitHeaders(now, maxPauseNanos);
        headers.forEach(reader::collect);
        reader.readPlain();
        reader.readIetf();
        long retryAfter = reader.readRetryAfter();
        return new Reading(List.copyOf(reader.quotas), retryAfter, reader.ignored);
    }

    private void collect(@Nullable String name, @Nullable Object value) {
        if (name == null || name.length() > MAX_NAME || !mayMatter(name)) {
            return;
        }
        String lower = name.toLowerCase(Locale.ROOT);
        String text = lower.equals(IETF) || lower.equals(IETF_POLICY) ? joined(value) : single(value);
        if (values.containsKey(lower)) {
            text = null;
        } else if (text != null && text.length() > HeaderValues.MAX_LENGTH) {
            text = null;
        }
        values.put(lower, text);
    }

    private static boolean mayMatter(String name) {
        return name.regionMatches(true, 0, RETRY_AFTER, 0, RETRY_AFTER.length())
                || name.regionMatches(true, 0, IETF, 0, IETF.length())
                || name.regionMatches(true, 0, "x-r", 0, 3)
                || name.regionMatches(true, 0, ANTHROPIC, 0, ANTHROPIC.length());
    }

    private static @Nullable String single(@Nullable Object value) {
        if (value instanceof Collection<?> several) {
            return several.size() == 1 && several.iterator().next() instanceof String one ? one : null;
        }
        return value instanceof String text ? text : null;
    }

    /** The lines of a structured field are one list. */
    private static @Nullable String joined(@Nullable Object value) {
        if (!(value instanceof Collection<?> several)) {
            return single(value);
        }
        StringBuilder joined = new StringBuilder();
        for (Object line : several) {
            if (!(line instanceof String text) || joined.length() + text.length() > HeaderValues.MAX_LENGTH) {
                return null;
            }
            joined.append(joined.isEmpty() ? "" : ",").append(text);
        }
        return joined.toString();
    }

    // ---- one header a number

    private void readPlain() {
        Quota[] plain = new Quota[PREFIXES.length];
        values.forEach((name, value) -> {
            Names names = BY_REMAINING.get(name);
            if (names != null) {
                Quota quota = quota(value, names);
                if (quota != null && names.rank < PREFIXES.length) {
                    plain[names.rank] = quota;
                } else if (quota != null) {
                    quotas.add(quota);
                }
            }
        });
        for (Quota first : plain) {
            if (first != null) {
                quotas.add(first);
                return;
            }
        }
    }

    private @Nullable Quota quota(@Nullable String value, Names names) {
        double remaining = value == null || value.indexOf(',') >= 0 ? HeaderValues.UNREADABLE : amount(value);
        if (remaining < 0) { // two lines joined into one contradict each other as two lines do
            ignored++;
            return null;
        }
        double limit = Double.NaN;
        long window = names.windowNanos;
        if (values.containsKey(names.limit)) {
            String text = values.get(names.limit);
            limit = amount(text);
            if (limit < 0) {
                ignored++;
                limit = Double.NaN;
            } else if (text != null && window == 0) {
                window = windowOf(text);
            }
        }
        if (remaining > limit) {
            ignored++;
            return null;
        }
        String reset = values.get(names.reset);
        boolean told = values.containsKey(names.reset);
        long resetNanos = reset == null ? HeaderValues.UNREADABLE : HeaderValues.reset(reset, now, maxPauseNanos);
        ignored += told && resetNanos < 0 ? 1 : 0;
        return new Quota(limit, remaining, resetNanos >= 0 ? resetNanos : defaultReset(window), window);
    }

    private static long defaultReset(long windowNanos) {
        return windowNanos > 0 ? windowNanos : DEFAULT_RESET_NANOS;
    }

    /** {@code 100}, and what comes first in {@code 100, 100;w=60} or {@code 76;w=21600}. */
    private static double amount(@Nullable String text) {
        return text == null ? HeaderValues.UNREADABLE : HeaderValues.number(text.split("[,;]", 2)[0], MAX_TOKENS);
    }

    /** The window that a limit's own parameters tell, if it is one and the same. */
    private long windowOf(String text) {
        long window = 0;
        for (String part : text.split("[,;]", -1)) {
            String parameter = part.strip();
            if (parameter.startsWith("w=")) {
                long told = HeaderValues.seconds(parameter.substring(2), maxPauseNanos);
                if (told <= 0 || window > 0) {
                    return 0;
                }
                window = told;
            }
        }
        return window;
    }

    // ---- the IETF's

    private void readIetf() {
        if (!values.containsKey(IETF)) {
            return;
        }
        List<StructuredItem> items = structured(IETF);
        List<StructuredItem> policies = values.containsKey(IETF_POLICY) ? structured(IETF_POLICY) : List.of();
        if (items.isEmpty()) {
            return;
        }
        if (items.get(0).parameter("r") == null && items.get(0).name().contains("=")) {
            readDictionary(items);
            return;
        }
        for (StructuredItem item : items) {
            String remaining = item.parameter("r");
            StructuredItem policy = policies.stream()
                    .filter(each -> each.name().equals(item.name()))
                    .findFirst()
                    .orElse(null);
            String limit = policy == null ? null : policy.parameter("q");
            String window = policy == null ? null : policy.parameter("w");
            addIetf(remaining, limit, item.parameter("t"), window);
        }
    }

    /** {@code limit=100, remaining=50, reset=5}, as in the draft's versions 3 to 7. */
    private void readDictionary(List<StructuredItem> members) {
        Map<String, String> dictionary = new HashMap<>();
        for (StructuredItem member : members) {
            int equals = member.name().indexOf('=');
            if (equals > 0) {
                dictionary.putIfAbsent(
                        member.name().substring(0, equals), member.name().substring(equals + 1));
            }
        }
        addIetf(dictionary.get("remaining"), dictionary.get("limit"), dictionary.get("reset"), null);
    }

    private void addIetf(
            @Nullable String remaining, @Nullable String limit, @Nullable String reset, @Nullable String window) {
        double left = amount(remaining);
        double most = limit == null ? Double.NaN : amount(limit);
        if (left < 0 || left > most || most < 0) {
            ignored++;
            return;
        }
        long windowNanos = window == null ? 0 : HeaderValues.seconds(window, maxPauseNanos);
        long resetNanos = reset == null ? HeaderValues.UNREADABLE : HeaderValues.seconds(reset, maxPauseNanos);
        ignored += (windowNanos < 0 ? 1 : 0) + (reset != null && resetNanos < 0 ? 1 : 0);
        long known = Math.max(0, windowNanos);
        quotas.add(new Quota(most, left, resetNanos >= 0 ? resetNanos : defaultReset(known), known));
    }

    private List<StructuredItem> structured(String name) {
        String text = values.get(name);
        List<StructuredItem> items = text == null ? List.of() : StructuredItem.list(text);
        ignored += items.isEmpty() ? 1 : 0;
        return items;
    }

    // ---- Retry-After

    private long readRetryAfter() {
        if (!values.containsKey(RETRY_AFTER)) {
            return HeaderValues.UNREADABLE;
        }
        String text = values.get(RETRY_AFTER);
        long wait = text == null ? HeaderValues.UNREADABLE : HeaderValues.retryAfter(text, now, maxPauseNanos);
        ignored += wait < 0 ? 1 : 0;
        return wait;
    }
}

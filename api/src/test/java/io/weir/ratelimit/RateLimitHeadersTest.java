package io.weir.ratelimit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.weir.WeirRuntime;
import io.weir.testkit.VirtualTime;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Contract section 5: what services send, from a table, and what nobody should send, at random. */
class RateLimitHeadersTest {
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
    private static final double INITIAL = 1_000;
    private static final double MAX_TOKENS = 200_000;
    private static final double MIN = 0.001;
    private static final double SAFETY = 0.9;
    private static final long DAY = Duration.ofHours(24).toNanos();

    private record Vector(String title, int status, Map<String, List<String>> headers, String outcome) {
        @Override
        public String toString() {
            return title;
        }
    }

    static List<Vector> vectors() throws IOException {
        List<Vector> vectors = new ArrayList<>();
        try (InputStream in = RateLimitHeadersTest.class.getResourceAsStream("rate-limit-headers.txt")) {
            String text = new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8);
            for (String block : text.split("\n\n")) {
                List<String> lines =
                        block.lines().filter(line -> !line.startsWith("#")).toList();
                if (!lines.isEmpty()) {
                    vectors.add(vector(lines));
                }
            }
        }
        assertThat(vectors).hasSizeGreaterThanOrEqualTo(60);
        return vectors;
    }

    private static Vector vector(List<String> lines) {
        int status = 200;
        Map<String, List<String>> headers = new LinkedHashMap<>();
        for (String line : lines.subList(1, lines.size() - 1)) {
            String[] pair = line.split(":", 2);
            if (pair[0].equals("status")) {
                status = Integer.parseInt(pair[1].strip());
            } else {
                headers.computeIfAbsent(pair[0], name -> new ArrayList<>()).add(pair[1].substring(1));
            }
        }
        return new Vector(lines.get(0), status, headers, lines.get(lines.size() - 1));
    }

    private static double told(Vector vector, String word, double otherwise) {
        Matcher matcher = Pattern.compile(word + " ([0-9.]+)").matcher(vector.outcome);
        return matcher.find() ? Double.parseDouble(matcher.group(1)) : otherwise;
    }

    private static AdaptiveRateLimiter limiter(VirtualTime time) {
        WeirRuntime runtime = time.runtimeBuilder().build();
        return AdaptiveRateLimiter.builder("api")
                .initialRate(INITIAL)
                .maxTokens(MAX_TOKENS)
                .minRate(MIN)
                .runtime(runtime)
                .build();
    }

    @ParameterizedTest
    @MethodSource("vectors")
    void headersAreReadAsTheirDocumentationSays(Vector vector) {
        VirtualTime time = new VirtualTime(-7, NOW);
        AdaptiveRateLimiter limiter = limiter(time);
        limiter.updateFromHeaders(vector.status, vector.headers);

        assertThat(limiter.metrics().ignored()).isEqualTo((long) told(vector, "ignored", 0));
        Matcher fraction = Pattern.compile("=> ([0-9.]+)/([0-9.]+)").matcher(vector.outcome);
        if (!fraction.find()) {
            assertThat(vector.outcome).startsWith("=> nothing");
            assertThat(limiter.ratePerSecond()).isEqualTo(INITIAL);
            assertThat(limiter.availableTokens()).isEqualTo(MAX_TOKENS);
            assertThat(limiter.metrics().updates()).isZero();
            return;
        }
        double left = Double.parseDouble(fraction.group(1));
        double seconds = Double.parseDouble(fraction.group(2));
        double rate = Math.max(left / seconds * SAFETY, MIN);
        assertThat(limiter.metrics().updates()).isEqualTo(1);
        assertThat(limiter.ratePerSecond()).isCloseTo(rate, within(rate * 1e-9));
        double scaled = MAX_TOKENS * Math.min(1, rate / INITIAL);
        double cap = told(vector, "cap", left) * SAFETY;
        double pause = told(vector, "pause", 0);
        double tokens = pause > 0 ? 0 : Math.min(cap, scaled);
        assertThat(limiter.availableTokens()).isCloseTo(tokens, within(1e-5 + tokens * 1e-9));

        if (pause > 0) {
            assertThat(limiter.tryAcquireNanos(MAX_TOKENS)).isGreaterThan((long) (pause * 1e9));
            time.advance(Duration.ofNanos((long) (pause * 1e9) - 1));
            assertThat(limiter.availableTokens()).isZero();
        }
        double target = told(vector, "target", INITIAL);
        time.advance(Duration.ofNanos(2 * DAY + 1));
        assertThat(limiter.ratePerSecond()).isCloseTo(target, within(target * 1e-9));
    }

    // ---- at random

    private static final String[] NAMES = {
        "x-ratelimit-limit",
        "X-RateLimit-Remaining",
        "X-RATELIMIT-RESET",
        "x-rate-limit-remaining",
        "x-rate-limit-reset",
        "ratelimit",
        "RateLimit-Policy",
        "ratelimit-remaining",
        "ratelimit-reset",
        "retry-after",
        "x-rl-remaining",
        "x-ratelimit-remaining-requests",
        "x-ratelimit-reset-requests",
        "x-ratelimit-remaining-day",
        "anthropic-ratelimit-tokens-remaining",
        "anthropic-ratelimit-tokens-reset",
        "x-ratelimit-",
        "content-type"
    };
    private static final String ALPHABET = "0123456789.,;:=\"\\ -+eEmshdTZrqtw\u0000\u0661\u00b5é%/";

    private static String value(SplittableRandom random) {
        String[] seeds = {
            "50",
            "0",
            "100;w=60",
            "1767225660",
            "1767225660000",
            "6m0s",
            "20ms",
            "1.5s",
            "2026-01-01T00:00:30Z",
            "\"default\";r=50;t=30",
            "\"default\";q=100;w=60",
            "limit=100, remaining=50, reset=5",
            "Thu, 01 Jan 2026 00:00:10 GMT",
            "99999999999999999999999",
            "-1",
            "NaN",
            ""
        };
        StringBuilder text = new StringBuilder(seeds[random.nextInt(seeds.length)]);
        for (int mutations = random.nextInt(4); mutations > 0; mutations--) {
            int at = random.nextInt(text.length() + 1);
            char c = ALPHABET.charAt(random.nextInt(ALPHABET.length()));
            switch (random.nextInt(3)) {
                case 0 -> text.insert(at, c);
                case 1 -> text.delete(Math.min(at, text.length()), Math.min(at + 1 + random.nextInt(3), text.length()));
                default -> text.append(text, 0, Math.min(at, text.length()));
            }
        }
        return text.toString();
    }

    /**
     * A million mutated header sets in the long form ({@code -Dweir.headers=1000000}); replay one with {@code -Dweir.seed}. Nothing is thrown,
     * every quota is one that could be, and a rate is never more than all that could be read as remaining, within a second.
     */
    @Test
    void noHeadersThrowOrMakeARateThatNobodyTold() {
        Long only = Long.getLong("weir.seed");
        long sets = Long.getLong("weir.headers", 100_000);
        for (long seed = only == null ? 1 : only; seed <= (only == null ? sets : only); seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            Map<String, Object> headers = new LinkedHashMap<>();
            for (int i = random.nextInt(6); i >= 0; i--) {
                String value = value(random);
                Object sent = switch (random.nextInt(8)) {
                    case 0 -> List.of(value, value(random));
                    case 1 -> random.nextInt();
                    case 2 -> List.of();
                    default -> value;
                };
                headers.put(NAMES[random.nextInt(NAMES.length)], sent);
            }
            RateLimitHeaders.Reading reading = RateLimitHeaders.read(headers, NOW, DAY);
            for (Quota quota : reading.quotas()) {
                assertThat(quota.remaining()).as("seed %d: %s", seed, headers).isBetween(0.0, 1e12);
                assertThat(quota.resetNanos()).as("seed %d: %s", seed, headers).isBetween(0L, DAY);
                assertThat(quota.windowNanos()).as("seed %d: %s", seed, headers).isBetween(0L, DAY);
                assertThat(quota.perSecond())
                        .as("seed %d: %s", seed, headers)
                        .isLessThanOrEqualTo(Math.max(largestNumber(headers), 0));
                assertThat(quota.limit() < quota.remaining())
                        .as("seed %d: %s", seed, headers)
                        .isFalse();
            }
            assertThat(reading.retryAfterNanos())
                    .as("seed %d: %s", seed, headers)
                    .isLessThanOrEqualTo(DAY);
        }
    }

    /** The largest number that stands anywhere in the headers. */
    private static double largestNumber(Map<String, Object> headers) {
        double largest = 0;
        Matcher numbers =
                Pattern.compile("[0-9]+(\\.[0-9]+)?").matcher(headers.values().toString());
        while (numbers.find()) {
            largest = Math.max(largest, Double.parseDouble(numbers.group()));
        }
        return largest;
    }

    @Test
    void aLimiterThatHearsGarbageStaysWithinItsBounds() {
        VirtualTime time = new VirtualTime(Long.MAX_VALUE - 1_000_000_000_000L, NOW);
        AdaptiveRateLimiter limiter = limiter(time);
        for (long seed = 1; seed <= 5_000; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            Map<String, Object> headers = new LinkedHashMap<>();
            for (int i = 0; i < 3; i++) {
                headers.put(NAMES[random.nextInt(NAMES.length)], value(random));
            }
            limiter.updateFromHeaders(random.nextInt(600), headers);
            assertThat(limiter.ratePerSecond()).as("seed %d: %s", seed, headers).isBetween(MIN, 1e12);
            assertThat(limiter.availableTokens()).isBetween(0.0, MAX_TOKENS);
            time.advance(Duration.ofMillis(random.nextInt(100_000)));
        }
    }

    @Test
    void aHeaderOfAMegabyteIsNotLookedAt() {
        String megabyte = "9".repeat(1 << 20);
        Map<String, Object> headers = new LinkedHashMap<>();
        for (String name : NAMES) {
            headers.put(name, megabyte);
        }
        headers.put("x-ratelimit-" + megabyte, "1");
        headers.put("RateLimit-Policy", List.of(megabyte, megabyte));
        long began = System.nanoTime();
        for (int i = 0; i < 100; i++) {
            RateLimitHeaders.Reading reading = RateLimitHeaders.read(headers, NOW, DAY);
            assertThat(reading.quotas()).isEmpty();
        }
        // 100 readings of 20 MB each: were they looked at, this would take seconds.
        assertThat(System.nanoTime() - began).isLessThan(2_000_000_000L);
    }
}

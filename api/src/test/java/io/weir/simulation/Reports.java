package io.weir.simulation;

import io.weir.ratelimit.AdaptiveRateLimiter;
import java.util.Map;
import java.util.function.Consumer;

/** What a service says of its limits, by script, and what a limiter that follows it may grant then. */
final class Reports {
    private static final double MIN = 1;
    private static final double SAFETY = 0.9;
    private static final long SECOND = 1_000_000_000L;

    private final World world;
    private final String name;
    private final double initial;
    private final double max;
    final Grants grants;
    private int telling;
    private boolean overlapping;
    private double fastest;
    private long pausedUntil = Long.MIN_VALUE;
    private int pausedStep;
    long updates;
    long ignored;
    /** Where the rate must come to if nothing more is said; not known if less than 0. */
    private double target;

    /**
     * One response.
     *
     * @param rate what it makes of the rate; 0 if it says nothing
     * @param cap on the tokens in hand
     * @param reset until it climbs, in seconds
     * @param pause in seconds, 0 if there is none
     * @param ignored how many headers say nothing
     * @param target where it climbs to; less than 0 if that depends on what was said before
     */
    record Report(
            int status,
            Map<String, String> headers,
            double rate,
            double cap,
            int reset,
            int pause,
            int ignored,
            double target) {}

    Reports(World world, String name, double initial, double max) {
        this.world = world;
        this.name = name;
        this.initial = initial;
        this.max = max;
        this.target = initial;
        grants = new Grants(world, name, initial, max);
        grants.lingers();
    }

    private static double rate(double remaining, int reset) {
        return Math.max(remaining / Math.max(reset, 1) * SAFETY, MIN);
    }

    private Report next() {
        int limit = 1 + world.random.nextInt(100);
        int left = 1 + world.random.nextInt(limit);
        int reset = world.random.nextInt(20);
        int other = world.random.nextInt(20);
        String l = String.valueOf(limit);
        String r = String.valueOf(left);
        String s = String.valueOf(reset);
        return switch (world.random.nextInt(8)) {
            case 0 ->
                new Report(
                        200,
                        Map.of("X-RateLimit-Limit", l, "x-ratelimit-remaining", r, "X-RATELIMIT-RESET", s),
                        rate(left, reset),
                        left * SAFETY,
                        reset,
                        0,
                        0,
                        -1);
            case 1 ->
                new Report(
                        200,
                        Map.of("x-rl-limit", l, "x-rl-remaining", "0", "x-rl-reset", s),
                        MIN,
                        0,
                        reset,
                        reset,
                        0,
                        -1);
            case 2 -> {
                int window = 1 + other;
                yield new Report(
                        200,
                        Map.of(
                                "RateLimit",
                                "\"p\";r=" + r + ";t=" + s,
                                "RateLimit-Policy",
                                "\"p\";q=" + l + ";w=" + window),
                        rate(left, reset),
                        left * SAFETY,
                        reset,
                        0,
                        0,
                        Math.max(MIN, Math.min(initial, (double) limit / window)));
            }
            case 3 -> new Report(429, Map.of("Retry-After", s), MIN, 0, reset, reset, 0, initial);
            case 4 ->
                new Report(
                        503,
                        Map.of("Retry-After", s, "ratelimit-remaining", r, "ratelimit-reset", String.valueOf(other)),
                        MIN,
                        0,
                        reset,
                        reset,
                        0,
                        initial);
            case 5 ->
                new Report(
                        200,
                        world.random.nextBoolean()
                                ? Map.of("x-ratelimit-remaining", "-5")
                                : Map.of("x-ratelimit-limit", l, "x-ratelimit-remaining", "1000"),
                        0,
                        0,
                        0,
                        0,
                        1,
                        0);
            case 6 -> {
                int less = 1 + world.random.nextInt(20);
                boolean first = (double) left / Math.max(reset, 1) < (double) less / Math.max(other, 1)
                        || (double) left / Math.max(reset, 1) == (double) less / Math.max(other, 1) && reset > other;
                yield new Report(
                        200,
                        Map.of(
                                "x-ratelimit-remaining-requests",
                                r,
                                "x-ratelimit-reset-requests",
                                s,
                                "x-ratelimit-remaining-tokens",
                                String.valueOf(less),
                                "x-ratelimit-reset-tokens",
                                String.valueOf(other)),
                        first ? rate(left, reset) : rate(less, other),
                        Math.min(left, less) * SAFETY,
                        first ? reset : other,
                        0,
                        0,
                        initial);
            }
            default -> new Report(200, Map.of("ratelimit-remaining", r), rate(left, 60), left * SAFETY, 60, 0, 0, -1);
        };
    }

    /**
     * Tells the next one.
     *
     * @param limiter to be looked at; null if it can't be
     * @param telling by whoever follows
     */
    void tell(AdaptiveRateLimiter limiter, Consumer<Report> teller) {
        Report report = next();
        world.log(() -> name + " hears " + report);
        ignored += report.ignored;
        if (report.rate == 0) {
            teller.accept(report);
            return;
        }
        updates++;
        overlapping = telling++ > 0;
        fastest = overlapping ? Math.max(fastest, report.rate) : report.rate;
        long reset = Math.max(world.elapsed(), world.clock() + report.reset * SECOND);
        long told = world.now();
        pausedUntil = Long.MIN_VALUE; // if it was told again meanwhile, nobody knows
        grants.changing(Math.max(fastest, overlapping ? initial : 0), max);
        try {
            teller.accept(report);
        } finally {
            telling--;
        }
        if (telling > 0) {
            overlapping = true;
        } else if (overlapping || world.mode == World.Mode.STOPPED && fastest > report.rate) {
            target = -1;
            grants.changed(Math.max(fastest, initial), max, false);
            overlapping = false;
        } else {
            target = report.target;
            grants.changed(report.rate, max, false);
            grants.from(report.reset * SECOND - (world.now() - told), Math.max(report.rate, initial));
            if (world.mode == World.Mode.PROMPT
                    && report.pause > 0
                    && world.tasks() == 0) { // else: granted before, and not seen yet
                pausedUntil = reset;
                pausedStep = world.step;
            }
            if (limiter != null && world.mode != World.Mode.STOPPED) {
                world.check(
                        Math.abs(limiter.ratePerSecond() - report.rate) < 1e-9,
                        Invariant.TOKENS,
                        () -> name + " has a rate of " + limiter.ratePerSecond() + " after " + report);
                world.check(
                        limiter.availableTokens() <= report.cap + 1e-6,
                        Invariant.TOKENS,
                        () -> name + " has " + limiter.availableTokens() + " after " + report);
            }
        }
    }

    void granted(double tokens) {
        grants.add(tokens);
        world.check(
                tokens == 0 || world.elapsed() >= pausedUntil || world.step <= pausedStep,
                Invariant.TOKENS,
                () -> name + " grants at " + world.elapsed() + " and was told to pause until " + pausedUntil);
    }

    /** When nobody waits any more: the rate climbs to where it was before, or where the service has its limit. */
    void checkThatItRecovers(AdaptiveRateLimiter limiter) {
        for (int i = 0; i < 500 && world.armedTimers() > 0; i++) {
            world.advance(Math.max(0, world.untilNextDeadline()));
            while (world.fireTimer() || world.runTask()) {
                // on its way
            }
        }
        double rate = limiter.ratePerSecond();
        world.check(
                rate >= MIN && (target < 0 ? rate <= initial : Math.abs(rate - target) < 1e-9),
                Invariant.TOKENS,
                () -> name + " comes to a rate of " + rate + ", must come to " + target + ", from " + MIN + " to "
                        + initial);
    }
}

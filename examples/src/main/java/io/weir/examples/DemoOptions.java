package io.weir.examples;

import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The demo's arguments, checked.
 *
 * @param url the service to call; null for the demo's own
 * @param rate calls a second
 * @param limit requests a second that the client's limiter lets through
 * @param duration of the load
 * @param report where the report goes
 * @param plain whether to print plain lines even on a terminal
 * @param help whether to explain the arguments, and nothing else
 */
record DemoOptions(
        @Nullable URI url, double rate, double limit, Duration duration, Path report, boolean plain, boolean help) {
    static final String HELP = """
            Usage: bin/demo [options]

            Runs an HTTP service on loopback whose faults follow a script (healthy, slow, failing, rate-limiting,
            healthy again), calls it through a circuit breaker, a retry and a rate limiter with an open-loop load,
            shows it live, and writes a report. On something else than a terminal it prints a line a second.

              --url URL         call this service (http or https) with GET in place of the demo's own
              --rate N          calls a second, 0.1 to 50000              (default 200)
              --limit N         requests a second the limiter lets through, 0.1 to 1000000
                                                                          (default 1.25 times the rate)
              --duration TIME   of the load, 1s to 24h, such as 90s or 1.5m   (default 20s)
              --report FILE     where the HTML report goes                (default target/demo-report.html)
              --plain           plain lines even on a terminal
              --help            this text

            NO_COLOR in the environment turns colours off, TERM=dumb the live view.
            Ctrl-C ends the load, and the report is written of what there is.

            Exit code: 0 all is well; 1 the numbers don't add up, or the demo could not run; 2 a bad argument;
            130 ended by Ctrl-C.
            """;

    private static final Pattern TIME = Pattern.compile("(\\d+(?:\\.\\d+)?)(ms|s|m|h)");
    private static final Duration SHORTEST = Duration.ofSeconds(1);
    private static final Duration LONGEST = Duration.ofHours(24);

    /** An argument that can't be; the message names it, its value, and what is allowed. */
    static final class BadArgument extends Exception {
        private static final long serialVersionUID = 1L;

        BadArgument(String message) {
            super(message);
        }
    }

    /**
     * Reads the arguments.
     *
     * @param args {@code --name value} or {@code --name=value}
     * @param home the folder that the default report goes to, in its {@code target}
     */
    static DemoOptions parse(List<String> args, Path home) throws BadArgument {
        URI url = null;
        double rate = 200;
        double limit = Double.NaN;
        Duration duration = Duration.ofSeconds(20);
        Path report = home.resolve("target/demo-report.html");
        boolean plain = false;
        boolean help = false;
        Set<String> seen = new HashSet<>();
        for (int i = 0; i < args.size(); i++) {
            String arg = args.get(i);
            int equals = arg.startsWith("--") ? arg.indexOf('=') : -1;
            String name = equals < 0 ? arg : arg.substring(0, equals);
            String value = equals < 0 ? null : arg.substring(equals + 1);
            switch (name) {
                case "--plain", "--help", "-h" -> {
                    if (value != null) {
                        throw new BadArgument(name + " = '" + value + "': allowed is no value");
                    }
                    plain |= name.equals("--plain");
                    help |= !name.equals("--plain");
                    continue;
                }
                case "--url", "--rate", "--limit", "--duration", "--report" -> {
                    if (value == null) {
                        if (++i == args.size()) {
                            throw new BadArgument(name + " has no value: allowed is " + name + " VALUE, see --help");
                        }
                        value = args.get(i);
                    }
                }
                default ->
                    throw new BadArgument("'" + arg + "' is no argument of the demo: allowed are --url, --rate,"
                            + " --limit, --duration, --report, --plain and --help");
            }
            if (!seen.add(name)) {
                throw new BadArgument(name + " = '" + value + "': allowed once, it was given before");
            }
            switch (name) {
                case "--url" -> url = url(value);
                case "--rate" -> rate = number(name, value, 0.1, 50_000);
                case "--limit" -> limit = number(name, value, 0.1, 1_000_000);
                case "--duration" -> duration = duration(value);
                default -> report = report(value);
            }
        }
        return new DemoOptions(url, rate, Double.isNaN(limit) ? 1.25 * rate : limit, duration, report, plain, help);
    }

    private static URI url(String value) throws BadArgument {
        try {
            URI url = new URI(value);
            String scheme = url.getScheme() == null ? "" : url.getScheme().toLowerCase(Locale.ROOT);
            boolean http = scheme.equals("http") || scheme.equals("https");
            boolean plain = url.getRawUserInfo() == null
                    && url.getRawFragment() == null
                    && !("" + url.getRawPath()).matches("(?i)(.*/)?(\\.|%2e){1,2}(/.*)?");
            if (http && plain && url.getHost() != null && url.getPort() <= 65_535) {
                return url;
            }
        } catch (URISyntaxException e) {
            // said below
        }
        throw new BadArgument("--url = '" + value + "': allowed is http://HOST[:PORT][/PATH], or https");
    }

    private static double number(String name, String value, double min, double max) throws BadArgument {
        try {
            double number = Double.parseDouble(value);
            if (number >= min && number <= max) {
                return number;
            }
        } catch (NumberFormatException e) {
            // said below
        }
        throw new BadArgument(
                name + " = '" + value + "': allowed is a number from " + Text.number(min) + " to " + Text.number(max));
    }

    private static Duration duration(String value) throws BadArgument {
        Duration duration = null;
        Matcher time = TIME.matcher(value.toLowerCase(Locale.ROOT));
        if (time.matches() && value.length() <= 12) {
            double unit = switch (time.group(2)) {
                case "ms" -> 1e6;
                case "s" -> 1e9;
                case "m" -> 60e9;
                default -> 3600e9;
            };
            duration = Duration.ofNanos((long) (Double.parseDouble(time.group(1)) * unit));
        } else {
            try {
                duration = Duration.parse(value);
            } catch (DateTimeParseException e) {
                // said below
            }
        }
        if (duration == null || duration.compareTo(SHORTEST) < 0 || duration.compareTo(LONGEST) > 0) {
            throw new BadArgument(
                    "--duration = '" + value + "': allowed is 1s to 24h, such as 20s, 1500ms, 2m or PT20S");
        }
        return duration;
    }

    private static Path report(String value) throws BadArgument {
        try {
            Path path = Path.of(value).toAbsolutePath().normalize();
            Path folder = path;
            while (folder.getParent() != null && !Files.exists(folder.getParent())) {
                folder = folder.getParent();
            }
            Path existing = folder.getParent();
            boolean possible = existing != null && Files.isDirectory(existing) && Files.isWritable(existing);
            if (!value.isEmpty() && possible && !Files.isDirectory(path)) {
                return path;
            }
        } catch (InvalidPathException e) {
            // said below
        }
        throw new BadArgument("--report = '" + value + "': allowed is a file in a folder that can be written to");
    }
}

package io.weir.http;

import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Where a client's requests go. A path is put behind the base, and can't lead out of it: not to another host, and not up by {@code ".."},
 * however that is spelled, as paths are often made of what somebody typed.
 */
final class BaseUrl {
    private static final String ALLOWED_PATH =
            "allowed is a path below the base URL, with what isn't allowed in a URL percent-encoded, and no \"..\", scheme, host or"
                    + " fragment";

    private final URI base;
    /** Without a slash at its end. */
    private final String text;

    private BaseUrl(URI base, String text) {
        this.base = base;
        this.text = text;
    }

    static BaseUrl of(String url) {
        Objects.requireNonNull(url, "baseUrl");
        URI uri;
        try {
            uri = new URI(url);
        } catch (URISyntaxException e) { // not as the cause: it holds the whole URL
            throw bad(url, e.getReason());
        }
        String scheme = uri.getScheme() == null ? "" : uri.getScheme().toLowerCase(Locale.ROOT);
        if (!scheme.equals("http") && !scheme.equals("https")) {
            throw bad(url, "the scheme is another");
        }
        if (uri.getHost() == null) {
            throw bad(url, "there is no host");
        }
        if (uri.getRawUserInfo() != null || uri.getRawQuery() != null || uri.getRawFragment() != null) {
            throw bad(url, "it has a user, query or fragment: give a key by auth(...)");
        }
        if (climbs(uri.getRawPath())) {
            throw bad(url, "its path has \".\" or \"..\"");
        }
        String text = uri.toASCIIString();
        int end = text.length();
        while (text.charAt(end - 1) == '/') {
            end--;
        }
        return new BaseUrl(uri, text.substring(0, end));
    }

    private static IllegalArgumentException bad(String url, String why) {
        boolean mayHoldSecret = url.indexOf('@') >= 0 || url.indexOf('?') >= 0 || url.indexOf('#') >= 0;
        return new IllegalArgumentException("baseUrl = " + (mayHoldSecret ? "(not shown)" : "'" + printable(url) + "'")
                + ": allowed is http or https, a host, perhaps a port and a path, and nothing more; " + why);
    }

    boolean isSecure() {
        return base.getScheme().equalsIgnoreCase("https");
    }

    /** Host and port, a client's name unless it is given another. */
    String authority() {
        return base.getRawAuthority();
    }

    /**
     * The URL of a request.
     *
     * @param path below the base; may have a query of its own
     * @param query further parameters, to be encoded
     */
    URI resolve(String path, Map<String, ?> query) {
        Objects.requireNonNull(path, "path");
        String pathOnly = pathOnly(path);
        if (path.startsWith("//") || path.indexOf('#') >= 0 || namesScheme(path) || climbs(pathOnly)) {
            throw badPath(path, null);
        }
        String slash = path.isEmpty() || path.startsWith("/") || path.startsWith("?") ? "" : "/";
        String joint = path.indexOf('?') < 0 ? "?" : "&";
        URI uri;
        try {
            uri = new URI(URI.create(text + slash + checked(path) + encoded(query, joint))
                    .toASCIIString());
        } catch (IllegalArgumentException | URISyntaxException e) {
            throw badPath(path, e instanceof URISyntaxException s ? s.getReason() : reason(e));
        }
        // What was checked above can't lead out; this is the check that would see what those have overlooked.
        if (!base.getRawAuthority().equals(uri.getRawAuthority())
                || !base.getScheme().equals(uri.getScheme())) {
            throw badPath(path, null);
        }
        return uri;
    }

    private static @Nullable String reason(Exception e) {
        return e.getCause() instanceof URISyntaxException syntax ? syntax.getReason() : null;
    }

    private static String checked(String path) throws URISyntaxException {
        for (int i = 0; i < path.length(); i++) {
            if (Character.isISOControl(path.charAt(i))) {
                throw new URISyntaxException("path", "control character at index " + i);
            }
        }
        return path;
    }

    private static IllegalArgumentException badPath(String path, @Nullable String why) {
        String shown = path.indexOf('@') >= 0 ? "(not shown)" : "'" + printable(pathOnly(path)) + "'";
        return new IllegalArgumentException(
                "path = " + shown + ": " + ALLOWED_PATH + (why == null ? "" : "; " + why.toLowerCase(Locale.ROOT)));
    }

    /** The path for messages: its query may hold what is nobody's business. */
    static String pathOnly(String path) {
        int end = path.indexOf('?');
        return end < 0 ? path : path.substring(0, end);
    }

    static String printable(String text) {
        StringBuilder line = new StringBuilder();
        for (int i = 0; i < text.length() && i < 200; i++) {
            char c = text.charAt(i);
            line.append(Character.isISOControl(c) ? '?' : c);
        }
        return line.toString();
    }

    private static boolean namesScheme(String path) {
        int colon = path.indexOf("://");
        return colon > 0 && path.substring(0, colon).chars().allMatch(Character::isLetterOrDigit);
    }

    /** Whether a segment is "." or "..", plain or percent-encoded, behind a slash or what some servers take for one. */
    private static boolean climbs(String path) {
        String plain = path.toLowerCase(Locale.ROOT)
                .replace("%2e", ".")
                .replace("%2f", "/")
                .replace("%5c", "/")
                .replace("%3b", ";")
                .replace('\\', '/');
        for (String segment : plain.split("/", -1)) {
            int parameters = segment.indexOf(';'); // "..;" is ".." to some servers
            String name = parameters < 0 ? segment : segment.substring(0, parameters);
            if (name.equals(".") || name.equals("..")) {
                return true;
            }
        }
        return false;
    }

    /** The parameters, percent-encoded; {@code joint} comes first if there are any. */
    static String encoded(Map<String, ?> query, String joint) {
        StringBuilder text = new StringBuilder();
        for (Map.Entry<String, ?> parameter : query.entrySet()) {
            Object value = Objects.requireNonNull(parameter.getValue(), () -> "query parameter " + parameter.getKey());
            for (Object each : value instanceof Iterable<?> several ? several : List.of(value)) {
                text.append(text.length() == 0 ? joint : "&");
                encode(parameter.getKey(), text);
                text.append('=');
                encode(String.valueOf(each), text);
            }
        }
        return text.toString();
    }

    /** Percent-encodes all but the unreserved characters of RFC 3986. */
    static void encode(String raw, StringBuilder into) {
        for (byte b : raw.getBytes(StandardCharsets.UTF_8)) {
            char c = (char) (b & 0xff);
            boolean plain =
                    c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || "-._~".indexOf(c) >= 0;
            if (plain) {
                into.append(c);
            } else {
                into.append('%')
                        .append(Character.toUpperCase(Character.forDigit(c >> 4, 16)))
                        .append(Character.toUpperCase(Character.forDigit(c & 15, 16)));
            }
        }
    }

    @Override
    public String toString() {
        return text;
    }
}

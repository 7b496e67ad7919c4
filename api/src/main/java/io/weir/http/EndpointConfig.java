package io.weir.http;

import java.time.Duration;
import java.util.Collections;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Where an {@link Endpoint} is and how it is spoken to. Immutable; compared by value. Its key and the values of its headers are in no
 * {@link #toString}.
 */
public final class EndpointConfig {
    private final String name;
    private final String provider;
    private final String baseUrl;
    private final PathTemplate path;
    private final Map<String, String> pathParameters;
    private final String method;
    private final String contentType;
    private final Auth auth;
    private final Map<String, String> headers;
    private final Duration timeout;

    private EndpointConfig(Builder builder, String baseUrl) {
        this.name = builder.name;
        this.provider = builder.provider;
        this.baseUrl = baseUrl;
        this.path = PathTemplate.of(builder.path);
        this.pathParameters = Map.copyOf(builder.pathParameters);
        this.method = builder.method;
        this.contentType = builder.contentType;
        this.auth = builder.auth;
        TreeMap<String, String> copy = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        copy.putAll(builder.headers);
        this.headers = Collections.unmodifiableMap(copy);
        this.timeout = builder.timeout;
    }

    /**
     * Begins a configuration.
     *
     * @param name of the endpoint, for messages, events and metrics
     */
    public static Builder builder(String name) {
        return new Builder(name);
    }

    /** A builder that begins with these values. */
    public Builder toBuilder() {
        Builder builder = new Builder(name)
                .provider(provider)
                .baseUrl(baseUrl)
                .path(path.toString())
                .method(method)
                .contentType(contentType)
                .auth(auth)
                .timeout(timeout);
        builder.pathParameters.putAll(pathParameters);
        builder.headers.putAll(headers);
        return builder;
    }

    public String name() {
        return name;
    }

    /** Who offers the endpoint; empty if that wasn't said. */
    public String provider() {
        return provider;
    }

    public String baseUrl() {
        return baseUrl;
    }

    /** The path below the base URL, with its parameters as {@code {name}}. */
    public String path() {
        return path.toString();
    }

    public String method() {
        return method;
    }

    public String contentType() {
        return contentType;
    }

    public Auth auth() {
        return auth;
    }

    /** How long one attempt may take. */
    public Duration timeout() {
        return timeout;
    }

    PathTemplate template() {
        return path;
    }

    Map<String, String> pathParameters() {
        return pathParameters;
    }

    Map<String, String> headers() {
        return headers;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof EndpointConfig that
                && that.name.equals(name)
                && that.provider.equals(provider)
                && that.baseUrl.equals(baseUrl)
                && that.path().equals(path())
                && that.pathParameters.equals(pathParameters)
                && that.method.equals(method)
                && that.contentType.equals(contentType)
                && that.auth.equals(auth)
                && that.headers.equals(headers)
                && that.timeout.equals(timeout);
    }

    @Override
    public int hashCode() {
        return Objects.hash(name, provider, baseUrl, path(), pathParameters, method, contentType, auth, timeout);
    }

    /** All but the key and the headers' values. */
    @Override
    public String toString() {
        return "EndpointConfig(" + name + (provider.isEmpty() ? "" : ", " + provider) + ", " + method + " " + baseUrl
                + (path().startsWith("/") ? "" : "/") + path + ", " + auth + ", headers=" + headers.keySet()
                + ", timeout="
                + timeout + ")";
    }

    /** Builds configurations. Not thread-safe. */
    public static final class Builder {
        private final String name;
        private String provider = "";
        private @Nullable String baseUrl;
        private String path = "";
        private final Map<String, String> pathParameters = new TreeMap<>();
        private String method = "POST";
        private String contentType = RequestBody.JSON;
        private Auth auth = Auth.none();
        private final Map<String, String> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        private Duration timeout = Duration.ofMinutes(5);

        private Builder(String name) {
            this.name = Objects.requireNonNull(name, "name");
        }

        /**
         * Who offers the endpoint.
         *
         * @param provider for people; nothing by default
         */
        public Builder provider(String provider) {
            this.provider = Objects.requireNonNull(provider, "provider");
            return this;
        }

        /**
         * Where the provider is. Required.
         *
         * @param baseUrl {@code http} or {@code https}, a host, perhaps a port and a path
         */
        public Builder baseUrl(String baseUrl) {
            this.baseUrl = Objects.requireNonNull(baseUrl, "baseUrl");
            return this;
        }

        /**
         * The path below the base URL.
         *
         * @param template may have parameters, as in {@code /v1/{model}/chat}; empty by default
         */
        public Builder path(String template) {
            this.path = Objects.requireNonNull(template, "path");
            return this;
        }

        /**
         * What a parameter of the path is, unless a call says otherwise.
         *
         * @param parameter as in the path
         * @param value will be encoded, slashes too; at least one character, and neither {@code "."} nor {@code ".."}
         */
        public Builder pathParameter(String parameter, String value) {
            pathParameters.put(
                    Objects.requireNonNull(parameter, "parameter"), Objects.requireNonNull(value, parameter));
            return this;
        }

        /**
         * The method.
         *
         * @param method any but {@code CONNECT}; {@code POST} by default
         */
        public Builder method(String method) {
            this.method = Headers.requireMethod(method);
            return this;
        }

        /**
         * What the requests are.
         *
         * @param contentType {@code application/json} by default, written by the codec; {@code application/x-www-form-urlencoded} takes
         *     maps; any other takes text or bytes
         */
        public Builder contentType(String contentType) {
            Headers.requireValue("Content-Type", contentType);
            this.contentType = contentType;
            return this;
        }

        /**
         * Who the caller is.
         *
         * @param auth {@link Auth#bearer}, {@link Auth#apiKey} or {@link Auth#none}, the default
         */
        public Builder auth(Auth auth) {
            this.auth = Objects.requireNonNull(auth, "auth");
            return this;
        }

        /**
         * A header that every request has, in the place of an earlier one of this name.
         *
         * @param header any case; none that the transport sets itself, as {@code Host}
         * @param value never shown
         */
        public Builder defaultHeader(String header, String value) {
            Headers.requireName(header);
            Headers.requireValue(header, value);
            headers.put(header, value);
            return this;
        }

        /**
         * How long one attempt may take, from the connection to the end of the body.
         *
         * @param timeout more than 0, at most 1 day; 300 s by default
         */
        public Builder timeout(Duration timeout) {
            this.timeout = Headers.requireTimeout("timeout", timeout);
            return this;
        }

        /**
         * The configuration.
         *
         * @throws IllegalArgumentException if the base URL is missing or none, the path isn't one, or has no such parameter as was given
         */
        public EndpointConfig build() {
            if (baseUrl == null) {
                throw new IllegalArgumentException(
                        "baseUrl is missing: required is http or https, a host, perhaps a port and a path");
            }
            EndpointConfig config = new EndpointConfig(this, BaseUrl.of(baseUrl).toString());
            pathParameters.keySet().forEach(config.path::requireKnown);
            return config;
        }
    }
}

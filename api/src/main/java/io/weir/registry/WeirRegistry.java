package io.weir.registry;

import io.weir.Guard;
import io.weir.WeirRuntime;
import io.weir.breaker.CircuitBreaker;
import io.weir.guard.AdaptiveBulkhead;
import io.weir.guard.Bulkhead;
import io.weir.guard.Timeout;
import io.weir.internal.config.Kind;
import io.weir.internal.config.Kinds;
import io.weir.internal.config.Maker;
import io.weir.ratelimit.AdaptiveRateLimiter;
import io.weir.ratelimit.EndpointRateLimiter;
import io.weir.ratelimit.TokenBucketRateLimiter;
import io.weir.retry.Retry;
import io.weir.retry.RetryConfig;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import java.util.function.Consumer;

/**
 * Guards by kind and name, with shared defaults: from code, from a file, or both. A guard is made when it is first asked for, or when the file
 * names it, and then is the same for all who ask. What a guard is like is the sum of four descriptions, of which each later one wins: the
 * registry's defaults in code, the file's defaults, what code says of this guard, what the file says of this guard.
 *
 * <h2>Keys</h2>
 *
 * <p>{@code weir.<kind>.<name>.<parameter>} for one guard, {@code weir.<kind>.default.<parameter>} for all of its kind; names may hold dots.
 * {@code weir.pipeline.<name>} lists kinds, outermost first: {@code breaker, retry, limiter:shared} are the breaker and the retry of the
 * pipeline's own name, and the limiter called shared. Keys that don't begin with {@code weir.} are left alone; every other unknown key is an
 * error.
 *
 * <table>
 * <caption>Parameters; what has no default here is required, or off</caption>
 * <tr><th>kind</th><th>parameter (default)</th></tr>
 * <tr><td>breaker</td><td>failure-threshold (5) or failure-detection: consecutive(n), cumulative(n), count-window(size, rate[, minimum
 *     calls[, slow duration, slow rate]]), time-window(duration, rate[, …]); recovery-time (30s); open-backoff (fixed) or exponential(factor,
 *     longest[, jitter]); half-open-max-calls (1); half-open-success-threshold (1); trial-timeout (60s); excluding</td></tr>
 * <tr><td>retry</td><td>max-retries (3); base-delay (1s); max-delay (60s); backoff-factor (2); jitter (true); jitter-factor (20%); retry-on
 *     (all); excluding; honour-retry-after (max-delay); retry-rejections (false); budget, such as 20%, 10: retries a call, and a second
 *     besides; attempt-timeout; overall-timeout</td></tr>
 * <tr><td>limiter</td><td>rate; max-tokens (rate); initial-tokens (max-tokens); max-waiters (10000)</td></tr>
 * <tr><td>keyed-limiter</td><td>default-rate (10/1s); default-max-tokens (default-rate); max-waiters (10000); max-keys (10000); overflow
 *     (share) or deny, admit; overrides: acme=500/1s, globex=200/1s</td></tr>
 * <tr><td>adaptive-limiter</td><td>initial-rate; max-tokens (initial-rate); max-waiters (10000); min-rate, a second (1); safety-factor (90%);
 *     max-pause (24h)</td></tr>
 * <tr><td>timeout</td><td>duration; cancel-running (true)</td></tr>
 * <tr><td>bulkhead</td><td>max-concurrent (25); max-waiters (0); max-wait</td></tr>
 * <tr><td>adaptive-bulkhead</td><td>algorithm (gradient) or aimd, vegas; initial (20); min (1); max (1000); max-waiters (0); max-wait</td></tr>
 * </table>
 *
 * <p>Durations are {@code 500ms}, {@code 10s}, {@code 1m30s}, {@code 2h}, {@code 1d}, or as in ISO 8601; rates {@code 100/1s}, {@code 3000/1m},
 * {@code 100} (a second); shares {@code 0.5} or {@code 50%}; retry-on and excluding are exceptions by their classes' full names, with commas.
 *
 * <h2>Changes while in use</h2>
 *
 * <p>{@link #reload} takes a whole new file. All of it is checked first: if anything is wrong with it, or it changes what can't change in use,
 * nothing changes. Else every guard whose description has changed follows, and keeps what it is in the middle of:
 *
 * <ul>
 *   <li>limiter: everything; those who wait are timed anew, tokens and debt are carried over. Keyed limiter: the overrides.
 *   <li>breaker: everything but from when on a call is slow. Another failure detection begins at once with an empty window, without a
 *       transition; a recovery time counts from the next opening on. A trial timeout stays at least the longest call of the {@link
 *       io.weir.http.Endpoint}s that were built with it.
 *   <li>retry: everything but whether it has the timeouts; calls under way follow at their next failure.
 *   <li>timeout: everything; calls under way keep the limit that they began with. Bulkhead: max-concurrent and max-wait.
 *   <li>All else can't change in use: an adaptive limiter's rates and a keyed one's default, who may wait at a bulkhead, a pipeline's parts.
 * </ul>
 *
 * <p>Guards that were {@link #add}ed ready-made, and those that the file no longer names, go on; the latter with the defaults. Thread-safe; no
 * method blocks. Functions given to a registry describe builders, and may be called again, by several threads and for guards that are then
 * thrown away.
 */
public final class WeirRegistry implements AutoCloseable {
    static {
        Maker.Access.set(registry -> ((WeirRegistry) registry).guards);
    }

    private final Guards guards;

    private WeirRegistry(Guards guards) {
        this.guards = guards;
    }

    /**
     * A registry from a file's keys.
     *
     * @param settings keys as above; values are strings, numbers, booleans, or collections of strings
     * @throws IllegalArgumentException naming everything that is wrong
     */
    public static WeirRegistry of(Map<String, ?> settings) {
        return builder().settings(settings).build();
    }

    /**
     * A registry from properties, those that they have by default included.
     *
     * @param settings keys as above
     * @throws IllegalArgumentException naming everything that is wrong
     */
    public static WeirRegistry of(Properties settings) {
        return builder().settings(settings).build();
    }

    public static Builder builder() {
        return new Builder();
    }

    private static Map<String, String> asMap(Properties properties) {
        Map<String, String> map = new LinkedHashMap<>();
        properties.stringPropertyNames().stream().sorted().forEach(key -> map.put(key, properties.getProperty(key)));
        return map;
    }

    // ---- guards

    /** The circuit breaker of a name. */
    public CircuitBreaker breaker(String name) {
        return breaker(name, builder -> {});
    }

    /**
     * The circuit breaker of a name.
     *
     * @param description of one that isn't there yet
     */
    public CircuitBreaker breaker(String name, Consumer<? super CircuitBreaker.Builder> description) {
        return guards.obtain(Kinds.BREAKER, name, description);
    }

    /** The retry of a name. */
    public Retry retry(String name) {
        return retry(name, builder -> {});
    }

    /**
     * The retry of a name.
     *
     * @param description of one that isn't there yet
     */
    public Retry retry(String name, Consumer<? super RetryConfig.Builder> description) {
        return guards.obtain(Kinds.RETRY, name, description);
    }

    /** The token bucket of a name; its rate must be given by the file, or as a default. */
    public TokenBucketRateLimiter limiter(String name) {
        return limiter(name, builder -> {});
    }

    /**
     * The token bucket of a name.
     *
     * @param description of one that isn't there yet
     */
    public TokenBucketRateLimiter limiter(String name, Consumer<? super TokenBucketRateLimiter.Builder> description) {
        return guards.obtain(Kinds.LIMITER, name, description);
    }

    /** The keyed limiter of a name. */
    public EndpointRateLimiter keyedLimiter(String name) {
        return keyedLimiter(name, builder -> {});
    }

    /**
     * The keyed limiter of a name.
     *
     * @param description of one that isn't there yet
     */
    public EndpointRateLimiter keyedLimiter(String name, Consumer<? super EndpointRateLimiter.Builder> description) {
        return guards.obtain(Kinds.KEYED_LIMITER, name, description);
    }

    /** The adaptive limiter of a name; its initial rate must be given by the file, or as a default. */
    public AdaptiveRateLimiter adaptiveLimiter(String name) {
        return adaptiveLimiter(name, builder -> {});
    }

    /**
     * The adaptive limiter of a name.
     *
     * @param description of one that isn't there yet
     */
    public AdaptiveRateLimiter adaptiveLimiter(String name, Consumer<? super AdaptiveRateLimiter.Builder> description) {
        return guards.obtain(Kinds.ADAPTIVE_LIMITER, name, description);
    }

    /** The timeout of a name; its duration must be given by the file, or as a default. */
    public Timeout timeout(String name) {
        return timeout(name, builder -> {});
    }

    /**
     * The timeout of a name.
     *
     * @param description of one that isn't there yet
     */
    public Timeout timeout(String name, Consumer<? super Timeout.Builder> description) {
        return guards.obtain(Kinds.TIMEOUT, name, description);
    }

    /** The bulkhead of a name. */
    public Bulkhead bulkhead(String name) {
        return bulkhead(name, builder -> {});
    }

    /**
     * The bulkhead of a name.
     *
     * @param description of one that isn't there yet
     */
    public Bulkhead bulkhead(String name, Consumer<? super Bulkhead.Builder> description) {
        return guards.obtain(Kinds.BULKHEAD, name, description);
    }

    /** The adaptive bulkhead of a name. */
    public AdaptiveBulkhead adaptiveBulkhead(String name) {
        return adaptiveBulkhead(name, builder -> {});
    }

    /**
     * The adaptive bulkhead of a name.
     *
     * @param description of one that isn't there yet
     */
    public AdaptiveBulkhead adaptiveBulkhead(String name, Consumer<? super AdaptiveBulkhead.Builder> description) {
        return guards.obtain(Kinds.ADAPTIVE_BULKHEAD, name, description);
    }

    /**
     * The pipeline of a name: one that the file lists, or that was added.
     *
     * @throws IllegalArgumentException if there is none; the message names the nearest
     */
    public Guard pipeline(String name) {
        return guards.pipeline(name);
    }

    /**
     * Whether a guard of this type and name is there, or the file describes it. Looks only.
     *
     * @param type a class or an interface: {@link CircuitBreaker}, or {@link Guard} for any
     * @param name the guard's
     */
    public boolean knows(Class<? extends Guard> type, String name) {
        return names(type).contains(Objects.requireNonNull(name, "name"));
    }

    /**
     * The names of the guards of a type that are there, each once, the oldest guard's first.
     *
     * @param type a class or an interface: {@link CircuitBreaker}, or {@link Guard} for all
     */
    public List<String> names(Class<? extends Guard> type) {
        return List.copyOf(guards.names(Objects.requireNonNull(type, "type")));
    }

    /**
     * The guards of a type that are there, the oldest first.
     *
     * @param type a class or an interface: {@link CircuitBreaker}, or {@link Guard} for all
     * @param <G> the type
     */
    public <G extends Guard> List<G> guards(Class<G> type) {
        return guards.ofType(Objects.requireNonNull(type, "type"));
    }

    /**
     * Adds a guard that is there already, under its own name. It stays as it is, also in a reload, and isn't closed.
     *
     * @param guard of any kind
     * @param <G> its type
     * @return the same
     * @throws IllegalArgumentException if there is another of its kind and name
     */
    public <G extends Guard> G add(G guard) {
        guards.add(guard);
        return guard;
    }

    /**
     * Removes a guard, and closes it if the registry made it.
     *
     * @param guard one of this registry's
     * @return whether it was there
     * @throws IllegalStateException if a pipeline of the file's uses it: remove that first
     */
    public boolean remove(Guard guard) {
        return guards.remove(Objects.requireNonNull(guard, "guard"));
    }

    // ---- changes

    /**
     * Takes a whole new file in the place of the old one, or refuses it and changes nothing; see above for what can change.
     *
     * @param settings keys as above
     * @throws IllegalArgumentException naming everything that is wrong, or can't change in use
     */
    public void reload(Map<String, ?> settings) {
        guards.reload(settings);
    }

    /** As {@link #reload(Map)}. */
    public void reload(Properties settings) {
        guards.reload(asMap(settings));
    }

    /** Closes what it has made that can be closed, limiters and bulkheads; not what was added, nor the runtime. Idempotent. */
    @Override
    public void close() {
        guards.close();
    }

    @Override
    public String toString() {
        return "WeirRegistry" + guards;
    }

    /** Builds registries. Not thread-safe. */
    public static final class Builder {
        private WeirRuntime runtime = WeirRuntime.shared();
        private final Map<String, Consumer<?>> defaults = new LinkedHashMap<>();
        private Map<String, ?> settings = Map.of();

        private Builder() {}

        /**
         * Where the guards' time and callbacks come from.
         *
         * @param runtime the shared one by default; not closed with the registry
         */
        public Builder runtime(WeirRuntime runtime) {
            this.runtime = Objects.requireNonNull(runtime, "runtime");
            return this;
        }

        private <B> Builder defaults(Kind<?, B> kind, Consumer<? super B> description) {
            defaults.put(kind.word(), Objects.requireNonNull(description, "description"));
            return this;
        }

        /** What circuit breakers are like unless said otherwise. */
        public Builder breakers(Consumer<? super CircuitBreaker.Builder> description) {
            return defaults(Kinds.BREAKER, description);
        }

        /** What retries are like unless said otherwise. */
        public Builder retries(Consumer<? super RetryConfig.Builder> description) {
            return defaults(Kinds.RETRY, description);
        }

        /** What token buckets are like unless said otherwise. */
        public Builder limiters(Consumer<? super TokenBucketRateLimiter.Builder> description) {
            return defaults(Kinds.LIMITER, description);
        }

        /** What keyed limiters are like unless said otherwise. */
        public Builder keyedLimiters(Consumer<? super EndpointRateLimiter.Builder> description) {
            return defaults(Kinds.KEYED_LIMITER, description);
        }

        /** What adaptive limiters are like unless said otherwise. */
        public Builder adaptiveLimiters(Consumer<? super AdaptiveRateLimiter.Builder> description) {
            return defaults(Kinds.ADAPTIVE_LIMITER, description);
        }

        /** What timeouts are like unless said otherwise. */
        public Builder timeouts(Consumer<? super Timeout.Builder> description) {
            return defaults(Kinds.TIMEOUT, description);
        }

        /** What bulkheads are like unless said otherwise. */
        public Builder bulkheads(Consumer<? super Bulkhead.Builder> description) {
            return defaults(Kinds.BULKHEAD, description);
        }

        /** What adaptive bulkheads are like unless said otherwise. */
        public Builder adaptiveBulkheads(Consumer<? super AdaptiveBulkhead.Builder> description) {
            return defaults(Kinds.ADAPTIVE_BULKHEAD, description);
        }

        /**
         * A file's keys, in the place of those given before.
         *
         * @param settings keys as in {@link WeirRegistry}
         */
        public Builder settings(Map<String, ?> settings) {
            this.settings = new LinkedHashMap<>(settings);
            return this;
        }

        /** As {@link #settings(Map)}. */
        public Builder settings(Properties settings) {
            return settings(asMap(settings));
        }

        /**
         * Builds it, and the guards and pipelines that the file names.
         *
         * @throws IllegalArgumentException naming everything that is wrong
         */
        public WeirRegistry build() {
            Guards guards = new Guards(runtime, Map.copyOf(defaults));
            guards.begin(settings);
            return new WeirRegistry(guards);
        }
    }
}

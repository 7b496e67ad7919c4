package io.weir;

import io.weir.internal.Durations;
import java.time.Duration;
import java.util.Arrays;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What one call tells the guards that it passes: the tokens it costs, its key, its deadline, and values under {@link CallKey}s. Immutable
 * and compared by value; a constant that is made once costs nothing a call.
 *
 * <p>The static methods begin ({@code CallOptions.tokens(2.5)}), the instance methods go on ({@code .andKey("search")}).
 */
public final class CallOptions {
    /** One token, no key, no deadline. */
    public static final CallOptions NONE = new CallOptions(1.0, null, 0L, null, new Object[0]);

    private final double tokens;
    private final @Nullable String key;
    /** How long the call may take, counted from its beginning; 0 = no limit. */
    private final long withinNanos;

    private final @Nullable Deadline until;
    /** Keys at even places, their values behind them. */
    private final @Nullable Object[] values;

    private CallOptions(
            double tokens,
            @Nullable String key,
            long withinNanos,
            @Nullable Deadline until,
            @Nullable Object[] values) {
        this.tokens = tokens;
        this.key = key;
        this.withinNanos = withinNanos;
        this.until = until;
        this.values = values;
    }

    /**
     * Options with a cost.
     *
     * @param tokens what the call costs at rate limiters; finite and at least 0
     */
    public static CallOptions tokens(double tokens) {
        return NONE.andTokens(tokens);
    }

    /**
     * Options with a key.
     *
     * @param key the endpoint, tenant or other key that keyed limiters look at
     */
    public static CallOptions key(String key) {
        return NONE.andKey(key);
    }

    /**
     * Options with a time limit. The outermost guard enforces it, waits and retries included.
     *
     * @param limit how long the call may take, from its beginning; positive
     */
    public static CallOptions within(Duration limit) {
        return NONE.andWithin(limit);
    }

    /**
     * Options with a deadline. The outermost guard enforces it, waits and retries included.
     *
     * @param deadline when the call must have ended
     */
    public static CallOptions until(Deadline deadline) {
        return NONE.andUntil(deadline);
    }

    /**
     * Options with a value of the user's own.
     *
     * @param key names the value
     * @param value what guards and functions find under the key
     * @param <V> the type of the value
     */
    public static <V extends @Nullable Object> CallOptions with(CallKey<V> key, V value) {
        return NONE.and(key, value);
    }

    /**
     * These options with another cost.
     *
     * @param tokens what the call costs at rate limiters; finite and at least 0
     */
    public CallOptions andTokens(double tokens) {
        if (!(tokens >= 0) || Double.isInfinite(tokens)) {
            throw new IllegalArgumentException("tokens = " + tokens + ": allowed is a finite number of at least 0");
        }
        return new CallOptions(tokens, key, withinNanos, until, values);
    }

    /**
     * These options with another key.
     *
     * @param key the endpoint, tenant or other key that keyed limiters look at
     */
    public CallOptions andKey(String key) {
        return new CallOptions(tokens, Objects.requireNonNull(key, "key"), withinNanos, until, values);
    }

    /**
     * These options with a time limit; if they have a deadline too, the earlier one counts.
     *
     * @param limit how long the call may take, from its beginning; positive
     */
    public CallOptions andWithin(Duration limit) {
        long nanos = Durations.addableNanos(limit);
        if (nanos <= 0) {
            throw new IllegalArgumentException("within = " + limit + ": allowed is a positive duration");
        }
        return new CallOptions(tokens, key, nanos, until, values);
    }

    /**
     * These options with a deadline; if they have a time limit too, the earlier one counts.
     *
     * @param deadline when the call must have ended
     */
    public CallOptions andUntil(Deadline deadline) {
        return new CallOptions(tokens, key, withinNanos, Objects.requireNonNull(deadline, "deadline"), values);
    }

    /**
     * These options with a value of the user's own, in the place of an earlier one under the same key.
     *
     * @param key names the value
     * @param value what guards and functions find under the key
     * @param <V> the type of the value
     */
    public <V extends @Nullable Object> CallOptions and(CallKey<V> key, V value) {
        Objects.requireNonNull(key, "key");
        int at = indexOf(key);
        @Nullable Object[] next = Arrays.copyOf(values, at < 0 ? values.length + 2 : values.length);
        next[at < 0 ? values.length : at] = key;
        next[(at < 0 ? values.length : at) + 1] = value;
        return new CallOptions(tokens, this.key, withinNanos, until, next);
    }

    /** What the call costs at rate limiters. */
    public double tokens() {
        return tokens;
    }

    /** The key that keyed limiters look at, or null. */
    public @Nullable String key() {
        return key;
    }

    /**
     * The value under a key.
     *
     * @param key names the value
     * @param <V> the type of the value
     * @return the value, or null if there is none
     */
    @SuppressWarnings("unchecked") // and() is the only writer, and pairs a key with a value of its type
    public <V extends @Nullable Object> @Nullable V get(CallKey<V> key) {
        int at = indexOf(key);
        return at < 0 ? null : (V) values[at + 1];
    }

    /** The time limit, if any. */
    public Optional<Duration> limit() {
        return withinNanos == 0 ? Optional.empty() : Optional.of(Duration.ofNanos(withinNanos));
    }

    /** The absolute deadline, if any. */
    public Optional<Deadline> deadline() {
        return Optional.ofNullable(until);
    }

    /** Whether the call is limited in time at all. */
    public boolean hasDeadline() {
        return withinNanos != 0 || until != null;
    }

    /**
     * When a call that begins now must have ended, in nanoseconds of the runtime's clock. Only meaningful if {@link #hasDeadline()}.
     *
     * @param now the reading of that clock
     */
    public long deadlineNanos(long now) {
        if (until == null) {
            return now + withinNanos;
        }
        long left = until.nanoTime() - now;
        return now + (withinNanos == 0 ? left : Math.min(left, withinNanos));
    }

    private int indexOf(CallKey<?> key) {
        for (int i = 0; i < values.length; i += 2) {
            if (values[i] == key) {
                return i;
            }
        }
        return -1;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof CallOptions that
                && Double.compare(that.tokens, tokens) == 0
                && Objects.equals(that.key, key)
                && that.withinNanos == withinNanos
                && Objects.equals(that.until, until)
                && Arrays.equals(that.values, values);
    }

    @Override
    public int hashCode() {
        return Objects.hash(tokens, key, withinNanos, until, Arrays.hashCode(values));
    }

    /** The cost, key and limits, and the names of the keys; never their values, which may be secret. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder("CallOptions(tokens=").append(tokens);
        if (key != null) {
            text.append(", key=").append(key);
        }
        limit().ifPresent(l -> text.append(", within=").append(l));
        if (until != null) {
            text.append(", until=").append(until);
        }
        for (int i = 0; i < values.length; i += 2) {
            text.append(", ").append(values[i]);
        }
        return text.append(')').toString();
    }
}

package io.weir.ratelimit;

import io.weir.AsyncCall;
import io.weir.Call;
import io.weir.CallKey;
import io.weir.Guard;
import io.weir.RateLimitExceededException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A rate limiter with a bucket for each key: an endpoint, a tenant, an address. As a guard it takes a call's key from its options ({@link
 * io.weir.CallOptions#key}; a call without one fails with {@link IllegalArgumentException}), or from where {@link #keyedBy} says; it waits for
 * the call's tokens up to the call's deadline, and {@link #failFast()} refuses instead. Thread-safe. An interface, so that it can be mocked.
 *
 * <p>Costs are as in {@link RateLimiter}: finite and at least 0; more than the key's bucket can ever hold is an {@link
 * IllegalArgumentException}. Once closed everything but {@link #close} and {@link #metrics} throws {@link IllegalStateException}.
 */
public interface KeyedRateLimiter extends Guard {

    /** What becomes of a call whose key finds no place, as there are too many busy ones. */
    enum Overflow {
        /** Such keys share one bucket of the default rate. */
        SHARE,
        /** Such keys are refused, with an unknown wait. */
        DENY,
        /** Such keys are granted everything. */
        ADMIT
    }

    /** Takes one token of a key if it is there. */
    default boolean tryAcquire(String key) {
        return tryAcquire(key, 1);
    }

    /**
     * Takes tokens of a key if they are there and nobody waits for it.
     *
     * @param tokens how many
     */
    boolean tryAcquire(String key, double tokens);

    /**
     * Takes tokens of a key if they are there and nobody waits for it.
     *
     * @param tokens how many
     * @return 0 if taken; else the known wait in nanoseconds, {@link Long#MAX_VALUE} if it is unknown
     */
    long tryAcquireNanos(String key, double tokens);

    /**
     * Takes one token of a key, as soon as it is there.
     *
     * @return completes when the token is the caller's; cancelling it leaves the line
     */
    default CompletableFuture<@Nullable Void> acquire(String key) {
        return acquire(key, 1);
    }

    /**
     * Takes tokens of a key, as soon as they are there. Holds no thread while it waits.
     *
     * @param tokens how many
     * @return completes when the tokens are the caller's; cancelling it leaves the line. Fails with {@link RateLimitExceededException} if
     *     the line is full, or too many keys have one
     */
    CompletableFuture<@Nullable Void> acquire(String key, double tokens);

    /**
     * Takes tokens of a key, as soon as they are there.
     *
     * @param tokens how many
     * @param timeout how long to wait at most
     * @return completes when the tokens are the caller's. Fails with {@link RateLimitExceededException}: at once if the known wait is
     *     longer than the timeout, the line full, or too many keys have one; else at the timeout
     */
    CompletableFuture<@Nullable Void> acquire(String key, double tokens, Duration timeout);

    /**
     * Takes tokens of a key, as soon as they are there, and holds the thread (a plain or a virtual one) until then.
     *
     * @param tokens how many
     * @throws InterruptedException if the thread is interrupted; nothing is taken then
     * @throws RateLimitExceededException if the line is full, or too many keys have one
     */
    void acquireBlocking(String key, double tokens) throws InterruptedException;

    /**
     * Takes tokens of a key, as soon as they are there, and holds the thread until then.
     *
     * @param tokens how many
     * @param timeout how long to wait at most
     * @throws InterruptedException if the thread is interrupted; nothing is taken then
     * @throws RateLimitExceededException at once if the known wait is longer than the timeout, the line full, or too many keys have one; else
     *     at the timeout
     */
    void acquireBlocking(String key, double tokens, Duration timeout) throws InterruptedException;

    /**
     * Takes tokens of a key now and says how long to wait before using them, however long that is.
     *
     * @param tokens how many
     * @throws RateLimitExceededException if anyone stands in line for the key, or too many keys have waiters or reservations
     */
    Reservation reserve(String key, double tokens);

    /**
     * Takes tokens of a key now and says how long to wait before using them.
     *
     * @param tokens how many
     * @param maxWait the longest wait that is of use
     * @throws RateLimitExceededException if the wait would be longer, anyone stands in line for the key, or too many keys have waiters or
     *     reservations
     */
    Reservation reserve(String key, double tokens, Duration maxWait);

    /** The tokens that a key has now; 0 while there is debt. */
    double availableTokens(String key);

    /**
     * How long a caller who asks now would wait; 292 years if that is unknown.
     *
     * @param tokens how many
     */
    Duration estimatedWait(String key, double tokens);

    /**
     * Runs an asynchronous call under a key.
     *
     * @param call started when its token was granted
     * @param <T> the type of the result
     * @return completes with the call's end
     */
    <T extends @Nullable Object> CompletableFuture<T> execute(String key, AsyncCall<? extends T> call);

    /**
     * Runs a blocking call on this thread under a key.
     *
     * @param call invoked when its token was granted
     * @param <T> the type of the result
     * @param <E> what the call throws
     * @return the call's result
     * @throws E what the call threw
     */
    <T extends @Nullable Object, E extends Exception> T call(String key, Call<? extends T, ? extends E> call) throws E;

    /**
     * One key's limiter: a view, which knows the key and this limiter and so stays right for ever, whether the key is busy, forgotten, or its
     * rate changes. Can't be closed by itself: its {@code close} throws {@link UnsupportedOperationException}.
     */
    RateLimiter limiter(String key);

    /**
     * Changes a key's rate while in use; those who wait are timed anew. What isn't named stays as it is: the default, or what was named
     * before. A key whose rate isn't the default is never forgotten, until {@link #remove}.
     *
     * @param change names what changes
     */
    void updateRateLimit(String key, UnaryOperator<RateUpdate> change);

    /** Drops what was changed of a key's rate. Its debt stays, and those who wait are timed anew. */
    void remove(String key);

    /** How full it is. Looks at every place, so not for each call. */
    KeyedRateLimiterMetrics metrics();

    /** This limiter as a guard that refuses where it would wait. The same buckets. */
    Guard failFast();

    /**
     * This limiter as a guard where every call costs the same, whatever its options say. The same buckets.
     *
     * @param tokens finite, at least 0
     */
    Guard costing(double tokens);

    /**
     * This limiter as a guard where a call costs what its options say under a key of the user's own, or if nothing, their {@code tokens}. The
     * same buckets.
     *
     * @param tokens where the cost is; a value is finite and at least 0
     */
    Guard costing(CallKey<? extends Number> tokens);

    /**
     * This limiter with the keys of calls taken from a place of the user's own, so that two keyed limiters may stand in one pipeline. The same
     * buckets; closing either closes both.
     *
     * @param key where in a call's options the key is; a call without one fails with {@link IllegalArgumentException}
     */
    KeyedRateLimiter keyedBy(CallKey<String> key);

    /** Fails everyone who waits, and every later call. Idempotent. */
    void close();
}

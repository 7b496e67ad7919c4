package io.weir.ratelimit;

import io.weir.CallKey;
import io.weir.Guard;
import io.weir.RateLimitExceededException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * A rate limiter. As a guard it makes each call wait for its tokens ({@link io.weir.CallOptions#tokens}, one unless said otherwise), first
 * come, first served, up to the call's deadline; {@link #failFast()} refuses instead. Tokens are debited when they are granted, so that
 * those who waited have paid. An interface, so that it can be mocked. Thread-safe.
 *
 * <p>Costs are finite and at least 0, fractions allowed; 0 is always granted and changes nothing. More than the limiter can ever hold is an
 * {@link IllegalArgumentException}. A closed limiter throws {@link IllegalStateException}, and those who waited when it was closed fail
 * with it.
 */
public interface RateLimiter extends Guard {

    /** Takes one token if it is there. */
    boolean tryAcquire();

    /**
     * Takes tokens if they are there and nobody waits.
     *
     * @param tokens how many
     */
    boolean tryAcquire(double tokens);

    /**
     * Takes tokens if they are there and nobody waits.
     *
     * @param tokens how many
     * @return 0 if taken; else the known wait in nanoseconds
     */
    long tryAcquireNanos(double tokens);

    /**
     * Takes one token, as soon as it is there.
     *
     * @return completes when the token is the caller's; cancelling it leaves the line
     */
    default CompletableFuture<@Nullable Void> acquire() {
        return acquire(1);
    }

    /**
     * Takes tokens, as soon as they are there. Holds no thread while it waits.
     *
     * @param tokens how many
     * @return completes when the tokens are the caller's; cancelling it leaves the line. Fails with {@link RateLimitExceededException} if
     *     the line is full
     */
    CompletableFuture<@Nullable Void> acquire(double tokens);

    /**
     * Takes tokens, as soon as they are there.
     *
     * @param tokens how many
     * @param timeout how long to wait at most
     * @return completes when the tokens are the caller's. Fails with {@link RateLimitExceededException}: at once if the known wait is
     *     longer than the timeout or the line full, else at the timeout
     */
    CompletableFuture<@Nullable Void> acquire(double tokens, Duration timeout);

    /**
     * Takes tokens, as soon as they are there, and holds the thread (a plain or a virtual one) until then.
     *
     * @param tokens how many
     * @throws InterruptedException if the thread is interrupted; nothing is taken then
     * @throws RateLimitExceededException if the line is full
     */
    void acquireBlocking(double tokens) throws InterruptedException;

    /**
     * Takes tokens, as soon as they are there, and holds the thread until then.
     *
     * @param tokens how many
     * @param timeout how long to wait at most
     * @throws InterruptedException if the thread is interrupted; nothing is taken then
     * @throws RateLimitExceededException at once if the known wait is longer than the timeout or the line full, else at the timeout
     */
    void acquireBlocking(double tokens, Duration timeout) throws InterruptedException;

    /**
     * Takes tokens now and says how long to wait before using them, however long that is.
     *
     * @param tokens how many
     * @throws RateLimitExceededException if anyone stands in line
     */
    Reservation reserve(double tokens);

    /**
     * Takes tokens now and says how long to wait before using them.
     *
     * @param tokens how many
     * @param maxWait the longest wait that is of use
     * @throws RateLimitExceededException if the wait would be longer, or anyone stands in line
     */
    Reservation reserve(double tokens, Duration maxWait);

    /** The tokens that are there now; 0 while there is debt. */
    double availableTokens();

    /**
     * How long a caller who asks now would wait.
     *
     * @param tokens how many
     */
    Duration estimatedWait(double tokens);

    /**
     * What it has counted. Of one key's limiter ({@link KeyedRateLimiter#limiter}) the counts are those of all keys, as none are kept for
     * each.
     */
    RateLimiterMetrics metrics();

    /** This limiter as a guard that refuses where it would wait. The same bucket. */
    Guard failFast();

    /**
     * This limiter as a guard where every call costs the same, whatever its options say. The same bucket.
     *
     * @param tokens finite, at least 0
     */
    Guard costing(double tokens);

    /**
     * This limiter as a guard where a call costs what its options say under a key of the user's own, so that two limiters in one pipeline may
     * count different things; a call whose options say nothing there costs their {@code tokens}. The same bucket.
     *
     * @param tokens where the cost is; a value is finite and at least 0
     */
    Guard costing(CallKey<? extends Number> tokens);

    /** Fails everyone who waits, and every later call. Idempotent. */
    void close();
}

package io.weir.ratelimit;

import io.weir.event.WeirEvent;
import java.time.Duration;
import java.util.Optional;

/**
 * A limiter's rate is another now: changed by hand or, of an adaptive limiter, by what its service says. The last one told is the one in force;
 * of several changes at the same time only the last may be told. An adaptive limiter tells a pause, and a rate that is a fifth off the one told
 * before, not each response's. A key's own rate is not told, as keys may be secret.
 */
public interface RateChange extends WeirEvent {

    /** Tokens a {@link #period}. */
    double rate();

    /** What the rate refers to. */
    Duration period();

    /** How many tokens the bucket holds at most. */
    double maxTokens();

    /** How long nothing is granted from now on; empty if there is no pause. */
    Optional<Duration> pause();
}

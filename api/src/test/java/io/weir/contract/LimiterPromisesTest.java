package io.weir.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.weir.WeirRuntime;
import io.weir.ratelimit.AdaptiveRateLimiter;
import io.weir.ratelimit.EndpointRateLimiter;
import io.weir.ratelimit.TokenBucketRateLimiter;
import io.weir.testkit.VirtualTime;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** What the contract promises of limiters and no other test looks at from outside. */
class LimiterPromisesTest {
    private final VirtualTime time = new VirtualTime();
    private final WeirRuntime runtime = time.runtimeBuilder().build();

    @Test
    void whatAnUpdateDoesNotNameStaysAsItIs() {
        var limiter = TokenBucketRateLimiter.builder("l")
                .rate(10)
                .maxTokens(20)
                .runtime(runtime)
                .build();
        limiter.updateRate(u -> u.maxTokens(5));
        assertThat(limiter.tryAcquire(5)).isTrue();
        time.advance(Duration.ofMillis(300));
        assertThat(limiter.availableTokens()).as("still 10 a second").isCloseTo(3, within(1e-6));
        time.advance(Duration.ofSeconds(9));
        assertThat(limiter.availableTokens()).as("and now 5 at most").isEqualTo(5);
        limiter.updateRate(u -> u.period(Duration.ofSeconds(2)));
        assertThat(limiter.availableTokens())
                .as("half the rate, half the tokens")
                .isCloseTo(2.5, within(1e-6));
        time.advance(Duration.ofMillis(300));
        assertThat(limiter.availableTokens()).as("10 in 2 s").isCloseTo(4, within(1e-6));
    }

    @Test
    void anOverrideHoldsFromTheStart() {
        var limiter = EndpointRateLimiter.builder("l")
                .override("slow", 2, Duration.ofSeconds(1))
                .override("fast", u -> u.rate(100).maxTokens(100).resetTokens())
                .runtime(runtime)
                .build();
        assertThat(limiter.tryAcquire("slow", 2)).isTrue();
        assertThat(limiter.tryAcquire("slow", 1)).isFalse();
        assertThat(limiter.tryAcquire("fast", 100)).isTrue();
        assertThat(limiter.tryAcquire("other", 10)).isTrue();
        time.advance(Duration.ofSeconds(1));
        assertThat(limiter.availableTokens("slow")).isCloseTo(2, within(1e-6));
        assertThat(limiter.availableTokens("fast")).isCloseTo(100, within(1e-3));
    }

    @Test
    void removingARateReTimesThoseWhoWait() {
        var limiter = EndpointRateLimiter.builder("l")
                .override("acme", 1, Duration.ofMinutes(1))
                .runtime(runtime)
                .build();
        assertThat(limiter.tryAcquire("acme", 1)).isTrue();
        CompletableFuture<?> waiting = limiter.acquire("acme", 1);
        time.advance(Duration.ofSeconds(1));
        assertThat(waiting).isNotDone();
        limiter.remove("acme");
        time.advance(Duration.ofMillis(100));
        assertThat(waiting).as("10 a second again").isCompleted();
    }

    private AdaptiveRateLimiter adaptive() {
        return AdaptiveRateLimiter.builder("a")
                .initialRate(10)
                .minRate(0.1)
                .runtime(runtime)
                .build();
    }

    @Test
    void newsSetTheRateAndCapTheTokensInHand() {
        var limiter = adaptive();
        limiter.updateFromHeaders(Map.of("X-RateLimit-Remaining", "5", "X-RateLimit-Reset", "30"));
        assertThat(limiter.ratePerSecond()).as("5 / 30 s · 0.9").isCloseTo(0.15, within(1e-9));
        assertThat(limiter.availableTokens())
                .as("5 · 0.9, and scaled with the rate")
                .isLessThanOrEqualTo(4.5);
        limiter.updateFromHeaders(Map.of("X-RateLimit-Remaining", "7", "X-RateLimit-Reset", "0"));
        assertThat(limiter.ratePerSecond()).as("at least a second").isCloseTo(6.3, within(1e-9));
        limiter.updateFromHeaders(Map.of("X-RateLimit-Remaining", "1", "X-RateLimit-Reset", "3600"));
        assertThat(limiter.ratePerSecond()).as("minRate").isCloseTo(0.1, within(1e-9));
        limiter.updateFromHeaders(Map.of("RateLimit-Remaining", "1", "X-Rate-Limit-Remaining", "60"));
        assertThat(limiter.ratePerSecond())
                .as("x-rate-limit comes before ratelimit")
                .isCloseTo(0.9, within(1e-9));
    }

    @Test
    void resetsThatAreAbsentPastOrTooFarAreReadAsPromised() {
        var limiter = adaptive();
        limiter.updateFromHeaders(Map.of("x-ratelimit-remaining", "120"));
        assertThat(limiter.ratePerSecond()).as("60 s").isCloseTo(1.8, within(1e-9));
        long now = time.wallTime().getEpochSecond();
        limiter.updateFromHeaders(Map.of("x-ratelimit-remaining", "7", "x-ratelimit-reset", Long.toString(now - 1)));
        assertThat(limiter.ratePerSecond())
                .as("a second ago is now, not in 56 years")
                .isCloseTo(6.3, within(1e-9));
        limiter.updateFromHeaders(
                Map.of("x-ratelimit-remaining", "60", "x-ratelimit-reset", Long.toString((now + 30) * 1_000)));
        assertThat(limiter.ratePerSecond()).as("milliseconds").isCloseTo(1.8, within(0.1));
        long ignored = limiter.metrics().ignored();
        limiter.updateFromHeaders(
                Map.of("x-ratelimit-remaining", "240", "x-ratelimit-reset", Long.toString(now + 90_000)));
        assertThat(limiter.metrics().ignored())
                .as("25 h are more than maxPause")
                .isEqualTo(ignored + 1);
        assertThat(limiter.ratePerSecond()).as("so 60 s").isCloseTo(3.6, within(1e-9));
    }
}

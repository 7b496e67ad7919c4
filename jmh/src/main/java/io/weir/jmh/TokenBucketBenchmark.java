package io.weir.jmh;

import com.google.common.util.concurrent.RateLimiter;
import io.github.bucket4j.Bucket;
import io.github.resilience4j.ratelimiter.RateLimiterConfig;
import io.weir.engine.bucket.BucketConfig;
import io.weir.engine.bucket.TokenBucket;
import io.weir.engine.time.WheelTimer;
import io.weir.ratelimit.TokenBucketRateLimiter;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.agrona.concurrent.SystemNanoClock;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/**
 * One limiter, asked for one token, now or never. "granted": 10<sup>9</sup> tokens a second and as many at once, so that nobody can drain it;
 * "grantedExact": capacity 512, too small for tokens prepaid to threads; "rejected": empty for the whole run; "rejectedLarge": the same with a
 * large capacity, so that a refusal has to look for prepaid tokens first; "mixed": a coin decides in each call which of the full and the empty one is
 * asked, so that the mix is half and half for everybody, however fast it is, and no branch can be foreseen.
 */
@State(Scope.Benchmark)
public class TokenBucketBenchmark extends Timed {
    private static final long PLENTY = 1_000_000_000;
    private static final Duration AGES = Duration.ofHours(5);

    private final AtomicLong word = new AtomicLong();

    private final TokenBucket large =
            bucket(BucketConfig.builder().rate(PLENTY).maxTokens(PLENTY).build());
    private final TokenBucketRateLimiter api = TokenBucketRateLimiter.builder("limiter")
            .rate(PLENTY)
            .maxTokens(PLENTY)
            .build();
    private final TokenBucket exact =
            bucket(BucketConfig.builder().rate(PLENTY).maxTokens(512).build());
    private final TokenBucket empty = bucket(emptyOf(1));
    private final TokenBucket emptyLarge = bucket(emptyOf(100_000));

    // Bucket4j: its docs' builder and default (lock-free) strategy; it has a nanosecond clock, and isn't asked for
    // less.
    private final Bucket bucket4jFull = Bucket.builder()
            .addLimit(limit -> limit.capacity(PLENTY).refillGreedy(PLENTY, Duration.ofSeconds(1)))
            .withNanosecondPrecision()
            .build();
    private final Bucket bucket4jEmpty = Bucket.builder()
            .addLimit(limit -> limit.capacity(1).refillGreedy(1, AGES).initialTokens(0))
            .withNanosecondPrecision()
            .build();

    // Resilience4j's AtomicRateLimiter, its default. It grants by fixed periods, which is less than a bucket promises.
    // No wait is asked for.
    private final io.github.resilience4j.ratelimiter.RateLimiter resilience4jFull =
            io.github.resilience4j.ratelimiter.RateLimiter.of(
                    "full",
                    RateLimiterConfig.custom()
                            .limitForPeriod((int) PLENTY)
                            .limitRefreshPeriod(Duration.ofSeconds(1))
                            .timeoutDuration(Duration.ZERO)
                            .build());
    private final io.github.resilience4j.ratelimiter.RateLimiter resilience4jEmpty =
            io.github.resilience4j.ratelimiter.RateLimiter.of(
                    "empty",
                    RateLimiterConfig.custom()
                            .limitForPeriod(1)
                            .limitRefreshPeriod(AGES)
                            .timeoutDuration(Duration.ZERO)
                            .build());

    // Failsafe's bursty limiter is the one of its two with a capacity; it too grants by fixed periods.
    private final dev.failsafe.RateLimiter<Object> failsafeFull = dev.failsafe.RateLimiter.burstyBuilder(
                    PLENTY, Duration.ofSeconds(1))
            .build();
    private final dev.failsafe.RateLimiter<Object> failsafeEmpty =
            dev.failsafe.RateLimiter.burstyBuilder(1, AGES).build();

    // Guava's limiter keeps up to a second's permits; its clock counts microseconds.
    private final RateLimiter guavaFull = RateLimiter.create(PLENTY);
    private final RateLimiter guavaEmpty = RateLimiter.create(1.0 / AGES.toSeconds());

    /** Takes what the peers insist on having at first. */
    public TokenBucketBenchmark() {
        resilience4jEmpty.acquirePermission();
        failsafeEmpty.tryAcquirePermit();
        boolean first = guavaEmpty.tryAcquire();
        if (!first || guavaEmpty.tryAcquire()) {
            throw new IllegalStateException("the empty limiters aren't empty");
        }
    }

    private static TokenBucket bucket(BucketConfig config) {
        return new TokenBucket(
                SystemNanoClock.INSTANCE, new WheelTimer(SystemNanoClock.INSTANCE, "weir-timer"), config);
    }

    private static BucketConfig emptyOf(double capacity) {
        return BucketConfig.builder()
                .rate(1)
                .periodNanos(AGES.toNanos())
                .maxTokens(capacity)
                .initialTokens(0)
                .build();
    }

    @Benchmark
    public long floor_nanoTime() {
        return System.nanoTime();
    }

    /** The floor of an exact bucket: one clock reading, and one write that depends on it. */
    @Benchmark
    public boolean floor_nanoTimeThenCas() {
        long now = System.nanoTime();
        return word.compareAndSet(word.get(), now);
    }

    @Benchmark
    public boolean floor_cas() {
        long seen = word.get();
        return word.compareAndSet(seen, seen + 1);
    }

    @Benchmark
    public boolean weir_tryAcquire_granted(Verdicts verdicts) {
        return verdicts.granted(large.tryAcquire());
    }

    /** What a user has in hand. */
    @Benchmark
    public boolean weirApi_tryAcquire_granted(Verdicts verdicts) {
        return verdicts.granted(api.tryAcquire());
    }

    @Benchmark
    public boolean bucket4j_tryAcquire_granted(Verdicts verdicts) {
        return verdicts.granted(bucket4jFull.tryConsume(1));
    }

    @Benchmark
    public boolean resilience4j_tryAcquire_granted(Verdicts verdicts) {
        return verdicts.granted(resilience4jFull.acquirePermission());
    }

    @Benchmark
    public boolean failsafe_tryAcquire_granted(Verdicts verdicts) {
        return verdicts.granted(failsafeFull.tryAcquirePermit());
    }

    @Benchmark
    public boolean guava_tryAcquire_granted(Verdicts verdicts) {
        return verdicts.granted(guavaFull.tryAcquire());
    }

    /** The peers have no other way for a small capacity, so their figures are those of "granted". */
    @Benchmark
    public boolean weir_tryAcquire_grantedExact(Verdicts verdicts) {
        return verdicts.granted(exact.tryAcquire());
    }

    @Benchmark
    public boolean weir_tryAcquire_rejected(Verdicts verdicts) {
        return verdicts.refused(empty.tryAcquire());
    }

    @Benchmark
    public boolean bucket4j_tryAcquire_rejected(Verdicts verdicts) {
        return verdicts.refused(bucket4jEmpty.tryConsume(1));
    }

    @Benchmark
    public boolean resilience4j_tryAcquire_rejected(Verdicts verdicts) {
        return verdicts.refused(resilience4jEmpty.acquirePermission());
    }

    @Benchmark
    public boolean failsafe_tryAcquire_rejected(Verdicts verdicts) {
        return verdicts.refused(failsafeEmpty.tryAcquirePermit());
    }

    @Benchmark
    public boolean guava_tryAcquire_rejected(Verdicts verdicts) {
        return verdicts.refused(guavaEmpty.tryAcquire());
    }

    @Benchmark
    public boolean weir_tryAcquire_rejectedLarge(Verdicts verdicts) {
        return verdicts.refused(emptyLarge.tryAcquire());
    }

    @Benchmark
    public boolean weir_tryAcquire_mixed(Dice dice, Verdicts verdicts) {
        boolean full = dice.heads();
        return verdicts.as(full, (full ? large : empty).tryAcquire());
    }

    @Benchmark
    public boolean weirExact_tryAcquire_mixed(Dice dice, Verdicts verdicts) {
        boolean full = dice.heads();
        return verdicts.as(full, (full ? exact : empty).tryAcquire());
    }

    @Benchmark
    public boolean bucket4j_tryAcquire_mixed(Dice dice, Verdicts verdicts) {
        boolean full = dice.heads();
        return verdicts.as(full, (full ? bucket4jFull : bucket4jEmpty).tryConsume(1));
    }

    @Benchmark
    public boolean resilience4j_tryAcquire_mixed(Dice dice, Verdicts verdicts) {
        boolean full = dice.heads();
        return verdicts.as(full, (full ? resilience4jFull : resilience4jEmpty).acquirePermission());
    }

    @Benchmark
    public boolean failsafe_tryAcquire_mixed(Dice dice, Verdicts verdicts) {
        boolean full = dice.heads();
        return verdicts.as(full, (full ? failsafeFull : failsafeEmpty).tryAcquirePermit());
    }

    @Benchmark
    public boolean guava_tryAcquire_mixed(Dice dice, Verdicts verdicts) {
        boolean full = dice.heads();
        return verdicts.as(full, (full ? guavaFull : guavaEmpty).tryAcquire());
    }
}

package io.weir.ratelimit;

import io.weir.WeirRuntime;
import io.weir.engine.bucket.BucketUpdate;
import io.weir.engine.bucket.TokenBucket;
import io.weir.engine.time.TimerNode;
import io.weir.engine.time.TimerTask;
import io.weir.ratelimit.RateLimitHeaders.Reading;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/** How an adaptive limiter's rate moves: with the news of each response, and, without any, back up after the reset. */
final class Adaptation implements TimerTask {
    /*
     * course, one reference to an immutable Course: what the bucket is to be like, and what comes next. News and the timer replace it by CAS;
     * only then is the bucket told.
     *
     * A1  The bucket ends up as the latest course says: whoever has told it looks whether its course is still the latest, and tells that one
     *     if not. (Two who tell the bucket in the other order than they replaced the course would leave an old rate in force.) Telling a course
     *     twice is harmless: it may only take tokens away. AdaptiveRateLimiterTest#theLatestNewsCountWhoeverIsLate.
     * A2  The latest course's node is the only one that is listened to; a course's node is cancelled when it is replaced, before or after it is
     *     armed. AdaptiveRateLimiterTest#newsDuringAClimbEndIt.
     * A3  A closed limiter leaves no node armed: close() closes the bucket, and then cancels the latest course's node; who replaces the course
     *     arms, and then looks at the bucket. AdaptiveRateLimiterTest#aClosedLimiterRefusesNewsAndLeavesNoTimer.
     */

    /** Rates are a second's. */
    static final long PERIOD_NANOS = TimeUnit.SECONDS.toNanos(1);

    /** Of the rate, for a change to be told. */
    private static final double NEWS = 0.2;

    /** A climb is made in so many steps. */
    private static final int STEPS = 20;

    /**
     * Where the rate is, and where it goes.
     *
     * @param rate tokens a second
     * @param tokensAtMost the cap on the tokens in hand, once
     * @param pauseUntilNanos nothing before this instant; null: no pause
     * @param floor the rate that the climb began at
     * @param target the rate that it climbs to
     * @param climbFromNanos when it begins: the reset
     * @param climbNanos how long it takes: a window
     * @param limit of the policy that counts; NaN if it wasn't told
     * @param longestReset the longest time to a reset that was told with this limit, in nanoseconds: the best guess of its window
     * @param next when to go on; null: never
     */
    private record Course(
            double rate,
            double tokensAtMost,
            @Nullable Long pauseUntilNanos,
            double floor,
            double target,
            long climbFromNanos,
            long climbNanos,
            double limit,
            long longestReset,
            @Nullable TimerNode next) {}

    private final TokenBucket bucket;
    private final WeirRuntime runtime;
    private final double initialRate;
    private final double minRate;
    private final double safetyFactor;
    private final AtomicReference<Course> course;
    private final LongAdder updates = new LongAdder();
    private final LongAdder ignored = new LongAdder();

    /** What listeners know: racy, as two who tell at the same time tell the same. */
    private volatile double toldRate;

    private volatile @Nullable Long toldPause;
    private final RateTeller teller;
    private final String name;

    Adaptation(
            String name,
            TokenBucket bucket,
            WeirRuntime runtime,
            double initialRate,
            double minRate,
            double safetyFactor) {
        this.name = name;
        this.toldRate = initialRate;
        this.teller = new RateTeller(name, runtime, this::present);
        this.bucket = bucket;
        this.runtime = runtime;
        this.initialRate = initialRate;
        this.minRate = minRate;
        this.safetyFactor = safetyFactor;
        this.course = new AtomicReference<>(new Course(
                initialRate, Double.POSITIVE_INFINITY, null, initialRate, initialRate, 0, 0, Double.NaN, 0, null));
    }

    void hear(int status, Reading reading) {
        if (reading.ignored() > 0) {
            ignored.add(reading.ignored());
        }
        List<Quota> quotas = reading.quotas();
        boolean left = !quotas.isEmpty() && quotas.stream().allMatch(Quota::isPositive);
        if (reading.hasRetryAfter() && (!left || status >= 400)) {
            quotas = new ArrayList<>(quotas);
            quotas.add(new Quota(Double.NaN, 0, reading.retryAfterNanos(), 0));
        }
        if (quotas.isEmpty()) {
            if (bucket.isClosed()) {
                throw new IllegalStateException(TokenLine.closedMessage(name));
            }
            return;
        }
        updates.increment();
        long now = runtime.nanoTime();
        while (true) {
            Course before = course.get();
            Course after = following(before, quotas, now);
            if (replace(before, after)) {
                if (isNews(after)) {
                    teller.tell();
                }
                return;
            }
            Thread.onSpinWait();
        }
    }

    private Course following(Course before, List<Quota> quotas, long now) {
        Quota tightest = quotas.get(0);
        double cap = Double.POSITIVE_INFINITY;
        long pause = 0;
        for (Quota quota : quotas) {
            int tighter = Double.compare(quota.perSecond(), tightest.perSecond());
            if (tighter < 0 || tighter == 0 && quota.resetNanos() > tightest.resetNanos()) {
                tightest = quota;
            }
            cap = Math.min(cap, quota.remaining() * safetyFactor);
            pause = quota.isSpent() ? Math.max(pause, quota.resetNanos()) : pause;
        }
        double rate = Math.max(tightest.perSecond() * safetyFactor, minRate);
        long longest = tightest.limit() == before.limit
                ? Math.max(before.longestReset, tightest.resetNanos())
                : tightest.resetNanos();
        long window = Math.max(PERIOD_NANOS, tightest.windowNanos() > 0 ? tightest.windowNanos() : longest);
        double told = tightest.limit() / (window / (double) PERIOD_NANOS); // NaN if it isn't told
        double target = Math.max(minRate, told < initialRate ? told : initialRate);
        long reset = now + tightest.resetNanos();
        return new Course(
                rate,
                cap,
                pause > 0 ? now + pause : null,
                rate,
                target,
                reset,
                window,
                tightest.limit(),
                longest,
                rate == target ? null : new TimerNode(this, reset));
    }

    /** The rate's next step. */
    @Override
    public void onTimer(TimerNode node) {
        Course before = course.get();
        if (before.next != node || bucket.isClosed()) {
            return; // A2
        }
        long now = runtime.nanoTime();
        double way = Math.min(1, (double) (now - before.climbFromNanos) / before.climbNanos);
        boolean arrived = way >= 1 || before.floor >= before.target;
        double rate = arrived ? before.target : before.floor + (before.target - before.floor) * Math.max(0, way);
        long step = Math.max(1, before.climbNanos / STEPS);
        Course after = new Course(
                rate,
                Double.POSITIVE_INFINITY,
                null,
                before.floor,
                before.target,
                before.climbFromNanos,
                before.climbNanos,
                before.limit,
                before.longestReset,
                arrived ? null : new TimerNode(this, now + step));
        try {
            if (replace(before, after) && isNews(after)) {
                runtime.callbackExecutor().execute(teller::tell);
            }
        } catch (IllegalStateException e) {
            if (!bucket.isClosed()) { // closed meanwhile: nobody asks for the step any more
                throw e;
            }
        }
    }

    @Override
    public void onTimerClosed(TimerNode node) {
        // The runtime has ended, and with it everybody who waits.
    }

    /** The one place where the course is written. */
    private boolean replace(Course before, Course after) {
        if (!course.compareAndSet(before, after)) {
            return false;
        }
        if (before.next != null) {
            runtime.timer().cancel(before.next);
        }
        if (after.next != null) {
            runtime.timer().arm(after.next);
            if (bucket.isClosed()) { // close() may have looked before the node was there (A3)
                runtime.timer().cancel(after.next);
            }
        }
        Course told = after;
        while (true) {
            tell(told);
            Course latest = course.get();
            if (latest == told) {
                return true;
            }
            told = latest; // A1
        }
    }

    /** Whether an operator wants to know: a pause, a longer one, or a rate that isn't what he was told before. */
    private boolean isNews(Course now) {
        Long pause = toldPause;
        boolean paused = now.pauseUntilNanos != null && (pause == null || now.pauseUntilNanos - pause > PERIOD_NANOS);
        boolean moved = Math.abs(now.rate - toldRate) >= NEWS * toldRate;
        boolean arrived = now.next == null && now.rate != toldRate;
        if (!paused && !moved && !arrived) {
            return false;
        }
        toldRate = now.rate;
        toldPause = now.pauseUntilNanos != null ? now.pauseUntilNanos : pause;
        return true;
    }

    private RateTeller.Present present() {
        Course now = course.get();
        long pause = now.pauseUntilNanos == null ? 0 : now.pauseUntilNanos - runtime.nanoTime();
        return new RateTeller.Present(
                now.rate,
                Duration.ofNanos(PERIOD_NANOS),
                bucket.config().maxTokens(),
                pause > 0 ? Optional.of(Duration.ofNanos(pause)) : Optional.empty());
    }

    private void tell(Course now) {
        BucketUpdate update =
                BucketUpdate.none().rate(now.rate).periodNanos(PERIOD_NANOS).tokensAtMost(now.tokensAtMost);
        bucket.update(now.pauseUntilNanos == null ? update : update.pauseUntil(now.pauseUntilNanos));
    }

    double ratePerSecond() {
        return course.get().rate;
    }

    void close() {
        TimerNode next = course.get().next;
        if (next != null) {
            runtime.timer().cancel(next);
        }
    }

    long updates() {
        return updates.sum();
    }

    long ignored() {
        return ignored.sum();
    }
}

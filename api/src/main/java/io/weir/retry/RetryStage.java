package io.weir.retry;

import io.weir.CallOptions;
import io.weir.CallRejectedException;
import io.weir.RetryAfterHint;
import io.weir.WeirException;
import io.weir.WeirRuntime;
import io.weir.internal.Again;
import io.weir.internal.Clocks;
import io.weir.internal.Durations;
import io.weir.internal.Failed;
import io.weir.internal.Stage;
import io.weir.internal.Suppressed;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.LongAdder;
import org.agrona.concurrent.NanoClock;
import org.jspecify.annotations.Nullable;

/** A retry in a pipeline. It holds nothing of a call; what it knows of the earlier attempts is in {@link Attempts}. */
final class RetryStage extends Stage {
    private static final System.Logger LOG = System.getLogger("io.weir.retry");
    /** As many earlier failures are kept to be suppressed in the last; more would only hold memory. */
    private static final int KEPT_FAILURES = 32;

    // In the place of a delay, why there is none:
    private static final long NO_ATTEMPT_LEFT = -1;
    private static final long NO_TIME = -2;
    private static final long ASKED_FOR_TOO_LONG = -3;
    private static final long NO_BUDGET = -4;

    private final String name;
    private final boolean looksAtResults;
    private final WeirRuntime runtime;
    private final NanoClock clock;
    /** Read once for each end that is judged. */
    private volatile Rules rules;

    private final LongAdder retries = new LongAdder();
    private final LongAdder givenUp = new LongAdder();
    private final LongAdder refusedByBudget = new LongAdder();

    private record Rules(
            RetryConfig config, Backoff backoff, @Nullable RetryBudget budget) {
        static Rules of(RetryConfig config) {
            return new Rules(config, config.backoff(), config.budget());
        }
    }

    RetryStage(String name, RetryConfig config, WeirRuntime runtime) {
        this.name = Objects.requireNonNull(name, "name");
        this.rules = Rules.of(Objects.requireNonNull(config, "config"));
        this.runtime = Objects.requireNonNull(runtime, "runtime");
        this.looksAtResults = config.looksAtResults();
        this.clock = Clocks.of(runtime);
    }

    @Override
    public boolean keepsToken() {
        return false;
    }

    @Override
    public String name() {
        return name;
    }

    RetryConfig config() {
        return rules.config;
    }

    @Override
    public Runnable changeTo(Stage like) {
        RetryStage other = (RetryStage) like;
        if (other.looksAtResults != looksAtResults) {
            throw new IllegalArgumentException("retryOnResult can't come or go");
        }
        Rules then = other.rules;
        return () -> rules = then;
    }

    @Override
    public boolean admits() {
        return false;
    }

    @Override
    public boolean asksTimeLeft() {
        return looksAtResults;
    }

    @Override
    public long admit(CallOptions options, long now) {
        return 0;
    }

    @Override
    public @Nullable Again onEnd(
            long token,
            long start,
            @Nullable Object result,
            @Nullable Failed failed,
            @Nullable Again before,
            CallInfo call) {
        if (failed == null && !looksAtResults) {
            return succeeded();
        }
        return judge(result, failed, (Attempts) before, call);
    }

    private @Nullable Again judge(
            @Nullable Object result, @Nullable Failed failed, @Nullable Attempts before, CallInfo call) {
        Rules now = rules;
        boolean again = failed == null ? now.config.retriesResult(result) : isRetried(now.config, failed);
        Throwable failure = failed == null ? null : failed.failure();
        if (!again) {
            if (failed == null) {
                return succeeded();
            }
            if (before != null) {
                before.suppressInto(failed.failure());
            }
            return null;
        }
        Attempts attempts = before == null ? new Attempts() : before;
        attempts.number++;
        attempts.failure = failure;
        attempts.result = result;
        long delay = attempts.number > now.config.maxRetries()
                ? NO_ATTEMPT_LEFT
                : delayNanos(now, attempts, call.remainingNanos());
        if (delay >= 0 && now.budget != null && !now.budget.tryWithdraw(clock.nanoTime())) {
            delay = NO_BUDGET; // asked last: only for a retry that is made
            refusedByBudget.increment();
        }
        if (delay < 0) {
            givenUp.increment();
            tell(attempts, null, reason(delay));
            if (failure != null) {
                attempts.suppressInto(failure);
            }
            return null;
        }
        retries.increment();
        attempts.waitFor(delay);
        tell(attempts, attempts.previousDelay(), null);
        if (failure != null) {
            attempts.remember(failure);
        }
        attempts.failure = null;
        attempts.result = null;
        return attempts;
    }

    private static GiveUp reason(long noDelay) {
        return noDelay == NO_ATTEMPT_LEFT
                ? GiveUp.ATTEMPTS
                : noDelay == NO_TIME ? GiveUp.TIME : noDelay == ASKED_FOR_TOO_LONG ? GiveUp.RETRY_AFTER : GiveUp.BUDGET;
    }

    private @Nullable Again succeeded() {
        RetryBudget budget = rules.budget;
        if (budget != null) {
            budget.deposit(clock.nanoTime());
        }
        return null;
    }

    private static boolean isRetried(RetryConfig config, Failed failed) {
        Throwable failure = failed.failure();
        if (failure instanceof Error) {
            return false;
        }
        return switch (failed.origin()) {
            case TIMED_OUT -> config.retries(failure);
            case CALL ->
                !(failure instanceof InterruptedException || failure instanceof CancellationException)
                        && config.retries(failure);
            case GUARD -> failure instanceof CallRejectedException && config.retriesRejection(failure);
            case EXPIRED -> config.retriesRejection(failure);
            case CANCELLED -> false;
        };
    }

    /** The delay, or why there can be none. */
    private static long delayNanos(Rules rules, Attempts attempts, long remaining) {
        RetryConfig config = rules.config;
        long delay = Durations.saturatedNanos(
                Objects.requireNonNull(rules.backoff.delay(attempts), "the back-off returned null"));
        if (delay < 0) {
            throw new IllegalArgumentException("the back-off's delay = " + delay + " ns: allowed is 0 or more");
        }
        if (attempts.failure instanceof RetryAfterHint hint) {
            Optional<Duration> asked = hint.retryAfter();
            if (asked.isPresent()) {
                if (asked.get().compareTo(config.retryAfterCap()) > 0) {
                    return ASKED_FOR_TOO_LONG;
                }
                // Upwards only: to come back early is what the server asked us not to do.
                double spread =
                        1 + config.jitterSpread() * ThreadLocalRandom.current().nextDouble();
                delay = Math.max(delay, Durations.saturatedNanos(Delays.scaled(asked.get(), spread)));
            }
        }
        return delay < remaining ? delay : NO_TIME;
    }

    private void tell(Attempts attempts, @Nullable Duration delay, @Nullable GiveUp reason) {
        if (LOG.isLoggable(Level.DEBUG)) {
            LOG.log(
                    Level.DEBUG,
                    "retry '" + name + "': attempt " + attempts.number + " ended with "
                            + (attempts.failure == null ? "a result to be retried" : attempts.failure)
                            + (delay == null ? ", giving up: " + reason : ", next in " + delay));
        }
        if (runtime.hasListeners()) {
            runtime.publish(new Told(
                    name,
                    runtime.wallClock().instant(),
                    attempts.number,
                    Optional.ofNullable(delay),
                    Optional.ofNullable(reason),
                    Optional.ofNullable(attempts.failure)));
        }
    }

    private record Told(
            String guard,
            Instant at,
            int attempt,
            Optional<Duration> delay,
            Optional<GiveUp> reason,
            Optional<Throwable> failure)
            implements RetryEvent {}

    RetryMetrics metrics() {
        return new Counted(retries.sum(), givenUp.sum(), refusedByBudget.sum());
    }

    private record Counted(long retries, long givenUp, long refusedByBudget) implements RetryMetrics {}

    /** What is known of a call's attempts. Confined to whoever drives the call. Small, as there may be many that wait. */
    private static final class Attempts extends Again implements Backoff.Attempt {
        private int number;
        private @Nullable Throwable failure;
        private @Nullable Object result;

        /** The failures of earlier attempts: the first, and the others in a list of their own, as most calls have one at most. */
        private @Nullable Throwable first;

        private @Nullable List<Throwable> others;

        void waitFor(long nanos) {
            delayNanos(nanos);
        }

        void remember(Throwable earlier) {
            if (first == null) {
                first = earlier;
                return;
            }
            if (others == null) {
                others = new ArrayList<>(2);
            }
            if (others.size() < KEPT_FAILURES - 1) {
                others.add(earlier);
            }
        }

        /**
         * Hangs each distinct earlier failure once into the last. Not into one of Weir's own, which may have no stack to tell them apart
         * by, and not into one that was thrown before or carries suppressed ones already: it is shared, and would grow without end.
         */
        void suppressInto(Throwable last) {
            List<Throwable> earlier = new ArrayList<>();
            if (first != null) {
                earlier.add(first);
            }
            if (others != null) {
                earlier.addAll(others);
            }
            if (last instanceof WeirException || last.getSuppressed().length > 0 || containsSame(earlier, last)) {
                return;
            }
            List<Throwable> distinct = new ArrayList<>(earlier.size());
            for (Throwable each : earlier) {
                if (!containsSame(distinct, each) && !Suppressed.reaches(each, last)) {
                    distinct.add(each);
                    last.addSuppressed(each);
                }
            }
        }

        private static boolean containsSame(List<Throwable> all, Throwable one) {
            for (Throwable each : all) {
                if (each == one) {
                    return true;
                }
            }
            return false;
        }

        @Override
        public int number() {
            return number;
        }

        @Override
        public @Nullable Throwable failure() {
            return failure;
        }

        @Override
        public @Nullable Object result() {
            return result;
        }

        @Override
        public Duration previousDelay() {
            return Duration.ofNanos(delayNanos());
        }
    }
}

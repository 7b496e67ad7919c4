package io.weir.ratelimit;

import io.weir.WeirRuntime;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/** Tells the changes of a limiter's rate, in order, the latest last. */
final class RateTeller {
    /*
     * work: changes since the one who tells last looked. Who raises it from 0 tells, until it is 0 again; the others leave it to him.
     *
     * R1  The last one told is the one in force: what is told is read after `work` was, and a change raises `work` after it was made. So either
     *     the reading has the change, or the teller finds `work` raised and reads again. RateChangeTest.
     */
    private static final System.Logger LOG = System.getLogger("io.weir.ratelimit");

    private final String name;
    private final WeirRuntime runtime;
    private final Supplier<Present> present;
    private final AtomicInteger work = new AtomicInteger();

    /** The rate in force. */
    record Present(double rate, Duration period, double maxTokens, Optional<Duration> pause) {}

    private record Change(
            String guard, Instant at, double rate, Duration period, double maxTokens, Optional<Duration> pause)
            implements RateChange {
        @Override
        public String toString() {
            return "RateChange(" + guard + ": " + text(rate, period, maxTokens, pause) + ")";
        }
    }

    RateTeller(String name, WeirRuntime runtime, Supplier<Present> present) {
        this.name = name;
        this.runtime = runtime;
        this.present = present;
    }

    private static String text(double rate, Duration period, double maxTokens, Optional<Duration> pause) {
        return rate + " per " + period + ", maxTokens=" + maxTokens
                + pause.map(time -> ", nothing for " + time).orElse("");
    }

    /** The rate has changed. Not on the timer's thread, as it may run listeners. */
    void tell() {
        if (work.getAndIncrement() != 0) {
            return;
        }
        int seen = 1;
        do {
            seen = work.get();
            try {
                tell(present.get());
            } catch (Throwable e) { // a logger's or an immediate listener's executor: the next change is told again
                work.set(0);
                throw e;
            }
            seen = work.addAndGet(-seen);
        } while (seen != 0);
    }

    private void tell(Present now) {
        LOG.log(
                Level.INFO,
                () -> "rate limiter '" + name + "': " + text(now.rate, now.period, now.maxTokens, now.pause));
        if (runtime.hasListeners()) {
            runtime.publish(
                    new Change(name, runtime.wallClock().instant(), now.rate, now.period, now.maxTokens, now.pause));
        }
    }
}

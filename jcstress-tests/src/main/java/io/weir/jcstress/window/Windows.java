package io.weir.jcstress.window;

import io.weir.engine.breaker.Breaker;
import io.weir.engine.breaker.BreakerConfig;
import io.weir.engine.breaker.BreakerState;
import io.weir.engine.breaker.DetectorConfig;
import java.util.concurrent.atomic.AtomicLong;
import org.agrona.concurrent.NanoClock;

/** A closed breaker with a window, without metrics, on a clock set by hand; and what the tests ask of it. */
final class Windows implements NanoClock {
    static final long SLICE = 1_000_000;

    private final Breaker breaker;
    private final long permit;
    private final AtomicLong now = new AtomicLong();

    Windows(DetectorConfig detection) {
        breaker = new Breaker(
                this,
                BreakerConfig.builder().detection(detection).metrics(false).build());
        permit = breaker.tryAcquire();
    }

    void succeed() {
        breaker.onSuccess(permit, -1);
    }

    void fail() {
        breaker.onFailure(permit, -1);
    }

    void nextSlice() {
        now.addAndGet(SLICE);
    }

    int isOpen() {
        return breaker.state() == BreakerState.OPEN ? 1 : 0;
    }

    int transitions() {
        return (int) breaker.latestTransition().number();
    }

    @Override
    public long nanoTime() {
        return now.get();
    }
}

package io.weir;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.engine.time.TimerNode;
import io.weir.engine.time.TimerTask;
import java.lang.reflect.Proxy;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class WeirRuntimeTest {

    @Test
    void theSchedulersTimerReadsTheRuntimesClockInWhateverOrderTheyAreNamed() {
        AtomicLong delay = new AtomicLong(-1);
        ScheduledExecutorService scheduler = (ScheduledExecutorService) Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {ScheduledExecutorService.class}, (proxy, method, args) -> {
                    if (method.getName().equals("schedule")) {
                        delay.set(((TimeUnit) args[2]).toNanos((long) args[1]));
                    }
                    return null;
                });
        WeirRuntime runtime =
                WeirRuntime.builder().timer(scheduler).clock(() -> 1_000).build();
        runtime.timer().arm(new TimerNode(new Nothing(), 1_500));
        assertThat(delay).hasValue(500);
    }

    private static final class Nothing implements TimerTask {
        @Override
        public void onTimer(TimerNode node) {}

        @Override
        public void onTimerClosed(TimerNode node) {}
    }
}

package io.weir.programs;

import static java.time.Duration.*;

import io.weir.*;
import io.weir.breaker.*;
import io.weir.programs.Domain.*;
import io.weir.retry.*;
import io.weir.testkit.*;
import java.io.IOException;
import java.util.concurrent.*;

class P08UnitTest {
    void opensAndRecovers() throws Exception {
        var time = new VirtualTime();
        var events = new RecordedEvents();
        var rt = time.runtimeBuilder().listener(events).build();
        var breaker =
                CircuitBreaker.builder("t").failureThreshold(2).runtime(rt).build();
        var call = ScriptedCall.<Integer>create()
                .thenFail(new IOException())
                .thenFail(new IOException())
                .thenReturn(7);
        for (int i = 0; i < 2; i++)
            try {
                breaker.call(call);
            } catch (IOException e) {
            }
        assert breaker.state() == CircuitBreaker.State.OPEN;
        time.advance(ofSeconds(30));
        assert breaker.call(call) == 7;
        assert events.of(CircuitBreakerTransition.class).size() == 3;
        var f = Retry.of("r", RetryConfig.DEFAULT, rt).execute(call);
        time.advance(ofSeconds(2));
        assert f.isDone();
        Guard none = Guard.none();
        none.get(() -> 1);
    }
}

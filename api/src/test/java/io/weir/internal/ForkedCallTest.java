package io.weir.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import io.weir.CallOptions;
import io.weir.WeirRuntime;
import io.weir.guard.Bulkhead;
import io.weir.testkit.VirtualTime;
import java.time.Duration;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** F2 of {@link ForkedCall}: a cut that comes before its thread. */
class ForkedCallTest {
    private static final Failed CUT = new Failed(new CancellationException("cut"), Failed.Origin.CANCELLED);

    private final WeirRuntime runtime = new VirtualTime().runtimeBuilder().build();
    private final Bulkhead bulkhead = Bulkhead.builder("line")
            .maxConcurrent(1)
            .maxWaiters(1)
            .runtime(runtime)
            .build();
    private final Chain inner = new Chain("inner", runtime, AbstractGuard.stagesOf(bulkhead));

    private ForkedCall forked() {
        return new ForkedCall(inner, new BlockingCall(inner, CallOptions.NONE, () -> "invoked", 0));
    }

    /** In the line nothing would end its wait: the interrupt was for a thread that wasn't there. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void whoIsCutBeforeHeHasAThreadDoesNotStandInLine(boolean cancelsRunning) {
        assertThat(bulkhead.tryAcquire()).isTrue();
        ForkedCall forked = forked();
        forked.cut(CUT, cancelsRunning);
        Object end = assertTimeoutPreemptively(Duration.ofSeconds(20), forked::run);
        assertThat(end).isSameAs(CUT);
        assertThat(bulkhead.waiters()).isZero();
    }

    @Test
    void aCutAfterTheEndInterruptsNobody() {
        ForkedCall forked = forked();
        assertThat(forked.run()).isEqualTo("invoked");
        forked.cut(CUT, true);
        forked.cut();
        assertThat(Thread.currentThread().isInterrupted()).isFalse();
        assertThat(bulkhead.inUse()).isZero();
    }
}

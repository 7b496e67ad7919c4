package io.weir.http;

import io.weir.Guard;
import io.weir.WeirRuntime;
import io.weir.breaker.CircuitBreaker;
import io.weir.internal.AbstractGuard;
import io.weir.internal.Stage;
import io.weir.retry.Retry;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The pipeline that a client wears: breaker, retry, limiter, outermost first, each if there is one. */
final class ClientGuard extends AbstractGuard {

    private ClientGuard(String name, WeirRuntime runtime, List<Stage> stages) {
        super(name, runtime, stages);
    }

    static ClientGuard of(
            String name,
            WeirRuntime runtime,
            @Nullable CircuitBreaker breaker,
            @Nullable Retry retry,
            @Nullable Guard limiter) {
        List<Stage> stages = new ArrayList<>();
        if (breaker != null) {
            stagesOf(breaker).forEach(stage -> stages.add(JudgedStage.forBreaker(stage)));
        }
        if (retry != null) {
            stagesOf(retry).forEach(stage -> stages.add(JudgedStage.forRetry(stage)));
        }
        if (limiter != null) {
            stages.addAll(stagesOf(limiter));
        }
        return new ClientGuard(name, runtime, stages);
    }
}

package io.weir.http;

import io.weir.Guard;
import io.weir.WeirRuntime;
import io.weir.internal.AbstractGuard;
import io.weir.internal.Stage;
import io.weir.internal.TimeoutStage;
import io.weir.retry.Retry;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The pipelines that a client wears: its overall timeout, breaker, retry, limiter, executor, bulkhead, outermost first, each if there is one. There is
 * one for each kind of request, as they differ in what they send again; they share their stages' guards, and so what those know.
 */
final class ClientGuards {
    private final Guard always;
    private final Guard ifUntouched;
    private final Guard never;

    ClientGuards(String name, WeirRuntime runtime, ApiClient.Builder parts, @Nullable Retry retry) {
        this.always = new Worn(name, runtime, stages(name, runtime, parts, retry, Resend.ALWAYS));
        this.ifUntouched = new Worn(name, runtime, stages(name, runtime, parts, retry, Resend.IF_UNTOUCHED));
        this.never = new Worn(name, runtime, stages(name, runtime, parts, retry, Resend.NEVER));
    }

    private static final class Worn extends AbstractGuard {
        Worn(String name, WeirRuntime runtime, List<Stage> stages) {
            super(name, runtime, stages);
        }
    }

    private static List<Stage> stages(
            String name, WeirRuntime runtime, ApiClient.Builder parts, @Nullable Retry retry, Resend resend) {
        List<Stage> stages = new ArrayList<>();
        if (parts.overallTimeout != null) {
            stages.add(new TimeoutStage(name, runtime, parts.overallTimeout, true));
        }
        if (parts.circuitBreaker != null) {
            AbstractGuard.stagesOf(parts.circuitBreaker).forEach(stage -> stages.add(JudgedStage.forBreaker(stage)));
        }
        if (retry != null) {
            for (Stage stage : AbstractGuard.stagesOf(retry)) {
                boolean limitsTime = stage.limitNanos() > 0;
                if (limitsTime || resend != Resend.NEVER) {
                    stages.add(JudgedStage.forRetry(stage, resend));
                }
            }
        }
        if (parts.limiter != null) {
            stages.addAll(AbstractGuard.stagesOf(parts.limiter));
        }
        if (parts.executor != null) {
            stages.addAll(AbstractGuard.stagesOf(parts.executor));
        }
        if (parts.bulkhead != null) {
            stages.addAll(AbstractGuard.stagesOf(parts.bulkhead));
        }
        return stages;
    }

    /** What a request of a kind passes. */
    Guard of(Resend resend) {
        return switch (resend) {
            case ALWAYS -> always;
            case IF_UNTOUCHED -> ifUntouched;
            case NEVER -> never;
        };
    }
}

package io.weir.retry;

import io.weir.WeirRuntime;
import io.weir.internal.AbstractGuard;
import io.weir.internal.Stage;
import io.weir.internal.TimeoutStage;
import java.util.ArrayList;
import java.util.List;

/**
 * Tries a call again when it failed, after a while. Asynchronous calls hold no thread while they wait. When it gives up, the caller gets
 * the last failure itself, with the distinct earlier ones suppressed in it. A refusal by a guard further in isn't retried unless {@link
 * RetryConfig.Builder#retryRejections} says so; an {@link Error}, an interrupt and a cancellation never are. Thread-safe.
 */
@SuppressWarnings("exports") // what it inherits is the public Guard; how is nobody's business
public final class Retry extends AbstractGuard {
    private final RetryStage stage;

    private Retry(RetryStage stage, WeirRuntime runtime) {
        super(stage.name(), runtime, stages(stage, runtime));
        this.stage = stage;
    }

    private static List<Stage> stages(RetryStage stage, WeirRuntime runtime) {
        List<Stage> stages = new ArrayList<>();
        RetryConfig config = stage.config();
        config.overallTimeout().ifPresent(d -> stages.add(new TimeoutStage(stage.name(), runtime, d, true)));
        stages.add(stage);
        config.attemptTimeout().ifPresent(d -> stages.add(new TimeoutStage(stage.name(), runtime, d, true)));
        return stages;
    }

    /**
     * A retry with the defaults.
     *
     * @param name for messages, events and metrics
     */
    public static Retry of(String name) {
        return of(name, RetryConfig.DEFAULT);
    }

    /**
     * A retry.
     *
     * @param name for messages, events and metrics
     * @param config what, how often and when
     */
    public static Retry of(String name, RetryConfig config) {
        return of(name, config, WeirRuntime.shared());
    }

    /**
     * A retry.
     *
     * @param name for messages, events and metrics
     * @param config what, how often and when
     * @param runtime where time and callbacks come from
     */
    public static Retry of(String name, RetryConfig config, WeirRuntime runtime) {
        return new Retry(new RetryStage(name, config, runtime), runtime);
    }

    public RetryConfig config() {
        return stage.config();
    }

    public RetryMetrics metrics() {
        return stage.metrics();
    }

    @Override
    public String toString() {
        return "Retry(" + name() + ", " + config() + ")";
    }
}

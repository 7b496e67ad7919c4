package io.weir.internal;

import io.weir.AsyncCall;
import io.weir.CallOptions;
import io.weir.Deadline;
import io.weir.Guard;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A guard that isn't Weir's, in a pipeline: called by its public methods, with what is further in as its call. */
final class ForeignStage extends Enclosing {
    private final Guard guard;
    private final String name;

    ForeignStage(Guard guard) {
        this.guard = guard;
        this.name = Objects.requireNonNullElse(nameOf(guard), guard.getClass().getSimpleName());
    }

    @SuppressWarnings("RedundantNullCheck") // a mock has no name
    private static @Nullable String nameOf(Guard guard) {
        return guard.name();
    }

    Guard guard() {
        return guard;
    }

    /** The stages behind a view of a guard that is Weir's; what another guard holds nobody knows. */
    List<Stage> viewed() {
        return guard instanceof View view ? AbstractGuard.stagesOf(view.viewed()) : List.of();
    }

    @Override
    public String name() {
        return name;
    }

    /** The options that the guard is called with: those of the call, and the time that is left of it. */
    CallOptions options(Chain inner, CallOptions options, long remainingNanos) {
        if (remainingNanos == Long.MAX_VALUE || guard instanceof View && options == CallOptions.NONE) {
            return options; // a view has options for calls without any
        }
        return options.andUntil(Deadline.after(Duration.ofNanos(remainingNanos), inner.runtime));
    }

    @Override
    @Nullable
    Object walk(Chain inner, CallOptions options, AsyncCall<?> call, long now) {
        return Chain.PENDING;
    }

    @Override
    Run newRun(Chain inner, CallOptions options, AsyncCall<?> call) {
        return new ForeignRun.Async(this, inner, options, call);
    }

    @Override
    @Nullable
    Object block(Chain inner, CallOptions options, BlockingCall call) {
        return new ForeignRun.Blocking(this, inner, options, call).block();
    }
}

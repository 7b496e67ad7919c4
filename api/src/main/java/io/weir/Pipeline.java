package io.weir;

import io.weir.internal.AbstractGuard;
import io.weir.internal.Stage;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Several guards as one, outermost first: {@code Pipeline.of(breaker, retry, limiter)} lets the breaker see one call whatever the retry
 * does inside, and every attempt pay the limiter. The stages are fused: a call that is admitted and ends at once costs the sum of what the
 * guards themselves cost, and allocates nothing of the pipeline's.
 *
 * <p>A guard of your own making (any implementation of {@link Guard}) can stand anywhere among them. It is called by its public methods, {@link
 * Guard#execute(CallOptions, AsyncCall)} and {@link Guard#call(CallOptions, Call)}, with what is further in as its call, and with the time that is
 * left as a deadline in the options. It may start that call never, once, or several times, also at once and on other threads, until its own end: each
 * start passes the guards further in anew. What it leaves running when it ends is cancelled, and a start after that fails with {@link
 * IllegalStateException}. A failure that it passes on as it is, or in a future's wrapper, counts for the guards further out as what it was further
 * in; a failure of its own counts as a refusal if the call was not invoked in it, and else as a failure of the call. What a guard of your own
 * holds the pipeline doesn't know: the same bulkhead inside it and beside it may wait for itself.
 *
 * <p>Immutable and thread-safe. The guards stay what they are: they can stand in several pipelines, and be used alone.
 */
@SuppressWarnings("exports") // what it inherits is the public Guard; how is nobody's business
public final class Pipeline extends AbstractGuard {
    static final Pipeline NONE = new Pipeline("none", List.of(), WeirRuntime.shared());

    private final List<Guard> guards;

    private Pipeline(String name, List<Guard> guards, WeirRuntime runtime) {
        super(name, runtime, stagesOf(guards));
        this.guards = guards;
    }

    private static List<Stage> stagesOf(List<Guard> guards) {
        List<Stage> stages = new ArrayList<>();
        guards.forEach(guard -> stages.addAll(AbstractGuard.stagesOf(guard)));
        return stages;
    }

    /**
     * Composes guards.
     *
     * @param guards outermost first; at least one
     */
    public static Pipeline of(Guard... guards) {
        return of(List.of(guards));
    }

    /**
     * Composes guards.
     *
     * @param guards outermost first; at least one
     */
    public static Pipeline of(List<? extends Guard> guards) {
        if (guards.isEmpty()) {
            throw new IllegalArgumentException("guards = []: allowed is at least one guard");
        }
        List<Guard> copy = List.copyOf(guards);
        String name = copy.stream().map(Guard::name).distinct().collect(Collectors.joining("+"));
        return new Pipeline(name, copy, runtimeOf(copy));
    }

    /**
     * Composes guards, and stands a fallback outside of them.
     *
     * @param fallback asked for what the guards end with
     * @param guards outermost first; at least one
     * @param <R> the type of the results
     */
    public static <R extends @Nullable Object> TypedGuard<R> of(Fallback<? extends R> fallback, Guard... guards) {
        return of(guards).withFallback(fallback);
    }

    /** The runtime of the outermost guard that has one: it keeps the time of the pipeline's deadlines. */
    static WeirRuntime runtimeOf(List<Guard> guards) {
        WeirRuntime found = null;
        for (Guard guard : guards) {
            WeirRuntime its = runtimeOf(guard);
            if (its != null) {
                if (found != null && found != its) {
                    throw new IllegalArgumentException("guards: '" + guard.name()
                            + "' has another runtime than those before it; allowed is one runtime a pipeline");
                }
                found = its;
            }
        }
        return found == null ? WeirRuntime.shared() : found;
    }

    /**
     * The same pipeline under another name.
     *
     * @param name for messages
     */
    public Pipeline named(String name) {
        return new Pipeline(name, guards, runtime());
    }

    /** The guards, outermost first. */
    public List<Guard> guards() {
        return guards;
    }

    @Override
    public String toString() {
        return "Pipeline" + guards;
    }
}

package io.weir.jmh;

import dev.failsafe.function.CheckedSupplier;
import io.weir.AsyncCall;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import java.util.function.Supplier;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/**
 * An asynchronous call of nothing through the stack of {@link Stacks}. "completed": its stage is complete when it is returned; "pending": it
 * completes after the guarded future has been handed out, on the same thread, and its own future counts. The end is awaited in either case.
 * Profiles are many-sided, as in {@link PipelineBenchmark}.
 */
@State(Scope.Thread)
public class AsyncPipelineBenchmark extends Timed {
    private static final int POLLUTING = 5_000;
    private static final int RETRIED = 20;

    private final Integer result = 7;
    private int failures;

    /** What the call returns: the same object to all contenders, so that none needs a lambda a call. */
    private CompletableFuture<Integer> stage = CompletableFuture.completedFuture(result);

    private final CompletableFuture<Integer> completed = CompletableFuture.completedFuture(result);

    private final AsyncCall<Integer> weirCall = () -> stage;
    private final Supplier<CompletionStage<Integer>> resilience4jCall = () -> stage;
    private final CheckedSupplier<CompletionStage<Integer>> failsafeCall = () -> stage;
    private Supplier<CompletionStage<Integer>> resilience4jStack = resilience4jCall;

    /** Composes what is composed once, and makes the profiles many-sided. */
    @Setup(Level.Trial)
    public void pollute(Stacks stacks) {
        resilience4jStack = stacks.resilience4jAsync(resilience4jCall);
        Supplier<CompletionStage<Integer>> unlucky = stacks.resilience4jAsync(this::failOnce);
        pollute(stacks, call -> stacks.weir.execute(weirCall), () -> stacks.weir.execute(this::failOnce));
        pollute(stacks, call -> resilience4jStack.get(), unlucky);
        pollute(
                stacks,
                call -> stacks.failsafeAsync.getStageAsync(failsafeCall),
                () -> stacks.failsafeAsync.getStageAsync(this::failOnce));
    }

    private void pollute(
            Stacks stacks,
            Function<CompletableFuture<Integer>, CompletionStage<Integer>> guarded,
            Supplier<? extends CompletionStage<Integer>> unlucky) {
        for (int i = 0; i < POLLUTING; i++) {
            stage = completed;
            end(guarded.apply(stage));
            stage = new CompletableFuture<>();
            CompletionStage<Integer> pending = guarded.apply(stage);
            stage.complete(i);
            end(pending);
            // An Error, which nobody retries.
            stage = CompletableFuture.failedFuture(new AssertionError("broken"));
            end(guarded.apply(stage));
        }
        stacks.refuse(); // once: a breaker logs its transitions
        for (int i = 0; i < POLLUTING; i++) {
            end(guarded.apply(stage));
        }
        stacks.reset();
        for (int i = 0; i < RETRIED; i++) {
            failures = 1;
            end(unlucky.get());
        }
        stage = completed;
        stacks.reset();
    }

    private CompletionStage<Integer> failOnce() {
        return failures-- > 0
                ? CompletableFuture.failedFuture(new IllegalStateException("once"))
                : CompletableFuture.completedFuture(result);
    }

    /** Waits for an end of whatever kind. */
    private static void end(CompletionStage<Integer> guarded) {
        guarded.toCompletableFuture().handle((value, failure) -> value).join();
    }

    /** Puts a stage in place that isn't complete. */
    private CompletableFuture<Integer> pending() {
        CompletableFuture<Integer> own = new CompletableFuture<>();
        stage = own;
        return own;
    }

    /** What a caller pays who has one stage depend on another, and no guard. */
    @Benchmark
    public boolean floor_thenApply(Verdicts verdicts) {
        CompletableFuture<Integer> own = pending();
        CompletableFuture<Integer> dependent = own.thenApply(value -> value);
        own.complete(result);
        return verdicts.granted(dependent.isDone());
    }

    @Benchmark
    public boolean weir_execute_completed(Stacks stacks, Verdicts verdicts) {
        return verdicts.granted(stacks.weir.execute(weirCall).isDone());
    }

    @Benchmark
    public boolean resilience4j_execute_completed(Stacks stacks, Verdicts verdicts) {
        return verdicts.granted(resilience4jStack.get().toCompletableFuture().isDone());
    }

    @Benchmark
    public boolean failsafe_execute_completed(Stacks stacks, Verdicts verdicts) {
        return verdicts.granted(stacks.failsafeAsync.getStageAsync(failsafeCall).isDone());
    }

    @Benchmark
    public boolean weir_execute_pending(Stacks stacks, Verdicts verdicts) {
        CompletableFuture<Integer> own = pending();
        CompletableFuture<Integer> guarded = stacks.weir.execute(weirCall);
        own.complete(result);
        return verdicts.granted(guarded.isDone());
    }

    @Benchmark
    public boolean resilience4j_execute_pending(Stacks stacks, Verdicts verdicts) {
        CompletableFuture<Integer> own = pending();
        CompletionStage<Integer> guarded = resilience4jStack.get();
        own.complete(result);
        return verdicts.granted(guarded.toCompletableFuture().isDone());
    }

    @Benchmark
    public boolean failsafe_execute_pending(Stacks stacks, Verdicts verdicts) {
        CompletableFuture<Integer> own = pending();
        CompletableFuture<Integer> guarded = stacks.failsafeAsync.getStageAsync(failsafeCall);
        own.complete(result);
        return verdicts.granted(guarded.isDone());
    }
}

package io.weir.simulation;

import io.weir.AsyncCall;
import io.weir.CallContext;
import io.weir.CallOptions;
import io.weir.Fallback;
import io.weir.Guard;
import io.weir.Pipeline;
import io.weir.TypedGuard;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.BiFunction;
import java.util.function.Function;

/** A pipeline, with probes between its guards; its fallback, if it has one, may stand anywhere in it. */
final class Line {
    static final List<String> KEYS = List.of("a", "b", "c");
    static final int FALLBACK = -7;

    final List<Watch> watches;
    private final boolean hasFallback;
    private final boolean hasHedge;
    private final String text;
    private final BiFunction<CallOptions, AsyncCall<Integer>, CompletableFuture<Integer>> plain;
    private final BiFunction<CallOptions, Function<CallContext, CompletionStage<Integer>>, CompletableFuture<Integer>>
            contextual;

    Line(World world, List<Watch> watches) {
        this.watches = watches;
        hasFallback = world.random.nextInt(4) == 0;
        hasHedge = watches.stream().anyMatch(HedgeWatch.class::isInstance);
        int outside = hasFallback ? world.random.nextInt(watches.size() + 1) : 0;
        List<Guard> inner =
                probed(world, watches.subList(outside, watches.size()), hasFallback ? outside + 1 : 0, true);
        if (hasFallback) {
            List<Guard> outer = probed(world, watches.subList(0, outside), 0, false);
            TypedGuard<Integer> whole =
                    Pipeline.of(outer).around(Pipeline.of(inner).withFallback(fallback(world)));
            plain = whole::execute;
            contextual = whole::executeWith;
        } else {
            Pipeline whole = Pipeline.of(inner);
            plain = (options, call) -> whole.<Integer>execute(options, call);
            contextual = (options, call) -> whole.<Integer>executeWith(options, call);
        }
        text = watches.stream().map(watch -> watch.name).toList() + (hasFallback ? " with a fallback" : "");
    }

    private static List<Guard> probed(World world, List<Watch> watches, int first, boolean innermost) {
        List<Guard> guards = new ArrayList<>();
        for (int i = 0; i <= watches.size(); i++) {
            guards.add(Probe.between(
                    world,
                    i == 0 ? null : watches.get(i - 1),
                    i == watches.size() ? null : watches.get(i),
                    first + i,
                    innermost && i == watches.size()));
            if (i < watches.size()) {
                guards.add(watches.get(i).guard());
            }
        }
        return guards;
    }

    private static Fallback<Integer> fallback(World world) {
        return switch (world.random.nextInt(4)) {
            case 0 -> Fallback.value(FALLBACK);
            case 1 -> Fallback.onRejection().value(FALLBACK);
            case 2 ->
                Fallback.<Integer>from(failure -> {
                    world.stop();
                    return FALLBACK;
                });
            default ->
                Fallback.onFailure(failure -> true).fromStage(failure -> CompletableFuture.completedFuture(FALLBACK));
        };
    }

    CompletableFuture<Integer> execute(World world, Server server, Caller caller) {
        CallOptions options =
                CallOptions.with(Probe.CALLER, caller).andTokens(caller.tokens).andKey(caller.key);
        if (caller.within > 0) {
            options = options.andWithin(java.time.Duration.ofNanos(caller.within));
        }
        return world.random.nextInt(4) == 0
                ? contextual.apply(options, context -> {
                    try {
                        return server.start(caller, context);
                    } catch (Exception e) {
                        throw Line.<RuntimeException>erased(e);
                    }
                })
                : plain.apply(options, () -> server.start(caller, null));
    }

    @SuppressWarnings("unchecked") // the cast is erased
    private static <E extends Throwable> E erased(Throwable thrown) throws E {
        throw (E) thrown;
    }

    boolean hasFallback() {
        return hasFallback;
    }

    boolean hasHedge() {
        return hasHedge;
    }

    boolean leavesRunning() {
        return watches.stream().anyMatch(Watch::leavesRunning);
    }

    @Override
    public String toString() {
        return text;
    }
}

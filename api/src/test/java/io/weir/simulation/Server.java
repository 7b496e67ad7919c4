package io.weir.simulation;

import io.weir.CallContext;
import io.weir.RetryAfterHint;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.function.BiConsumer;

/** What the guards stand before: answers, fails, stalls, throws, answers twice, or never, by the seed. */
final class Server {
    private final World world;
    private final double health;
    final List<Flight> flights = new ArrayList<>();
    /** What a call does while it is being started: another user's event. */
    Runnable inside = () -> {};

    Server(World world) {
        this.world = world;
        this.health = world.random.nextDouble();
    }

    /** A stage that has not ended. */
    static final class Flight {
        final Caller caller;
        final Attempt attempt;
        final CompletableFuture<Integer> stage;
        final boolean never;
        /** Doesn't heed a cancel. */
        final boolean deaf;

        Flight(Attempt attempt, CompletableFuture<Integer> stage, boolean never, boolean deaf) {
            this.attempt = attempt;
            this.caller = attempt.caller;
            this.stage = stage;
            this.never = never;
            this.deaf = deaf;
        }
    }

    private static final class Busy extends Exception implements RetryAfterHint {
        private static final long serialVersionUID = 1;

        @Override
        public Optional<Duration> retryAfter() {
            return Optional.of(Duration.ofMillis(300));
        }
    }

    /** Calls its callbacks twice, the second time with a lie. */
    private static final class Stutterer extends CompletableFuture<Integer> {
        @Override
        public CompletableFuture<Integer> whenComplete(BiConsumer<? super Integer, ? super Throwable> action) {
            return super.whenComplete((value, failure) -> {
                action.accept(value, failure);
                action.accept(-99, null);
            });
        }
    }

    private static final class Deaf extends CompletableFuture<Integer> {
        @Override
        public boolean cancel(boolean mayInterruptIfRunning) {
            return false;
        }
    }

    CompletionStage<Integer> start(Caller caller, CallContext context) throws Exception {
        Attempt attempt = world.walking;
        if (attempt == null || attempt.caller != caller) {
            throw new IllegalStateException(caller + " is invoked, and " + attempt + " was let in last");
        }
        if (attempt.isOverBefore(world.step)) {
            world.violated(Invariant.NOTHING_GOES_ON, attempt + " is invoked after its end");
        }
        caller.invocations++;
        attempt.invoked();
        int kind = world.random.nextInt(24);
        world.log(() -> attempt + " is invoked, " + kind);
        world.stop();
        if (world.random.nextInt(12) == 0) {
            inside.run();
        }
        if (context != null && world.random.nextInt(4) == 0) {
            context.onCancel(() -> world.log(() -> caller + " hears of its cancel"));
        }
        return switch (kind) {
            case 0, 1, 2, 3 -> CompletableFuture.completedFuture(value(caller));
            case 4, 5 -> CompletableFuture.failedFuture(failure(caller));
            case 6 -> throw (Exception) failure(caller);
            case 7 -> {
                caller.answers.add(NullPointerException.class);
                yield null;
            }
            case 8 -> {
                Error error = new AssertionError("scripted");
                caller.answers.add(error);
                throw error;
            }
            case 9 -> {
                CompletableFuture<Integer> stage = fly(attempt, new CompletableFuture<>(), false, true);
                yield stage.minimalCompletionStage();
            }
            case 10, 11 -> fly(attempt, new Stutterer(), false, false);
            case 12 -> fly(attempt, new Deaf(), false, true);
            case 13 -> fly(attempt, new CompletableFuture<>(), true, false);
            default -> fly(attempt, new CompletableFuture<>(), false, false);
        };
    }

    private CompletableFuture<Integer> fly(
            Attempt attempt, CompletableFuture<Integer> stage, boolean never, boolean deaf) {
        flights.add(new Flight(attempt, stage, never, deaf));
        return stage;
    }

    private static Integer value(Caller caller) {
        Integer value = caller.id * 1_000 + caller.invocations;
        caller.answers.add(value);
        return value;
    }

    private Throwable failure(Caller caller) {
        Throwable failure = switch (world.random.nextInt(8)) {
            case 0 -> new Busy();
            case 1 -> new IllegalStateException("scripted");
            case 2 -> new CancellationException("scripted");
            default -> new IOException("scripted");
        };
        caller.answers.add(failure);
        return failure;
    }

    /** Ends one that flies; false if there is none, but for those that never end. */
    boolean end() {
        flights.removeIf(flight -> flight.stage.isDone());
        List<Flight> ending = flights.stream().filter(flight -> !flight.never).toList();
        if (ending.isEmpty()) {
            return false;
        }
        Flight flight = ending.get(world.random.nextInt(ending.size()));
        flights.remove(flight);
        if (world.random.nextDouble() < health) {
            Integer value = value(flight.caller);
            world.log(() -> flight.attempt + " is answered");
            flight.stage.complete(value);
        } else {
            Throwable failure = failure(flight.caller);
            world.log(() -> flight.attempt + " is failed: " + failure);
            flight.stage.completeExceptionally(
                    world.random.nextInt(4) == 0 ? new CompletionException(failure) : failure);
        }
        if (world.random.nextInt(8) == 0) {
            flight.stage.complete(-98); // too late
        }
        return true;
    }

    /** What flies though its call has ended. */
    void check() {
        for (Flight flight : flights) {
            if (!flight.deaf
                    && !flight.stage.isDone()
                    && flight.attempt.isOverBefore(Integer.MAX_VALUE)
                    && !flight.caller.line.leavesRunning()) {
                world.violated(Invariant.NOTHING_GOES_ON, flight.attempt + " has ended, and its stage flies on");
            }
        }
    }
}

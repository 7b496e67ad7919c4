package io.weir.simulation;

import io.weir.WeirException;
import io.weir.event.WeirEvent;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiFunction;
import java.util.function.BooleanSupplier;

/** One run: some pipelines over shared guards, and events in an order, all of it by the seed. */
final class Schedule {
    /** What can stand in a pipeline. A new guard gets a watch and a line here. */
    private enum Kind {
        BREAKER(BreakerWatch::new),
        RETRY(RetryWatch::new),
        TIMEOUT(TimeoutWatch::new),
        LIMITER(LimiterWatch::new),
        KEYED(KeyedWatch::new),
        BULKHEAD(BulkheadWatch::new),
        ADAPTIVE(AdaptiveWatch::new),
        HEDGE(HedgeWatch::new),
        PAYING(PayingWatch::new),
        FOLLOWER(FollowerWatch::new),
        EXECUTOR(ExecutorWatch::new);

        final BiFunction<World, String, Watch> watch;

        Kind(BiFunction<World, String, Watch> watch) {
            this.watch = watch;
        }
    }

    private static final int MOST_CALLS = 16;

    private final World world;
    private final SplittableRandom random;
    private final Server server;
    private final List<Watch> watches = new ArrayList<>();
    private final List<Line> lines = new ArrayList<>();
    private final List<Caller> callers = new ArrayList<>();
    private boolean anyClosed;
    private int reentries;
    /** Events within events. */
    private int within;

    private boolean ended;

    private Schedule(long seed, boolean traced) {
        random = new SplittableRandom(seed);
        world = new World(random, traced);
        server = new Server(world);
        world.other = this::eventWithin;
        server.inside = this::eventWithin;
    }

    /**
     * Runs one.
     *
     * @param seed decides everything
     * @param trace gets what happened; null if nobody wants to know
     * @throws Violation if an invariant doesn't hold
     */
    static void run(long seed, StringBuilder trace) {
        Schedule schedule = new Schedule(seed, trace != null);
        try {
            schedule.run();
        } catch (RuntimeException e) {
            Violation violation = new Violation(Invariant.NO_SURPRISE, "thrown: " + e);
            violation.initCause(e);
            throw violation;
        } finally {
            if (trace != null) {
                trace.append(schedule.world.mode)
                        .append(' ')
                        .append(schedule.lines)
                        .append('\n');
                trace.append(schedule.world.trace());
            }
        }
    }

    private void run() {
        build();
        check();
        int events = 20 + random.nextInt(100);
        for (int i = 0; i < events; i++) {
            go(this::event);
        }
        end();
    }

    private void build() {
        int count = 1 + random.nextInt(6);
        for (int i = 0; i < count; i++) {
            Kind kind = Kind.values()[random.nextInt(Kind.values().length)];
            watches.add(kind.watch.apply(world, kind.name().toLowerCase(Locale.ROOT) + i));
        }
        lines.add(new Line(world, watches));
        if (random.nextBoolean()) {
            List<Watch> some =
                    watches.stream().filter(w -> random.nextBoolean()).toList();
            lines.add(new Line(world, some)); // in the same order, or two bulkheads might wait for each other
        }
        if (random.nextInt(4) == 0) {
            world.runtime.listen(this::onEvent);
        }
    }

    private void onEvent(WeirEvent event) {
        if (reentries++ < 5 && random.nextBoolean()) {
            eventWithin();
        }
        if (random.nextInt(4) == 0) {
            throw new IllegalStateException("a listener's own");
        }
    }

    /** One event with no thread stopped before it, and what must hold after it. */
    private void go(Runnable event) {
        world.frame(event);
        if (world.mode == World.Mode.PROMPT) {
            settle();
        }
        check();
    }

    private void check() {
        watches.forEach(Watch::check);
        server.check();
        for (Caller caller : callers) {
            world.check(
                    caller.held == 0 || !caller.isDone() || world.tasks() > 0,
                    Invariant.LEDGER,
                    () -> caller + " has ended, and " + caller.held + " admissions hold");
        }
        world.throwViolation();
    }

    private void settle() {
        while (inFrame(world::runTask) || inFrame(world::fireTimer)) {
            world.throwViolation();
        }
    }

    private boolean inFrame(BooleanSupplier event) {
        boolean[] happened = new boolean[1];
        world.frame(() -> happened[0] = event.getAsBoolean());
        return happened[0];
    }

    /** Something happens inside of something else. */
    private void eventWithin() {
        if (ended) {
            return;
        }
        within++;
        Attempt walking = world.walking;
        try {
            event();
        } finally {
            world.walking = walking;
            within--;
        }
    }

    /** Something happens. */
    private void event() {
        int kind = random.nextInt(100);
        boolean happened = false;
        if (kind < 18) {
            happened = world.runTask();
        } else if (kind < 32) {
            happened = world.fireTimer();
        } else if (kind < 50) {
            happened = server.end();
        } else if (kind < 54) {
            happened = userEnds();
        } else if (kind < 66) {
            byHand(watches.get(random.nextInt(watches.size())));
            happened = true;
        } else if (kind < 82) {
            advance();
            happened = true;
        } else if (kind == 82 && random.nextInt(6) == 0) {
            anyClosed = true;
            watches.get(random.nextInt(watches.size())).close();
            happened = true;
        }
        if (!happened) {
            call();
        }
    }

    private void byHand(Watch watch) {
        try {
            watch.byHand();
        } catch (IllegalStateException closed) { // meanwhile
            world.check(anyClosed, Invariant.NO_SURPRISE, () -> watch.name + " throws " + closed);
        }
    }

    private void advance() {
        if (within > 0 && world.mode == World.Mode.PROMPT) {
            return; // what began before would take time, and end late
        }
        if (world.mode == World.Mode.JUMPING && random.nextInt(3) == 0) {
            world.jump();
            return;
        }
        long next = world.untilNextDeadline();
        world.advance(
                switch (random.nextInt(5)) {
                    case 0 -> random.nextLong(1_000_000);
                    case 1 -> random.nextLong(3_000_000_000L);
                    case 2 -> Math.max(0, next - 1);
                    default -> Math.max(0, next);
                });
    }

    private void call() {
        if (callers.size() >= MOST_CALLS) {
            return;
        }
        Line line = lines.get(random.nextInt(lines.size()));
        Caller caller = new Caller(
                callers.size() + 1,
                line,
                random.nextInt(3) == 0 ? random.nextInt(9) / 4.0 : 1,
                Line.KEYS.get(random.nextInt(Line.KEYS.size())),
                world.elapsed(),
                random.nextInt(4) == 0 ? 1 + random.nextLong(2_000_000_000L) : 0);
        callers.add(caller);
        world.log(() ->
                caller + " begins, " + caller.tokens + " tokens, key " + caller.key + ", within " + caller.within);
        CompletableFuture<Integer> future = line.execute(world, server, caller);
        caller.future = future;
        future.whenComplete((value, failure) -> heard(caller, value, failure));
    }

    private boolean userEnds() {
        List<Caller> open = callers.stream()
                .filter(caller -> caller.future != null && !caller.isDone())
                .toList();
        if (open.isEmpty()) {
            return false;
        }
        endByUser(open.get(random.nextInt(open.size())));
        return true;
    }

    private void endByUser(Caller caller) {
        caller.byUser = true;
        int how = random.nextInt(4);
        world.log(() -> caller + ": the user " + (how == 0 ? "completes" : how == 1 ? "fails" : "cancels") + " it");
        switch (how) {
            case 0 -> caller.future.complete(-1);
            case 1 -> caller.future.completeExceptionally(new IllegalStateException("the user's"));
            default -> caller.future.cancel(random.nextBoolean());
        }
    }

    private void heard(Caller caller, Integer value, Throwable failure) {
        caller.heard++;
        caller.doneStep = Math.min(caller.doneStep, world.step);
        caller.end = Caller.endOf(failure);
        world.log(() -> caller + " ends with " + value + ", " + failure);
        world.check(caller.heard == 1, Invariant.CONSERVATION, () -> caller + " ends a second time");
        if (!caller.byUser) {
            // An attempt that has lost, and is on a thread just then, gives back when that goes on.
            world.check(
                    caller.held == 0 || caller.line.hasHedge() && (within > 0 || world.isNested()),
                    Invariant.LEDGER,
                    () -> caller + " ends, and " + caller.held + " admissions hold");
            world.check(
                    isItsOwn(caller, value, failure),
                    Invariant.PROVENANCE,
                    () -> caller + " ends with " + value + ", " + failure + "; what it got is " + caller.answers);
            long took = world.elapsed() - caller.since;
            world.check(
                    world.mode != World.Mode.PROMPT
                            || world.isTimerClosed()
                            || caller.within == 0
                            || took <= caller.within,
                    Invariant.TIME,
                    () -> caller + " took " + took + " ns of " + caller.within);
        }
        if (random.nextInt(16) == 0) {
            eventWithin(); // a dependent that goes on
        }
    }

    private boolean isItsOwn(Caller caller, Integer value, Throwable failure) {
        if (failure == null) {
            return caller.answers.contains(value) || value == Line.FALLBACK && caller.line.hasFallback();
        }
        if (failure instanceof WeirException || caller.answers.contains(failure)) {
            return true;
        }
        if (failure instanceof NullPointerException) {
            return caller.answers.contains(NullPointerException.class)
                    && "the call returned null, not a stage".equals(failure.getMessage());
        }
        if (failure instanceof IllegalStateException || failure instanceof CancellationException) {
            return anyClosed; // closed, or shut down
        }
        return failure instanceof IllegalArgumentException
                && String.valueOf(failure.getMessage()).startsWith("tokens = "); // maxTokens was lowered
    }

    // ---- the end

    private void end() {
        int how = random.nextInt(8);
        if (how == 0) {
            anyClosed = true;
            go(() -> watches.forEach(Watch::close));
        } else if (how == 1) {
            anyClosed = true;
            world.log(() -> "the runtime is closed");
            go(world.runtime::close);
        }
        go(this::letGo);
        drain();
        ended = true;
        for (Caller caller : callers) {
            world.check(caller.isDone(), Invariant.NOBODY_HANGS, () -> caller + " in " + caller.line + " never ends");
            world.check(
                    caller.held == 0, Invariant.LEDGER, () -> caller + " is held by " + caller.held + " admissions");
        }
        long counted = callers.stream()
                .filter(caller -> caller.end != null && caller.heard == 1)
                .count();
        world.check(counted == callers.size(), Invariant.CONSERVATION, () -> counted + " ends of " + callers.size());
        check();
        if (random.nextBoolean()) {
            closeAndCountTimers();
        }
        watches.forEach(Watch::checkAtRest);
        check();
    }

    /** Lets everything come to its end. A call that waits for a stage that never ends is cancelled, when nothing else is left to do. */
    private void drain() {
        for (int i = 0; i < 10_000; i++) {
            int tried = random.nextInt(3);
            boolean happened = false;
            for (int j = 0; j < 3 && !happened; j++) {
                happened = switch ((tried + j) % 3) {
                    case 0 -> inFrame(world::runTask);
                    case 1 -> inFrame(world::fireTimer);
                    default -> inFrame(server::end);
                };
            }
            if (!happened) {
                long next = world.untilNextDeadline();
                boolean awaited = callers.stream().anyMatch(caller -> !caller.isDone())
                        || watches.stream().anyMatch(Watch::isAwaited);
                if (next >= 0 && awaited || next > 0 && random.nextInt(4) > 0) {
                    world.advance(next);
                } else if (!inFrame(this::letGo) && !cancelHopeless()) {
                    return;
                }
            }
            go(this::letGo);
        }
        world.violated(Invariant.NOBODY_HANGS, "it comes to no end");
    }

    private boolean letGo() {
        boolean any = false;
        for (Watch watch : watches) {
            any |= watch.letGo();
        }
        return any;
    }

    private boolean cancelHopeless() {
        List<Server.Flight> never = server.flights.stream()
                .filter(flight -> !flight.stage.isDone() && !flight.caller.isDone())
                .toList();
        if (never.isEmpty()) {
            return false;
        }
        go(() -> endByUser(never.get(random.nextInt(never.size())).caller));
        return true;
    }

    private void closeAndCountTimers() {
        anyClosed = true;
        go(() -> watches.forEach(Watch::close));
        for (int i = 0; i < 1_000 && inFrame(world::runTask); i++) {}
        int left = world.armedTimers();
        world.check(left == 0, Invariant.NO_TIMER, () -> left + " timers are armed when all has ended and is closed");
    }
}

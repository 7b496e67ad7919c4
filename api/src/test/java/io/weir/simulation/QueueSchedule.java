package io.weir.simulation;

import io.weir.executor.StopReport;
import io.weir.executor.WorkQueue;
import io.weir.executor.WorkQueueMetrics;
import io.weir.retry.Retry;
import io.weir.retry.RetryConfig;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.BooleanSupplier;

/** One run of a work queue: puts, workers, joins and stops in an order, all of it by the seed. */
final class QueueSchedule {
    private static final int MOST_ITEMS = 24;

    private final World world;
    private final SplittableRandom random;
    private final int capacity;
    private final int count;
    private final WorkQueue<Item> queue;
    private final Retry retry;
    private final List<Item> items = new ArrayList<>();
    private final List<Flight> flights = new ArrayList<>();
    private final List<Join> joins = new ArrayList<>();
    private final List<Stop> stops = new ArrayList<>();
    private final double health;
    private int running;
    private int lastBegun = -1;
    private int lastStep;
    private boolean started;
    private boolean isWhole;
    private CompletableFuture<Void> whole;
    private int whollyPut;
    private RuntimeException thrown;
    private boolean stopped;
    private boolean runtimeClosed;
    private int overStep = Integer.MAX_VALUE;
    private long refusedBeforeStop;
    private long refused;
    private boolean ended;

    /** One item, as the one who put it and the worker see it. */
    private static final class Item {
        final int id;
        final long since;
        CompletableFuture<Boolean> answer;
        boolean isWhole;
        boolean byUser;
        boolean begun;
        boolean done;
        int doneStep;
        boolean over;
        boolean told;
        boolean lost;
        final List<Throwable> failures = new ArrayList<>();

        Item(int id, long since) {
            this.id = id;
            this.since = since;
        }

        boolean isIn() {
            return begun || answer != null && answer.isDone() && !answer.isCompletedExceptionally() && answer.join();
        }

        @Override
        public String toString() {
            return "item " + id;
        }
    }

    private record Flight(Item item, CompletableFuture<Integer> stage, boolean never, boolean deaf, boolean retried) {}

    private record Join(CompletableFuture<Void> future, List<Item> before) {}

    private record Stop(CompletableFuture<StopReport<Item>> future, long until) {}

    private static final class Deaf extends CompletableFuture<Integer> {
        @Override
        public boolean cancel(boolean mayInterruptIfRunning) {
            return false;
        }
    }

    private QueueSchedule(long seed, boolean traced) {
        random = new SplittableRandom(seed);
        world = new World(random, traced);
        world.other = this::event;
        capacity = 1 + random.nextInt(4);
        count = 1 + random.nextInt(3);
        health = random.nextDouble();
        queue = WorkQueue.<Item>builder("queue")
                .capacity(capacity)
                .offerTimeout(Duration.ofNanos(random.nextLong(1_000_000_000L)))
                .runtime(world.runtime)
                .build();
        retry = Retry.of(
                "retry",
                RetryConfig.builder()
                        .maxRetries(2)
                        .jitter(false)
                        .backoff(attempt -> Duration.ofNanos(attempt.number() * 100_000_000L))
                        .build(),
                world.runtime);
    }

    /** As {@link Schedule#run}. */
    static void run(long seed, StringBuilder trace) {
        QueueSchedule schedule = new QueueSchedule(seed, trace != null);
        try {
            schedule.run();
        } catch (RuntimeException e) {
            Violation violation = new Violation(Invariant.NO_SURPRISE, "thrown: " + e);
            violation.initCause(e);
            throw violation;
        } finally {
            if (trace != null) {
                trace.append(schedule.world.mode)
                        .append(" capacity ")
                        .append(schedule.capacity)
                        .append(", workers ")
                        .append(schedule.count)
                        .append('\n')
                        .append(schedule.world.trace());
            }
        }
    }

    private void run() {
        int events = 20 + random.nextInt(100);
        for (int i = 0; i < events; i++) {
            go(this::event);
        }
        end();
    }

    private void go(Runnable event) {
        world.frame(event);
        if (world.mode == World.Mode.PROMPT) {
            while (inFrame(world::runTask) || inFrame(world::fireTimer)) {
                world.throwViolation();
            }
        }
        check();
    }

    private boolean inFrame(BooleanSupplier event) {
        boolean[] happened = new boolean[1];
        world.frame(() -> happened[0] = event.getAsBoolean());
        return happened[0];
    }

    // ---- what happens

    private void event() {
        if (ended) {
            return;
        }
        int kind = random.nextInt(100);
        boolean happened = false;
        if (kind < 20) {
            happened = world.runTask();
        } else if (kind < 32) {
            happened = world.fireTimer();
        } else if (kind < 50) {
            happened = endOne();
        } else if (kind < 54) {
            happened = userAnswers();
        } else if (kind < 58) {
            join();
            happened = true;
        } else if (kind < 74) {
            advance();
            happened = true;
        } else if (kind == 74 && random.nextInt(3) == 0) {
            stop(stopTimeout());
            happened = true;
        } else if (kind == 75 && random.nextInt(8) == 0) {
            closeRuntime();
            happened = true;
        }
        if (!happened) {
            if (started) {
                put();
            } else {
                start();
            }
        }
    }

    private void advance() {
        if (world.isNested() && world.mode == World.Mode.PROMPT) {
            return;
        }
        if (world.mode == World.Mode.JUMPING && random.nextInt(3) == 0) {
            world.jump();
            return;
        }
        long next = world.untilNextDeadline();
        world.advance(
                switch (random.nextInt(4)) {
                    case 0 -> random.nextLong(1_000_000);
                    case 1 -> random.nextLong(1_000_000_000L);
                    case 2 -> Math.max(0, next - 1);
                    default -> Math.max(0, next);
                });
    }

    private void start() {
        switch (random.nextInt(6)) {
            case 0 -> put();
            case 1, 2 -> processAll();
            default -> {
                started = true;
                world.log(() -> "workers start");
                try {
                    queue.startWorkers(count, this::work, this::failed);
                } catch (IllegalStateException over) {
                    world.check(stopped, Invariant.NO_SURPRISE, () -> "startWorkers throws " + over);
                }
            }
        }
    }

    private void processAll() {
        started = true;
        isWhole = true;
        int many = random.nextInt(8);
        int throwsAt = random.nextInt(4) == 0 ? random.nextInt(8) : many;
        world.log(() -> "processAll of " + many);
        Iterable<Item> source = () -> new Iterator<>() {
            @Override
            public boolean hasNext() {
                return whollyPut < many;
            }

            @Override
            public Item next() {
                if (whollyPut == throwsAt) {
                    thrown = new IllegalArgumentException("the iterable's");
                    throw thrown;
                }
                whollyPut++;
                Item item = newItem();
                item.isWhole = true;
                return item;
            }
        };
        try {
            whole = queue.processAll(source, count, this::work, this::failed);
        } catch (IllegalStateException over) {
            world.check(stopped, Invariant.NO_SURPRISE, () -> "processAll throws " + over);
            return;
        }
        whole.whenComplete((nothing, failure) -> {
            world.log(() -> "processAll ends with " + failure);
            if (failure == null) {
                for (Item item : items) {
                    world.check(
                            !item.isWhole || item.done,
                            Invariant.CONSERVATION,
                            () -> "processAll has ended, and " + item + " isn't done");
                }
            } else {
                world.check(
                        thrown != null && failure.getCause() == thrown || failure == thrown || stopped || runtimeClosed,
                        Invariant.PROVENANCE,
                        () -> "processAll ends with " + failure);
            }
        });
    }

    private Item newItem() {
        Item item = new Item(items.size(), world.elapsed());
        items.add(item);
        return item;
    }

    private void put() {
        if (items.size() >= MOST_ITEMS) {
            return;
        }
        Item item = newItem();
        long timeout = random.nextInt(3) == 0 ? 0 : random.nextLong(1_500_000_000L);
        boolean unstarted = queue.state() == WorkQueue.State.IDLE;
        boolean over = stopped;
        boolean own = random.nextInt(4) == 0;
        world.log(() -> item + " is put, within " + (own ? "the offer timeout" : timeout));
        CompletableFuture<Boolean> answer;
        try {
            answer = own ? queue.put(item) : queue.put(item, Duration.ofNanos(timeout));
        } catch (IllegalStateException e) {
            item.answer = CompletableFuture.completedFuture(false);
            world.check(unstarted || stopped || isWhole, Invariant.NO_SURPRISE, () -> "put throws " + e);
            return;
        }
        world.check(!over, Invariant.NO_SURPRISE, () -> "a put after a stop doesn't throw");
        item.answer = answer;
        answer.whenComplete((in, failure) -> {
            world.log(() -> item + " is answered " + in + ", " + failure);
            boolean accepted = failure == null && in;
            world.check(
                    accepted || !item.begun && !item.lost || item.byUser && failure == null,
                    Invariant.CONSERVATION,
                    () -> item + " is worked on, and was turned away");
            if (failure == null && !in && !item.byUser) {
                refused++;
                refusedBeforeStop += queue.state() == WorkQueue.State.PROCESSING && !runtimeClosed ? 1 : 0;
            }
            long took = world.elapsed() - item.since;
            world.check(
                    world.mode != World.Mode.PROMPT || own || runtimeClosed || took <= timeout || accepted && took == 0,
                    Invariant.TIME,
                    () -> item + " was answered after " + took + " ns of " + timeout);
        });
    }

    private boolean userAnswers() {
        List<Item> open = items.stream()
                .filter(item -> item.answer != null && !item.answer.isDone())
                .toList();
        if (open.isEmpty()) {
            return false;
        }
        Item item = open.get(random.nextInt(open.size()));
        boolean before = item.byUser;
        item.byUser = true;
        boolean completes = random.nextInt(3) == 0;
        world.log(() -> item + ": the user " + (completes ? "completes" : "cancels") + " the put");
        boolean won = completes ? item.answer.complete(false) : item.answer.cancel(true);
        world.check(
                !won || !item.begun, Invariant.CONSERVATION, () -> item + " is worked on, and its put was cancelled");
        if (!won) {
            item.byUser = before;
        }
        return true;
    }

    private void join() {
        List<Item> before = items.stream()
                .filter(item -> item.isIn() && !item.done && !item.lost)
                .toList();
        world.log(() -> "join");
        CompletableFuture<Void> future = queue.join();
        joins.add(new Join(future, before));
        future.thenRun(() -> world.check(
                before.stream().allMatch(item -> item.done || item.lost || stopped),
                Invariant.CONSERVATION,
                () -> "a join has ended, and not all of " + before + " are done"));
    }

    private Duration stopTimeout() {
        return switch (random.nextInt(4)) {
            case 0 -> Duration.ZERO;
            case 1 -> Duration.ofNanos(Long.MAX_VALUE);
            default -> Duration.ofNanos(random.nextLong(2_000_000_000L));
        };
    }

    private void stop(Duration timeout) {
        stopped = true;
        world.log(() -> "stop within " + timeout);
        long nanos = timeout.toNanos();
        long until = nanos > Long.MAX_VALUE / 2 ? Long.MAX_VALUE : world.elapsed() + nanos;
        CompletableFuture<StopReport<Item>> future = queue.stop(timeout);
        stops.add(new Stop(future, until));
        future.whenComplete((report, failure) -> {
            world.log(() -> "a stop ends: " + report);
            overStep = Math.min(overStep, world.step);
            int before = -1;
            for (Item item : report.lost()) {
                lose(item);
                int previous = before;
                world.check(
                        world.mode == World.Mode.STOPPED || item.id > previous,
                        Invariant.ORDER,
                        () -> report.lost() + " are out of order");
                before = item.id;
            }
            world.check(
                    world.mode != World.Mode.PROMPT || runtimeClosed || world.elapsed() <= until,
                    Invariant.TIME,
                    () -> "a stop took until " + world.elapsed() + " of " + until);
        });
    }

    private void lose(Item item) {
        // The queue hears of an end by a task, and a stop may come before that.
        world.check(
                !item.done || world.mode != World.Mode.PROMPT || runtimeClosed || item.doneStep >= world.step,
                Invariant.CONSERVATION,
                () -> item + " is done, and reported lost");
        item.lost = true;
        item.done = false;
    }

    private void closeRuntime() {
        runtimeClosed = true;
        world.log(() -> "the runtime is closed");
        world.runtime.close();
    }

    // ---- the workers

    private CompletionStage<?> work(Item item) throws Exception {
        world.log(() -> "work on " + item);
        world.check(!item.begun, Invariant.CONSERVATION, () -> item + " is begun twice");
        world.check(
                !item.lost && overStep >= world.step,
                Invariant.NOTHING_GOES_ON,
                () -> item + " is begun after the queue's end");
        world.check(
                !(item.answer != null && item.answer.isDone() && !item.isIn()),
                Invariant.CONSERVATION,
                () -> item + " is begun, and was turned away");
        world.check(
                item.id > lastBegun
                        || world.mode == World.Mode.STOPPED
                        // Others are on their way to their threads.
                        || count > 1
                                && (world.mode != World.Mode.PROMPT || world.tasks() > 0 || lastStep + 1 >= world.step),
                Invariant.ORDER,
                () -> item + " is begun after item " + lastBegun);
        lastStep = world.step;
        lastBegun = Math.max(lastBegun, item.id);
        item.begun = true;
        running++;
        world.check(
                running <= count || overStep < Integer.MAX_VALUE,
                Invariant.PLACES,
                () -> running + " items are worked on, by " + count);
        world.stop();
        return switch (random.nextInt(10)) {
            case 0, 1 -> {
                end(item, null);
                yield CompletableFuture.completedFuture(1);
            }
            case 2 -> {
                end(item, new IllegalStateException("failed"));
                yield CompletableFuture.failedFuture(item.failures.get(0));
            }
            case 3 -> {
                Exception failure = new Exception("thrown");
                end(item, failure);
                throw failure;
            }
            case 4 -> {
                end(item, new NullPointerException("the worker returned null, not a stage"));
                yield null;
            }
            case 5 -> fly(item, new Deaf(), false, true);
            case 6 -> fly(item, new CompletableFuture<>(), true, false);
            case 7 -> {
                CompletableFuture<Integer> retried = retry.execute(() -> flying(item));
                CompletableFuture<Integer> told = new CompletableFuture<>() {
                    @Override
                    public boolean cancel(boolean mayInterruptIfRunning) {
                        return retried.cancel(mayInterruptIfRunning);
                    }
                };
                retried.whenComplete((value, failure) -> {
                    end(item, failure);
                    if (failure == null) {
                        told.complete(value);
                    } else {
                        told.completeExceptionally(failure);
                    }
                });
                yield told;
            }
            default -> fly(item, new CompletableFuture<>(), false, false);
        };
    }

    private CompletableFuture<Integer> flying(Item item) {
        world.check(
                !item.done && !(item.lost && overStep < world.step && world.tasks() == 0),
                Invariant.NOTHING_GOES_ON,
                () -> item + " is retried after its end");
        CompletableFuture<Integer> stage = new CompletableFuture<>();
        flights.add(new Flight(item, stage, false, false, true));
        return stage;
    }

    private CompletableFuture<Integer> fly(Item item, CompletableFuture<Integer> stage, boolean never, boolean deaf) {
        flights.add(new Flight(item, stage, never, deaf, false));
        stage.whenComplete((value, failure) -> end(item, failure));
        return stage;
    }

    /** The work on an item has ended. */
    private void end(Item item, Throwable failure) {
        if (item.over) {
            return;
        }
        item.over = true;
        running--;
        item.done = !item.lost;
        item.doneStep = world.step;
        if (failure != null) {
            item.failures.add(failure);
        }
    }

    private void failed(Item item, Throwable failure) {
        world.log(() -> item + " failed: " + failure);
        world.check(!item.told, Invariant.CONSERVATION, () -> item + "'s failure is told twice");
        item.told = true;
        boolean own = item.failures.contains(failure)
                || failure instanceof CancellationException
                || failure instanceof NullPointerException;
        world.check(own, Invariant.PROVENANCE, () -> item + " failed with " + failure + ", not " + item.failures);
        if (random.nextInt(8) == 0) {
            throw new IllegalStateException("the error handler's");
        }
    }

    private boolean endOne() {
        flights.removeIf(flight -> flight.stage.isDone());
        List<Flight> ending = flights.stream().filter(flight -> !flight.never).toList();
        if (ending.isEmpty()) {
            return false;
        }
        Flight flight = ending.get(random.nextInt(ending.size()));
        flights.remove(flight);
        world.log(() -> flight.item + "'s stage ends");
        if (random.nextDouble() < health) {
            endFirst(flight, null);
            flight.stage.complete(1);
        } else {
            IllegalStateException failure = new IllegalStateException("scripted");
            endFirst(flight, failure);
            flight.stage.completeExceptionally(failure);
        }
        return true;
    }

    /** Before the queue hears it. */
    private void endFirst(Flight flight, Throwable failure) {
        if (!flight.retried) {
            end(flight.item, failure);
        }
    }

    // ---- what must hold

    private void check() {
        world.throwViolation();
        WorkQueueMetrics counted = queue.metrics();
        world.check(
                counted.queued() <= capacity, Invariant.PLACES, () -> counted.queued() + " are queued of " + capacity);
        world.check(counted.running() <= count, Invariant.PLACES, () -> counted.running() + " run, of " + count);
        if (world.tasks() == 0) {
            if (overStep < world.step) {
                for (Flight flight : flights) {
                    world.check(
                            flight.deaf || flight.stage.isDone() || !flight.item.lost,
                            Invariant.NOTHING_GOES_ON,
                            () -> flight.item + " is lost, and its stage flies on");
                }
            } else if (world.mode != World.Mode.STOPPED) {
                world.check(
                        counted.running() == running || queue.state() == WorkQueue.State.STOPPED,
                        Invariant.PERMITS,
                        () -> counted + ", and " + running + " run");
                world.check(
                        counted.queued() == 0 || counted.running() == count,
                        Invariant.NOBODY_HANGS,
                        () -> counted + ": items wait beside a free worker");
            }
        }
        world.throwViolation();
    }

    private void end() {
        if (random.nextInt(8) == 0) {
            go(this::closeRuntime);
        }
        boolean waits = random.nextBoolean();
        if (waits && !runtimeClosed) {
            drain(false);
        }
        go(() -> stop(random.nextBoolean() ? Duration.ZERO : Duration.ofNanos(random.nextLong(2_000_000_000L))));
        drain(true);
        ended = true;
        checkAtRest();
        world.throwViolation();
    }

    private void drain(boolean stopping) {
        for (int i = 0; i < 5_000; i++) {
            int tried = random.nextInt(3);
            boolean happened = false;
            for (int j = 0; j < 3 && !happened; j++) {
                happened = switch ((tried + j) % 3) {
                    case 0 -> inFrame(world::runTask);
                    case 1 -> inFrame(world::fireTimer);
                    default -> inFrame(this::endOne);
                };
            }
            check();
            if (!happened) {
                long next = world.untilNextDeadline();
                if (next < 0 || !stopping && flights.stream().anyMatch(Flight::never)) {
                    return;
                }
                world.advance(next);
            }
        }
        world.violated(Invariant.NOBODY_HANGS, "it comes to no end");
    }

    private void checkAtRest() {
        world.check(
                queue.state() == WorkQueue.State.STOPPED,
                Invariant.NOBODY_HANGS,
                () -> "the queue is " + queue.state() + " at the end");
        world.check(
                items.stream().allMatch(item -> item.answer == null || item.answer.isDone()),
                Invariant.NOBODY_HANGS,
                () -> "a put is never answered");
        world.check(
                joins.stream().allMatch(join -> join.future.isDone()),
                Invariant.NOBODY_HANGS,
                () -> "a join never ends");
        world.check(
                stops.stream().allMatch(stop -> stop.future.isDone()),
                Invariant.NOBODY_HANGS,
                () -> "a stop never ends");
        world.check(whole == null || whole.isDone(), Invariant.NOBODY_HANGS, () -> "processAll never ends");
        world.throwViolation();
        List<Item> lost = stops.get(0).future.join().lost();
        for (Stop stop : stops) {
            world.check(
                    stop.future.join().lost().equals(lost),
                    Invariant.CONSERVATION,
                    () -> "stops report " + lost + " and " + stop.future.join().lost());
        }
        for (Item item : items) {
            boolean in = item.isIn() || item.lost;
            world.check(
                    !in || item.done != item.lost, Invariant.CONSERVATION, () -> item + " is neither done nor lost");
        }
        long processed = items.stream()
                .filter(item -> item.done && item.failures.isEmpty())
                .count();
        long errors = items.stream()
                .filter(item -> item.done && !item.failures.isEmpty())
                .count();
        WorkQueueMetrics counted = queue.metrics();
        world.check(
                counted.processed() == processed
                        && counted.errors() == errors
                        && counted.enqueued() == processed + errors + lost.size()
                        && counted.backpressure() >= refusedBeforeStop
                        && counted.backpressure() <= refused,
                Invariant.METRICS,
                () -> counted + ", but there were " + processed + " processed, " + errors + " errors, " + lost
                        + " lost, " + refused + " refused");
        world.check(
                world.armedTimers() == 0,
                Invariant.NO_TIMER,
                () -> world.armedTimers() + " timers are armed at the end");
    }
}

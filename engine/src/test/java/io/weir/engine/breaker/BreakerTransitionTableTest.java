package io.weir.engine.breaker;

import static io.weir.engine.breaker.BreakerState.CLOSED;
import static io.weir.engine.breaker.BreakerState.DISABLED;
import static io.weir.engine.breaker.BreakerState.HALF_OPEN;
import static io.weir.engine.breaker.BreakerState.METRICS_ONLY;
import static org.assertj.core.api.Assertions.assertThat;

import io.weir.engine.breaker.Transition.Reason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every event in every state, against the table in {@link Breaker}'s javadoc, which is read from there; and B1, the chain. */
class BreakerTransitionTableTest extends BreakerFixture {
    private static final Path SOURCE = Path.of("src/main/java/io/weir/engine/breaker/Breaker.java");

    private enum Event {
        CALL("call"),
        CALL_AFTER_RECOVERY("call, open time over"),
        CALL_AFTER_ALL("call, trial and open time over"),
        SUCCESS("success, the last needed"),
        FIRST_FAILURE("failure, not the last allowed"),
        LAST_FAILURE("failure, the last allowed"),
        EXCLUDED("excluded"),
        CANCELLED("cancelled"),
        RELEASED("released"),
        NO_BEGINNING("trial never begins in time"),
        NO_REPORT("trial never reports in time"),
        LATE_SUCCESS("late success"),
        LATE_FAILURE("late failure"),
        INVENTED("failure with an invented permit"),
        RESET("reset()"),
        FORCE_OPEN("forceOpen()"),
        DISABLE("disable()"),
        METRICS_ONLY("metricsOnly()");

        final String inTable;

        Event(String inTable) {
            this.inTable = inTable;
        }
    }

    /** One cell; no transition if {@code to} is null. */
    private record Cell(
            BreakerState from, Event event, @Nullable BreakerState to) {
        Reason reason() {
            return switch (event) {
                case CALL_AFTER_RECOVERY, CALL_AFTER_ALL -> Reason.RECOVERY_TIME_OVER;
                case SUCCESS -> Reason.TRIALS_SUCCEEDED;
                case FIRST_FAILURE, LAST_FAILURE -> from == CLOSED ? Reason.FAILURES : Reason.TRIAL_FAILED;
                case NO_REPORT -> Reason.TRIAL_EXPIRED;
                case RESET -> Reason.RESET;
                case FORCE_OPEN, DISABLE, METRICS_ONLY -> Reason.BY_HAND;
                default -> Reason.CREATED; // none of these is a transition
            };
        }
    }

    private final Random random = new Random(42);

    /** The permit of a generation that is past. */
    private long old;

    /** A call in flight in the present generation, or negative. */
    private long inFlight = -1;

    static List<Cell> table() throws IOException {
        List<String> lines = Files.readAllLines(SOURCE);
        int at = 0;
        while (!lines.get(at).startsWith(" *  event ")) {
            at++;
        }
        List<BreakerState> states = Stream.of(cells(lines.get(at)))
                .skip(1)
                .map(BreakerState::valueOf)
                .toList();
        List<Cell> table = new ArrayList<>();
        for (at++; !lines.get(at).contains("</pre>"); at++) {
            String[] row = cells(lines.get(at));
            Event event = Stream.of(Event.values())
                    .filter(e -> e.inTable.equals(row[0]))
                    .findFirst()
                    .orElseThrow(() -> new AssertionError("no such event: " + row[0]));
            for (int i = 0; i < states.size(); i++) {
                BreakerState to = row[i + 1].equals("-") ? null : BreakerState.valueOf(row[i + 1]);
                table.add(new Cell(states.get(i), event, to));
            }
        }
        return table;
    }

    private static String[] cells(String line) {
        return line.substring(2).trim().split(" {2,}");
    }

    @Test
    void theTableIsComplete() throws IOException {
        List<String> cells = new ArrayList<>();
        Set<Reason> reasons = EnumSet.of(Reason.CREATED);
        for (Cell cell : table()) {
            cells.add(cell.event + " in " + cell.from);
            if (cell.to != null) {
                reasons.add(cell.reason());
            }
        }
        List<String> all = new ArrayList<>();
        for (Event event : Event.values()) {
            for (BreakerState from : BreakerState.values()) {
                all.add(event + " in " + from);
            }
        }
        assertThat(cells).containsExactlyInAnyOrderElementsOf(all);
        assertThat(reasons).as("each reason leads somewhere").containsExactlyInAnyOrder(Reason.values());
    }

    @ParameterizedTest
    @MethodSource("table")
    void everyEventInEveryState(Cell cell) {
        enter(cell.from);
        long before = breaker.latestTransition().number();
        happen(cell.event);
        if (cell.to == null) {
            assertState(cell.from);
            assertThat(breaker.latestTransition().number()).as("no transition").isEqualTo(before);
        } else {
            assertState(cell.to);
            Transition last = breaker.latestTransition();
            assertThat(last.number() - before).as("transitions").isEqualTo(steps(cell));
            assertThat(last.to()).isEqualTo(cell.to);
            assertThat(last.reason()).isEqualTo(cell.reason());
            assertChain();
        }
    }

    private static int steps(Cell cell) {
        return cell.from == HALF_OPEN && cell.event == Event.CALL_AFTER_ALL ? 2 : 1;
    }

    @Test
    void aRandomWalkOfAllEventsKeepsTheChain() {
        enter(CLOSED);
        for (int i = 0; i < 20_000; i++) {
            happen(Event.values()[random.nextInt(Event.values().length)]);
            assertChain();
        }
        assertThat(breaker.latestTransition().number()).isGreaterThan(1_000);
    }

    private void assertChain() {
        List<Transition> recent = breaker.recentTransitions();
        for (int i = 1; i < recent.size(); i++) {
            assertThat(recent.get(i).from()).isEqualTo(recent.get(i - 1).to());
            assertThat(recent.get(i).number()).isEqualTo(recent.get(i - 1).number() + 1);
        }
    }

    private void enter(BreakerState state) {
        old = admitted();
        breaker.reset();
        switch (state) {
            case CLOSED -> inFlight = begun();
            case OPEN -> open();
            case HALF_OPEN -> {
                inFlight = halfOpen();
                assertThat(breaker.begin(inFlight)).isTrue();
            }
            case FORCED_OPEN -> breaker.forceOpen();
            case DISABLED -> breaker.disable();
            case METRICS_ONLY -> breaker.metricsOnly();
        }
        if (state == DISABLED || state == METRICS_ONLY) {
            inFlight = begun();
        }
        assertState(state);
    }

    private void happen(Event event) {
        switch (event) {
            case CALL -> call();
            case CALL_AFTER_RECOVERY -> {
                if (breaker.stateNow() != HALF_OPEN) {
                    clock.advance(RECOVERY);
                }
                call();
            }
            case CALL_AFTER_ALL -> {
                clock.advance(TRIAL_TIMEOUT + RECOVERY);
                call();
            }
            case SUCCESS -> report(() -> breaker.onSuccess(inFlight, 1));
            case FIRST_FAILURE -> report(() -> breaker.onFailure(inFlight, 1));
            case LAST_FAILURE -> {
                for (int i = 0; i < 2 && breaker.stateNow().equals(CLOSED); i++) {
                    fail();
                }
                report(() -> breaker.onFailure(inFlight, 1));
            }
            case EXCLUDED -> report(() -> breaker.onExcluded(inFlight));
            case CANCELLED -> report(() -> breaker.onCancelled(inFlight));
            case RELEASED -> report(() -> breaker.release(inFlight));
            case NO_BEGINNING -> {
                breaker.release(Math.max(0, inFlight));
                inFlight = breaker.tryAcquire();
                clock.advance(TRIAL_TIMEOUT);
            }
            case NO_REPORT -> clock.advance(TRIAL_TIMEOUT);
            case INVENTED ->
                breaker.onFailure(
                        Permits.ofTrial(Permits.ofGeneration(random.nextInt(9)), 31, 1 + random.nextInt(9)), 1);
            case LATE_SUCCESS -> breaker.onSuccess(old, 1);
            case LATE_FAILURE -> breaker.onFailure(old, 1);
            case RESET -> breaker.reset();
            case FORCE_OPEN -> breaker.forceOpen();
            case DISABLE -> breaker.disable();
            case METRICS_ONLY -> breaker.metricsOnly();
        }
    }

    private void call() {
        long permit = breaker.tryAcquire();
        if (permit >= 0 && breaker.begin(permit)) {
            inFlight = permit;
        }
    }

    private void report(Runnable report) {
        if (inFlight >= 0) {
            report.run();
            inFlight = -1;
        }
    }
}

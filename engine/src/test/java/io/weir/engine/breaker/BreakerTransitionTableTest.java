package io.weir.engine.breaker;

import static io.weir.engine.breaker.BreakerState.CLOSED;
import static io.weir.engine.breaker.BreakerState.DISABLED;
import static io.weir.engine.breaker.BreakerState.FORCED_OPEN;
import static io.weir.engine.breaker.BreakerState.HALF_OPEN;
import static io.weir.engine.breaker.BreakerState.METRICS_ONLY;
import static io.weir.engine.breaker.BreakerState.OPEN;
import static org.assertj.core.api.Assertions.assertThat;

import io.weir.engine.breaker.Transition.Reason;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every event in every state, against the table in {@link Breaker}'s javadoc; and B1, the chain. */
class BreakerTransitionTableTest extends BreakerFixture {
    private enum Event {
        CALL_EARLY,
        CALL_AFTER_RECOVERY,
        SUCCESS,
        LAST_FAILURE,
        EXCLUDED,
        CANCELLED,
        RELEASED,
        TRIAL_TIMEOUT_PASSES,
        RECOVERY_PASSES,
        LATE_SUCCESS,
        LATE_FAILURE,
        RESET,
        FORCE_OPEN,
        DISABLE,
        METRICS_ONLY
    }

    private record Row(
            BreakerState from,
            Event event,
            BreakerState to,
            @Nullable Reason reason) {}

    /** The permit of a generation that is past. */
    private long old;

    /** A call in flight in the present generation, or negative. */
    private long inFlight = -1;

    static Stream<Row> table() {
        List<Row> rows = new ArrayList<>();
        for (BreakerState from : BreakerState.values()) {
            Map<Event, Row> moves = moves(from);
            for (Event event : Event.values()) {
                rows.add(moves.getOrDefault(event, new Row(from, event, from, null)));
            }
        }
        return rows.stream();
    }

    private static Map<Event, Row> moves(BreakerState from) {
        Map<Event, Row> moves = new EnumMap<>(Event.class);
        move(moves, from, Event.RESET, CLOSED, Reason.RESET);
        if (from != FORCED_OPEN) {
            move(moves, from, Event.FORCE_OPEN, FORCED_OPEN, Reason.BY_HAND);
        }
        if (from != DISABLED) {
            move(moves, from, Event.DISABLE, DISABLED, Reason.BY_HAND);
        }
        if (from != METRICS_ONLY) {
            move(moves, from, Event.METRICS_ONLY, METRICS_ONLY, Reason.BY_HAND);
        }
        switch (from) {
            case CLOSED -> move(moves, from, Event.LAST_FAILURE, OPEN, Reason.FAILURES);
            case OPEN -> move(moves, from, Event.CALL_AFTER_RECOVERY, HALF_OPEN, Reason.RECOVERY_TIME_OVER);
            case HALF_OPEN -> {
                move(moves, from, Event.SUCCESS, CLOSED, Reason.TRIALS_SUCCEEDED);
                move(moves, from, Event.LAST_FAILURE, OPEN, Reason.TRIAL_FAILED);
                move(moves, from, Event.TRIAL_TIMEOUT_PASSES, OPEN, Reason.TRIAL_EXPIRED);
                move(
                        moves,
                        from,
                        Event.RECOVERY_PASSES,
                        OPEN,
                        Reason.TRIAL_EXPIRED); // recovery is longer than the timeout
                // The trial expires, its open time ends, and the call is the next trial: two transitions.
                move(moves, from, Event.CALL_AFTER_RECOVERY, HALF_OPEN, Reason.RECOVERY_TIME_OVER);
            }
            default -> {}
        }
        return moves;
    }

    private static void move(Map<Event, Row> moves, BreakerState from, Event event, BreakerState to, Reason reason) {
        moves.put(event, new Row(from, event, to, reason));
    }

    @ParameterizedTest
    @MethodSource("table")
    void everyEventInEveryState(Row row) {
        enter(row.from);
        long before = breaker.latestTransition().number();
        happen(row.event);
        assertState(row.to);
        Transition last = breaker.latestTransition();
        if (row.reason == null) {
            assertThat(last.number()).as("no transition").isEqualTo(before);
        } else {
            assertThat(last.number()).as("a transition").isGreaterThan(before);
            assertThat(last.to()).isEqualTo(row.to);
            assertThat(last.reason()).isEqualTo(row.reason);
            assertChain();
        }
    }

    @Test
    void aRandomWalkOfAllEventsKeepsTheChain() {
        java.util.Random random = new java.util.Random(42);
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
            case CALL_EARLY -> call();
            case CALL_AFTER_RECOVERY -> {
                clock.advance(TRIAL_TIMEOUT + RECOVERY);
                call();
            }
            case SUCCESS -> report(() -> breaker.onSuccess(inFlight, 1));
            case LAST_FAILURE -> {
                for (int i = 0; i < 2 && breaker.stateNow().equals(CLOSED); i++) {
                    fail();
                }
                report(() -> breaker.onFailure(inFlight, 1));
            }
            case EXCLUDED -> report(() -> breaker.onExcluded(inFlight));
            case CANCELLED -> report(() -> breaker.onCancelled(inFlight));
            case RELEASED -> report(() -> breaker.release(inFlight));
            case TRIAL_TIMEOUT_PASSES -> clock.advance(TRIAL_TIMEOUT);
            case RECOVERY_PASSES -> clock.advance(RECOVERY);
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

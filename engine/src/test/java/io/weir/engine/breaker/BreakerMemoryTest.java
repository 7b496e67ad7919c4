package io.weir.engine.breaker;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** What a breaker keeps, and what its listeners may do: objects are counted, not bytes. */
class BreakerMemoryTest extends BreakerFixture {
    private static final int FLAPS = 1_000_000;

    /** The chain of records, and beside it the generation, its past slots, and the configuration. */
    private static final int BOUND = 2 * Transition.REACHABLE + 100;

    @Test
    void aBreakerThatFlapsAMillionTimesWithNoListenerHoldsABoundedNumberOfObjects() {
        for (int i = 0; i < FLAPS / 3; i++) {
            breaker.onSuccess(trialBegun(), -1);
            if (i % 50_000 == 0) {
                assertThat(Reachable.from(breaker)).isLessThan(BOUND);
            }
        }
        assertThat(breaker.metrics().transitions()).isEqualTo(FLAPS / 3 * 3);
        assertThat(Reachable.from(breaker)).isLessThan(BOUND);
    }

    @Test
    void neitherDoTrialsThatNeverEndPileUp() {
        breakerWith(config().halfOpenMaxCalls(32));
        trialBegun();
        for (int i = 0; i < 2_000; i++) {
            for (int slot = 1; slot < 32; slot++) {
                begun();
            }
            clock.advance(TRIAL_TIMEOUT + RECOVERY); // all expire; the next call re-opens it, and is the next trial
            begun();
        }
        int slotsOfThePast = (Generation.PAST + 1) * (32 + 2);
        assertThat(Reachable.from(breaker)).isLessThan(BOUND + slotsOfThePast);
    }

    @Test
    void aBreakerThatFlapsAMillionTimesBehindAStuckListenerHoldsABoundedNumberOfObjects() {
        List<Integer> held = new ArrayList<>();
        List<Long> numbers = new ArrayList<>();
        TransitionFeed[] feed = new TransitionFeed[1];
        feed[0] = new TransitionFeed(breaker::latestTransition, t -> {
            numbers.add(t.number());
            if (t.number() == 1) {
                // It is stuck for as long as it takes: whoever makes a transition meanwhile leaves it to this drain.
                flap(FLAPS);
                held.add(Reachable.from(breaker, feed[0], t));
            }
        });
        breaker.onTransition(feed[0]::drain);
        flap(1);
        assertThat(held).singleElement().satisfies(n -> assertThat(n).isLessThan(BOUND));
        assertThat(numbers).as("what it finds when it comes back").hasSize(1 + Transition.REACHABLE);
        assertThat(numbers.subList(1, numbers.size()))
                .isEqualTo(LongStream.rangeClosed(FLAPS + 2 - Transition.REACHABLE, FLAPS + 1)
                        .boxed()
                        .toList());
        assertThat(feed[0].lost()).isEqualTo(FLAPS - Transition.REACHABLE);
    }

    @Test
    void aListenerThatIsStuckInTheLastOfALongBatchHoldsABoundedNumberOfObjects() {
        List<Transition> batch = new ArrayList<>(); // a drain holds its batch, and no more
        TransitionFeed feed = new TransitionFeed(breaker::latestTransition, batch::add);
        flap(5_000);
        feed.drain();
        assertThat(batch).hasSize(Transition.REACHABLE);
        flap(FLAPS);
        assertThat(Reachable.from(breaker, batch.toArray(new Transition[0]))).isLessThan(2 * BOUND);
    }

    @Test
    void aListenerMayUseTheBreakerAsAnybodyDoes() {
        List<String> told = new ArrayList<>();
        TransitionFeed feed = new TransitionFeed(breaker::latestTransition, t -> {
            told.add(t.from() + " -> " + t.to());
            breaker.metrics();
            breaker.recentTransitions();
            switch (t.to()) {
                case OPEN -> {
                    refused();
                    breaker.onFailure(0, -1); // a late one
                    clock.advance(RECOVERY);
                    admitted();
                }
                case HALF_OPEN -> {
                    clock.advance(TRIAL_TIMEOUT); // its trial has not begun
                    if (told.size() < 10) {
                        fail();
                    } else {
                        succeed();
                    }
                }
                case CLOSED -> breaker.forceOpen();
                default -> {}
            }
        });
        breaker.onTransition(feed::drain);
        fail();
        fail();
        fail();
        assertThat(feed.failures()).isZero();
        assertThat(told).startsWith("CLOSED -> OPEN", "OPEN -> HALF_OPEN", "HALF_OPEN -> OPEN", "OPEN -> HALF_OPEN");
        assertThat(told)
                .endsWith("HALF_OPEN -> CLOSED", "CLOSED -> FORCED_OPEN")
                .hasSize(12);
    }

    private void flap(int times) {
        for (int i = 0; i < times; i++) {
            breaker.reset();
        }
    }

    private long trialBegun() {
        long trial = halfOpen();
        breaker.begin(trial);
        return trial;
    }
}

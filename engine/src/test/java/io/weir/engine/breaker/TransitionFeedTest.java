package io.weir.engine.breaker;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** F1 to F3, and the history that a breaker keeps. */
class TransitionFeedTest extends BreakerFixture {
    private final List<Long> numbers = new ArrayList<>();

    @Test
    void eachTransitionComesOnceAndInOrder() {
        TransitionFeed feed = feed();
        breaker.onTransition(feed::drain);
        flap(3_000);
        assertThat(numbers).isEqualTo(range(1, 3_000));
        assertThat(feed.lost()).isZero();
    }

    @Test
    void aFeedBeginsWithTheFirstTransitionAfterItWasMade() {
        flap(5);
        TransitionFeed feed = feed();
        feed.drain();
        flap(2);
        feed.drain();
        feed.drain();
        assertThat(numbers).containsExactly(6L, 7L);
    }

    @Test
    void aListener1024BehindLosesNothing() {
        for (int offset = 0; offset < 2_100; offset += 7) {
            numbers.clear();
            breakerWith(config());
            flap(offset);
            TransitionFeed feed = feed();
            flap(1_024);
            feed.drain();
            assertThat(numbers).isEqualTo(range(offset + 1, offset + 1_024));
            assertThat(feed.lost()).isZero();
        }
    }

    @Test
    void aListenerFurtherBehindLosesTheOldestAndTheLossIsCounted() {
        TransitionFeed feed = feed();
        flap(10_000);
        feed.drain();
        assertThat(numbers).isEqualTo(range(10_000 - 1_023, 10_000));
        assertThat(feed.lost()).isEqualTo(10_000 - 1_024);
    }

    @Test
    void aListenerThatFallsBehindWhileADrainStallsLosesTheOldestAndTheLossIsCounted() {
        Deque<Transition> stalled = new ArrayDeque<>();
        TransitionFeed feed = new TransitionFeed(
                () -> stalled.isEmpty() ? breaker.latestTransition() : stalled.pop(), t -> numbers.add(t.number()));
        flap(1_500);
        stalled.push(breaker.latestTransition()); // the drain has read it, when the breaker goes on and cuts the chain
        flap(1_000);
        feed.drain();
        assertThat(numbers).endsWith(1_500L).isEqualTo(range(numbers.get(0), 1_500));
        assertThat(numbers).as("some were out of reach").hasSizeLessThan(1_024);
        assertThat(feed.lost()).isEqualTo(1_500 - numbers.size());
        feed.drain();
        assertThat(numbers).endsWith(2_500L);
        assertThat(feed.lost()).isEqualTo(2_500 - numbers.size());
    }

    @Test
    void aDrainLooksOnceAndOnceMoreIfItWasAskedMeanwhile() {
        int[] looks = {0};
        TransitionFeed[] self = new TransitionFeed[1];
        TransitionFeed feed = new TransitionFeed(
                () -> {
                    looks[0]++;
                    return breaker.latestTransition();
                },
                t -> {
                    self[0].drain();
                    self[0].drain();
                });
        self[0] = feed;
        looks[0] = 0;
        feed.drain();
        assertThat(looks[0]).isEqualTo(1);
        flap(1);
        looks[0] = 0;
        feed.drain();
        assertThat(looks[0]).isEqualTo(2);
    }

    @Test
    void aListenerThatCallsTheBreakerGetsTheTransitionsItMakesAfterwards() {
        int[] depth = {0};
        TransitionFeed feed = new TransitionFeed(breaker::latestTransition, t -> {
            assertThat(depth[0]++).as("never inside itself").isZero();
            numbers.add(t.number());
            if (t.number() < 50) {
                breaker.reset();
            }
            depth[0]--;
        });
        breaker.onTransition(feed::drain);
        breaker.forceOpen();
        assertThat(numbers).isEqualTo(range(1, 50));
        assertThat(feed.failures()).isZero();
    }

    @Test
    void aListenerThatThrowsGetsTheNextAndHarmsNobody() {
        TransitionFeed feed = new TransitionFeed(breaker::latestTransition, t -> {
            numbers.add(t.number());
            throw new AssertionError("a listener's");
        });
        breaker.onTransition(feed::drain);
        flap(3);
        assertThat(numbers).containsExactly(1L, 2L, 3L);
        assertThat(feed.failures()).isEqualTo(3);
    }

    @Test
    void aHookThatThrowsDoesNotFailTheCall() {
        breaker.onTransition(() -> {
            throw new IllegalStateException("a full executor's");
        });
        flap(2);
        assertThat(breaker.recentTransitions()).hasSize(2);
    }

    @Test
    void aClosedFeedDeliversNothing() {
        TransitionFeed feed = feed();
        flap(2);
        feed.close();
        feed.drain();
        assertThat(numbers).isEmpty();
    }

    @Test
    void manyThreadsDrainAndEachTransitionComesOnceAndInOrder() throws InterruptedException {
        AtomicLong last = new AtomicLong();
        AtomicLong wrong = new AtomicLong();
        TransitionFeed feed = new TransitionFeed(breaker::latestTransition, t -> {
            if (last.getAndSet(t.number()) >= t.number()) {
                wrong.incrementAndGet();
            }
        });
        breaker.onTransition(feed::drain);
        int each = 20_000;
        CountDownLatch done = new CountDownLatch(4);
        for (int i = 0; i < 4; i++) {
            new Thread(() -> {
                        for (int k = 0; k < each; k++) {
                            breaker.reset();
                        }
                        done.countDown();
                    })
                    .start();
        }
        done.await();
        feed.drain();
        assertThat(wrong).hasValue(0);
        assertThat(last).hasValue(4L * each);
    }

    @Test
    void aBreakerThatFlapsAMillionTimesKeepsABoundedChain() {
        flap(1_000_000);
        int length = 0;
        for (Transition t = breaker.latestTransition(); t != null; t = t.previous()) {
            length++;
        }
        assertThat(length).isBetween(1_024, 2_048);
        assertThat(breaker.metrics().transitions()).isEqualTo(1_000_000);
    }

    @Test
    void theLast32TransitionsAreKeptOldestFirst() {
        assertThat(breaker.recentTransitions()).isEmpty();
        for (int n = 1; n < 2_200; n++) {
            flap(1);
            assertThat(breaker.recentTransitions())
                    .extracting(Transition::number)
                    .isEqualTo(range(Math.max(1, n - 31), n));
        }
    }

    @Test
    void aRecordSaysWhatHappened() {
        open();
        assertThat(breaker.latestTransition()).hasToString("#1 CLOSED -> OPEN (FAILURES) at 1000");
        assertThat(breaker).hasToString("Breaker[#1 CLOSED -> OPEN (FAILURES) at 1000]");
    }

    private TransitionFeed feed() {
        return new TransitionFeed(breaker::latestTransition, t -> numbers.add(t.number()));
    }

    private void flap(int times) {
        for (int i = 0; i < times; i++) {
            breaker.reset();
        }
    }

    private static List<Long> range(long first, long last) {
        return LongStream.rangeClosed(first, last).boxed().toList();
    }
}

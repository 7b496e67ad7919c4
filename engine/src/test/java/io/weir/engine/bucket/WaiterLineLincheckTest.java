package io.weir.engine.bucket;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jetbrains.lincheck.datastructures.IntGen;
import org.jetbrains.lincheck.datastructures.ModelCheckingOptions;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;
import org.jetbrains.lincheck.datastructures.Validate;
import org.junit.jupiter.api.Test;

/**
 * L1 to L5 of {@link WaiterLine}, in front of a bucket of 2 tokens that gains one a second. Who is granted may be told late, by another
 * thread, so no order of the calls' results is asked for. What is asked for: nobody is overtaken by a call that begins after its acquire
 * returned; and when all threads have come to rest, each waiter has ended once or stands in line, tokens add up, and nobody waits whose
 * tokens are there, or beside a closed bucket, or without a timer.
 */
@Param(name = "tokens", gen = IntGen.class, conf = "1:2")
@Param(name = "seconds", gen = IntGen.class, conf = "1:2")
public class WaiterLineLincheckTest {
    private static final long S = 1_000_000_000L;

    private final AtomicLong now = new AtomicLong();
    private final FiredByHand timer = new FiredByHand(now::get);
    private final TokenBucket bucket = new TokenBucket(
            now::get,
            timer,
            BucketConfig.builder().rate(1).maxTokens(2).initialTokens(1).build());
    private final AtomicInteger stamps = new AtomicInteger();
    private final AtomicInteger taken = new AtomicInteger();
    private final AtomicReference<InLine> latest = new AtomicReference<>();
    private final List<InLine> waiters = new CopyOnWriteArrayList<>();
    private final List<InLine> grants = new CopyOnWriteArrayList<>();

    public WaiterLineLincheckTest() {} // explicit, as the module exports this package

    private final class InLine extends Waiter {
        final AtomicInteger ends = new AtomicInteger();
        final int began = stamps.incrementAndGet();
        volatile int returned = Integer.MAX_VALUE; // when acquire did, having put it in line

        InLine(int tokens) {
            super(tokens);
        }

        @Override
        protected void onEnd(End end) {
            ends.incrementAndGet();
            if (end == End.GRANTED) {
                grants.add(this);
            }
        }
    }

    @Operation
    public void tryAcquire(@Param(name = "tokens") int tokens) {
        int began = stamps.incrementAndGet();
        try {
            if (bucket.tryAcquire(tokens)) {
                taken.addAndGet(tokens);
                for (InLine waiter : waiters) {
                    if (waiter.returned < began && waiter.isWaiting()) {
                        throw new AssertionError("L3: overtaken by a tryAcquire");
                    }
                }
            }
        } catch (IllegalStateException closed) {
            requireClosed();
        }
    }

    @Operation
    public void acquire(@Param(name = "tokens") int tokens) {
        stand(new InLine(tokens), Long.MAX_VALUE);
    }

    @Operation
    public void acquireWithin(@Param(name = "seconds") int seconds) {
        stand(new InLine(1), seconds * S);
    }

    private void stand(InLine waiter, long timeoutNanos) {
        try {
            long wait = bucket.acquire(waiter, timeoutNanos);
            if (wait == 0) {
                taken.addAndGet((int) waiter.tokens());
            } else if (wait == TokenBucket.QUEUED) {
                waiters.add(waiter);
                latest.set(waiter);
                waiter.returned = stamps.incrementAndGet();
            }
        } catch (IllegalStateException closed) {
            requireClosed();
        }
    }

    @Operation
    public void cancel() {
        InLine waiter = latest.getAndSet(null);
        if (waiter != null && bucket.cancel(waiter)) {
            waiter.ends.incrementAndGet();
        }
    }

    @Operation
    public void advance(@Param(name = "seconds") int seconds) {
        now.getAndAdd(seconds * S);
        timer.fire();
    }

    @Operation(runOnce = true)
    public void close() {
        bucket.close();
    }

    private void requireClosed() {
        if (!bucket.isClosed()) {
            throw new AssertionError("refused as closed, but open");
        }
    }

    @Validate
    public void addsUp() {
        while (timer.fire()) {
            // until nothing is due
        }
        int waiting = 0;
        for (InLine waiter : waiters) {
            if (waiter.ends.get() != (waiter.isWaiting() ? 0 : 1)) {
                throw new AssertionError("L2: " + waiter.ends + " ends");
            }
            waiting += waiter.isWaiting() ? 1 : 0;
        }
        if (bucket.waiters() != waiting) {
            throw new AssertionError("L4: " + bucket + ", waiting " + waiting);
        }
        for (int i = 0; i < grants.size(); i++) {
            for (InLine other : waiters) {
                int index = grants.indexOf(other);
                boolean behind = other.isWaiting() || index > i;
                if (behind && other.returned < grants.get(i).began) {
                    throw new AssertionError("L3: " + grants + " of " + waiters);
                }
            }
        }
        double paid = taken.get() + grants.stream().mapToDouble(Waiter::tokens).sum();
        double gained = 1 + now.get() / (double) S;
        if (paid > gained) {
            throw new AssertionError("B1: " + paid + " of " + gained);
        }
        if (bucket.isClosed()) {
            if (waiting > 0) {
                throw new AssertionError("L5: " + bucket);
            }
        } else if (waiting > 0) {
            InLine head = waiters.stream().filter(Waiter::isWaiting).findFirst().orElseThrow();
            boolean one = waiters.stream().filter(Waiter::isWaiting).allMatch(w -> w.tokens() == head.tokens());
            if (one && bucket.availableTokens() >= head.tokens()) {
                throw new AssertionError("L1: " + bucket);
            }
            if (!timer.isArmedWithin(2 * S)) {
                throw new AssertionError("L1: no timer, " + bucket);
            }
        }
    }

    @Test
    void nobodyIsLostOvertakenOrGrantedTwice() {
        new ModelCheckingOptions()
                .iterations(12)
                .invocationsPerIteration(150)
                .threads(2)
                .actorsPerThread(3)
                .actorsBefore(2)
                .actorsAfter(0)
                .check(WaiterLineLincheckTest.class);
    }
}

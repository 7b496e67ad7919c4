package io.weir.engine.bucket;

import io.weir.engine.permit.Permits;
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
 * H1, H3 and H4 of {@link SlotSupply}: two buckets of 2 tokens that gain one a second share one slot. When all threads have come to rest, the slots in use are
 * those of calls that run, each waiter has ended once or stands in line, nobody waits whose tokens are there beside a free slot, or without a timer if they
 * aren't, and each bucket that waits for a slot has one place.
 */
@Param(name = "bucket", gen = IntGen.class, conf = "0:1")
@Param(name = "tokens", gen = IntGen.class, conf = "1:2")
public class SlotLineLincheckTest {
    private static final long S = 1_000_000_000L;
    private static final int MAX = 2;

    private final AtomicLong now = new AtomicLong();
    private final FiredByHand timer = new FiredByHand(now::get);
    private final Permits permits = new Permits(now::get, timer, 1, Integer.MAX_VALUE);
    private final TokenBucket[] buckets = {bucket(), bucket()};
    private final AtomicInteger[] paid = {new AtomicInteger(), new AtomicInteger()};
    private final AtomicInteger running = new AtomicInteger();
    private final AtomicReference<InLine> latest = new AtomicReference<>();
    private final List<InLine> waiters = new CopyOnWriteArrayList<>();

    public SlotLineLincheckTest() {} // explicit, as the module exports this package

    private TokenBucket bucket() {
        BucketConfig config =
                BucketConfig.builder().rate(1).maxTokens(MAX).initialTokens(1).build();
        return new TokenBucket(now::get, timer, config, permits);
    }

    private final class InLine extends Waiter {
        final int in;
        final AtomicInteger ends = new AtomicInteger();

        InLine(int in, int tokens) {
            super(tokens);
            this.in = in;
        }

        @Override
        protected void onEnd(End end) {
            ends.incrementAndGet();
            if (end == End.GRANTED) {
                granted(in, (int) tokens());
            }
        }
    }

    private void granted(int in, int tokens) {
        running.incrementAndGet();
        paid[in].addAndGet(tokens);
    }

    @Operation
    public void acquire(@Param(name = "bucket") int in, @Param(name = "tokens") int tokens) {
        InLine waiter = new InLine(in, tokens);
        try {
            long answer = buckets[in].acquire(waiter, Long.MAX_VALUE);
            if (answer == 0) {
                granted(in, tokens);
            } else if (answer == TokenBucket.QUEUED) {
                waiters.add(waiter);
                latest.set(waiter);
            }
        } catch (IllegalStateException closed) {
            requireClosed();
        }
    }

    /** As an executor does: a slot, then the tokens. */
    @Operation
    public void start(@Param(name = "bucket") int in) {
        if (permits.tryAcquire()) {
            boolean started = false;
            try {
                started = buckets[in].tryAcquire();
            } catch (IllegalStateException closed) {
                requireClosed();
            }
            if (started) {
                granted(in, 1);
            } else {
                permits.release();
            }
        }
    }

    @Operation
    public void end() {
        if (running.getAndUpdate(n -> Math.max(0, n - 1)) > 0) {
            permits.release();
        }
    }

    @Operation
    public void cancel() {
        InLine waiter = latest.getAndSet(null);
        if (waiter != null && buckets[waiter.in].cancel(waiter)) {
            waiter.ends.incrementAndGet();
        }
    }

    @Operation
    public void advance() {
        now.getAndAdd(S);
        timer.fire();
    }

    @Operation(runOnce = true)
    public void close() {
        buckets[1].close();
    }

    private void requireClosed() {
        if (!buckets[1].isClosed()) {
            throw new AssertionError("refused as closed, but open");
        }
    }

    @Validate
    public void addsUp() {
        while (timer.fire()) {
            // until nothing is due
        }
        if (permits.inUse() != running.get()) {
            throw new AssertionError("H1: " + permits + ", running " + running);
        }
        int[] waiting = new int[buckets.length];
        boolean[] alike = {true, true};
        double[] head = new double[buckets.length];
        for (InLine waiter : waiters) {
            if (waiter.ends.get() != (waiter.isWaiting() ? 0 : 1)) {
                throw new AssertionError("L2: " + waiter.ends + " ends");
            }
            if (waiter.isWaiting()) {
                alike[waiter.in] &= waiting[waiter.in]++ == 0 || waiter.tokens() == head[waiter.in];
                head[waiter.in] = waiter.tokens();
            }
        }
        int places = 0;
        for (int i = 0; i < buckets.length; i++) {
            TokenBucket bucket = buckets[i];
            if (bucket.waiters() != waiting[i]) {
                throw new AssertionError("L4: " + bucket + ", waiting " + waiting[i]);
            }
            if (bucket.isClosed()) {
                if (waiting[i] > 0) {
                    throw new AssertionError("L5: " + bucket);
                }
                continue;
            }
            if (paid[i].get() > 1 + now.get() / (double) S) {
                throw new AssertionError("B1: " + paid[i] + " at " + now);
            }
            if (waiting[i] > 0 && alike[i]) {
                boolean ready = bucket.availableTokens() >= head[i];
                places += ready ? 1 : 0;
                if (ready && permits.inUse() < permits.limit()) {
                    throw new AssertionError("H3: " + bucket + ", " + permits);
                }
                if (!ready && !timer.isArmedWithin(MAX * S)) {
                    throw new AssertionError("L1: no timer, " + bucket);
                }
            } else if (waiting[i] > 0) {
                places = Integer.MIN_VALUE / 2; // which of them is the head isn't known here
            }
        }
        if (places >= 0 && permits.waiters() != places) {
            throw new AssertionError("H3: " + permits + ", places " + places);
        }
    }

    @Test
    void slotsAndTokensAddUpAndNobodyIsLost() {
        new ModelCheckingOptions()
                .iterations(Integer.getInteger("weir.lincheck.iterations", 8))
                .invocationsPerIteration(Integer.getInteger("weir.lincheck.invocations", 100))
                .threads(2)
                .actorsPerThread(3)
                .actorsBefore(3)
                .actorsAfter(0)
                .check(SlotLineLincheckTest.class);
    }
}

package io.weir.jcstress.bucket;

import io.weir.engine.bucket.BucketConfig;
import io.weir.engine.bucket.Slots;
import io.weir.engine.bucket.TokenBucket;
import io.weir.engine.time.Timer;
import io.weir.engine.time.TimerNode;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.agrona.concurrent.NanoClock;

/** A clock and a timer that the actors move. */
final class Scene implements NanoClock, Timer {
    /** A second, in nanoseconds. */
    static final long S = 1_000_000_000L;

    private final Queue<TimerNode> armed = new ConcurrentLinkedQueue<>();

    volatile long now;

    /** A bucket in this scene, one token a second. */
    TokenBucket bucket(double maxTokens, double initialTokens) {
        return new TokenBucket(
                this,
                this,
                BucketConfig.builder()
                        .rate(1)
                        .maxTokens(maxTokens)
                        .initialTokens(initialTokens)
                        .build());
    }

    /** A full bucket in this scene, one token a second, for calls that need a slot too. */
    TokenBucket bucket(double maxTokens, Slots slots) {
        return new TokenBucket(
                this, this, BucketConfig.builder().rate(1).maxTokens(maxTokens).build(), slots);
    }

    /** As if the thread were stopped here, so that few samples are enough. */
    static void pause() {
        for (int i = 0; i < 1_000; i++) {
            Thread.onSpinWait();
        }
    }

    @Override
    public long nanoTime() {
        return now;
    }

    /** Fires what is due and was armed before. */
    void fire() {
        for (TimerNode node : armed) {
            if (node.deadlineNanos() - now <= 0) {
                node.tryFire();
            }
        }
    }

    /** Fires the node that was armed first. */
    void fireFirst() {
        TimerNode node = armed.poll();
        if (node != null) {
            node.tryFire();
        }
    }

    /** Fires until nothing that is due is left. For one thread, when all is quiet. */
    void fireAll() {
        while (armed.stream().anyMatch(node -> node.isArmed() && node.deadlineNanos() - now <= 0)) {
            fire();
        }
    }

    @Override
    public void arm(TimerNode node) {
        armed.add(node);
    }

    @Override
    public boolean cancel(TimerNode node) {
        return node.tryCancel();
    }

    @Override
    public void close() {}
}

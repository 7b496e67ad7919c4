package io.weir.guard;

import io.weir.engine.permit.Permits;
import io.weir.internal.AbstractGuard;
import io.weir.internal.Durations;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** The bulkhead on the engine's permits. */
final class DefaultBulkhead extends AbstractGuard implements Bulkhead {
    private final BulkheadStage stage;
    private final Permits permits;

    DefaultBulkhead(Builder builder) {
        this(new BulkheadStage(builder), builder);
    }

    private DefaultBulkhead(BulkheadStage stage, Builder builder) {
        super(builder.name, builder.runtime, List.of(stage));
        this.stage = stage;
        this.permits = stage.permits();
    }

    static void requireConcurrent(int calls) {
        if (calls < 1) {
            throw new IllegalArgumentException("maxConcurrent = " + calls + ": allowed is 1 or more");
        }
    }

    @Override
    public boolean tryAcquire() {
        return stage.counted(permits.tryAcquire());
    }

    @Override
    public CompletableFuture<@Nullable Void> acquire() {
        return acquire(stage.maxWaitNanos());
    }

    @Override
    public CompletableFuture<@Nullable Void> acquire(Duration timeout) {
        return acquire(Durations.waitNanos(timeout));
    }

    private CompletableFuture<@Nullable Void> acquire(long timeoutNanos) {
        PermitFuture future = new PermitFuture(stage);
        future.start(timeoutNanos);
        return future;
    }

    @Override
    public void acquireBlocking() throws InterruptedException {
        stage.acquireBlocking(stage.maxWaitNanos());
    }

    @Override
    public void acquireBlocking(Duration timeout) throws InterruptedException {
        stage.acquireBlocking(Durations.waitNanos(timeout));
    }

    @Override
    public void release() {
        stage.permits().release();
    }

    @Override
    public void resize(int maxConcurrent) {
        requireConcurrent(maxConcurrent);
        permits.resize(maxConcurrent);
    }

    @Override
    public int maxConcurrent() {
        return permits.limit();
    }

    @Override
    public int inUse() {
        return permits.inUse();
    }

    @Override
    public int waiters() {
        return permits.waiters();
    }

    @Override
    public BulkheadMetrics metrics() {
        return stage.metrics();
    }

    @Override
    public void close() {
        permits.close(BulkheadStage.closedMessage(name()));
    }

    @Override
    public String toString() {
        return "Bulkhead(" + name() + ", " + inUse() + " of " + maxConcurrent() + " in use, waiters=" + waiters()
                + (permits.isClosed() ? ", closed)" : ")");
    }
}

package io.weir.http;

import io.weir.WeirRuntime;
import io.weir.engine.time.TimerNode;
import io.weir.engine.time.TimerTask;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import org.jspecify.annotations.Nullable;

/**
 * Reads a response's body, up to a limit, and not beyond the attempt's deadline: the JDK's own timeout ends with the headers, so that a
 * service which stalls after them would hold a call for ever.
 *
 * <p>The subscriber's methods are called one after the other; the timer comes from anywhere. Whoever completes {@code result} first wins,
 * and what comes after is void.
 */
final class BodyCollector implements HttpResponse.BodySubscriber<byte[]>, TimerTask {
    private final WeirRuntime runtime;
    private final TimerNode deadline;
    private final int limit;
    private final boolean cutAtLimit;
    private final CompletableFuture<byte[]> result = new CompletableFuture<>();
    private final ByteArrayOutputStream collected = new ByteArrayOutputStream();
    private volatile Flow.@Nullable Subscription subscription;

    /**
     * A collector for one response.
     *
     * @param runtime whose timer and executor to use
     * @param deadlineNanos when it must have ended, on the runtime's clock
     * @param limit as many bytes are kept
     * @param cutAtLimit whether a longer body is cut off there; else it is a failure
     */
    BodyCollector(WeirRuntime runtime, long deadlineNanos, int limit, boolean cutAtLimit) {
        this.runtime = runtime;
        this.deadline = new TimerNode(this, deadlineNanos);
        this.limit = limit;
        this.cutAtLimit = cutAtLimit;
    }

    @Override
    public CompletionStage<byte[]> getBody() {
        return result;
    }

    @Override
    public void onSubscribe(Flow.Subscription given) {
        subscription = given;
        runtime.timer().arm(deadline);
        given.request(Long.MAX_VALUE);
    }

    @Override
    public void onNext(List<ByteBuffer> buffers) {
        for (ByteBuffer buffer : buffers) {
            int room = limit - collected.size();
            byte[] bytes = new byte[Math.min(room, buffer.remaining())];
            buffer.get(bytes);
            collected.write(bytes, 0, bytes.length);
            if (buffer.hasRemaining()) {
                overLimit();
                return;
            }
        }
    }

    private void overLimit() {
        if (cutAtLimit) {
            onComplete();
        } else {
            onError(new IOException("the body is longer than " + limit + " bytes"));
        }
        cancelSubscription();
    }

    @Override
    public void onError(Throwable failure) {
        runtime.timer().cancel(deadline);
        result.completeExceptionally(failure);
    }

    @Override
    public void onComplete() {
        runtime.timer().cancel(deadline);
        if (!result.isDone()) {
            result.complete(collected.toByteArray());
        }
    }

    /** The transport goes on in whoever completes the result, so it isn't the timer's thread. */
    @Override
    public void onTimer(TimerNode node) {
        runtime.callbackExecutor().execute(() -> {
            if (result.completeExceptionally(new HttpTimeoutException("the body took too long"))) {
                cancelSubscription();
            }
        });
    }

    @Override
    public void onTimerClosed(TimerNode node) {
        // The runtime is closed: the body is read without a deadline.
    }

    private void cancelSubscription() {
        Flow.Subscription held = subscription;
        if (held != null) {
            held.cancel();
        }
    }
}

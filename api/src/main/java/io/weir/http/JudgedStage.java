package io.weir.http;

import io.weir.CallOptions;
import io.weir.internal.Again;
import io.weir.internal.Failed;
import io.weir.internal.Stage;
import org.jspecify.annotations.Nullable;

/**
 * A guard's stage that judges failures as HTTP has it, before the guard's own configuration gets to see them. What no HTTP client should
 * do (open for a 404, retry a 401) it doesn't do, whatever the guard was told; that can only narrow it.
 */
abstract class JudgedStage extends Stage {
    final Stage stage;

    private JudgedStage(Stage stage) {
        this.stage = stage;
    }

    /** What the service, and not its caller, is to blame for. */
    private static boolean isOfTheService(Throwable failure) {
        return failure instanceof ApiConnectionException
                || failure instanceof ApiTimeoutException
                || failure instanceof ServerException;
    }

    /** A breaker's: of the answers, only 5xx is a failure; every other says that the service works. */
    static Stage forBreaker(Stage breaker) {
        return new JudgedStage(breaker) {
            @Override
            public @Nullable Again onEnd(
                    long token,
                    long start,
                    @Nullable Object result,
                    @Nullable Failed failed,
                    @Nullable Again before,
                    CallInfo call) {
                Failed judged = failed;
                if (failed != null && failed.origin() == Failed.Origin.CALL) {
                    Throwable failure = failed.failure();
                    if (failure instanceof ClientClosedException) {
                        judged = new Failed(failure, Failed.Origin.GUARD);
                    } else if (failure instanceof ApiException && !isOfTheService(failure)) {
                        judged = null;
                    }
                }
                return stage.onEnd(token, start, failed == null ? result : null, judged, before, call);
            }
        };
    }

    /** A retry's: tries again what may go well the next time. */
    static Stage forRetry(Stage retry) {
        if (retry.limitNanos() > 0) {
            return retry; // its timeout, which judges nothing
        }
        return new JudgedStage(retry) {
            @Override
            public @Nullable Again onEnd(
                    long token,
                    long start,
                    @Nullable Object result,
                    @Nullable Failed failed,
                    @Nullable Again before,
                    CallInfo call) {
                Failed judged = failed;
                if (failed != null && failed.origin() == Failed.Origin.CALL && !isRetryable(failed.failure())) {
                    judged = new Failed(failed.failure(), Failed.Origin.GUARD); // ends the retries, and is no rejection
                }
                return stage.onEnd(token, start, result, judged, before, call);
            }
        };
    }

    /** Of a request that may be sent twice. */
    private static boolean isRetryable(Throwable failure) {
        return isOfTheService(failure) || failure instanceof TooManyRequestsException;
    }

    // ---- all else is the guard's own

    @Override
    public String name() {
        return stage.name();
    }

    @Override
    public boolean needsClock() {
        return stage.needsClock();
    }

    @Override
    public boolean needsStart() {
        return stage.needsStart();
    }

    @Override
    public boolean asksTimeLeft() {
        return stage.asksTimeLeft();
    }

    @Override
    public long admit(CallOptions options, long now) {
        return stage.admit(options, now);
    }

    @Override
    public RuntimeException refusal(CallOptions options) {
        return stage.refusal(options);
    }

    @Override
    public Wait newWait(CallOptions options) {
        return stage.newWait(options);
    }

    @Override
    public long awaitBlocking(CallOptions options, long budgetNanos) throws InterruptedException {
        return stage.awaitBlocking(options, budgetNanos);
    }

    @Override
    public boolean begin(long token) {
        return stage.begin(token);
    }
}

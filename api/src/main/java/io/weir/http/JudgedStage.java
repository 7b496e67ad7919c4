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
                    } else if (failure instanceof ApiException && !Resend.isOfTheService(failure)) {
                        judged = null;
                    }
                }
                return stage.onEnd(token, start, failed == null ? result : null, judged, before, call);
            }
        };
    }

    /**
     * A retry's: tries again what may go well the next time, and may be sent again.
     *
     * @param retry the guard's stage
     * @param resend the kind of request; not {@link Resend#NEVER}, which has no retry
     */
    static Stage forRetry(Stage retry, Resend resend) {
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
                boolean anyhow = resend == Resend.ALWAYS;
                Failed judged = failed;
                if (failed != null
                        && (failed.origin() == Failed.Origin.CALL && !resend.after(failed.failure())
                                || failed.origin() == Failed.Origin.TIMED_OUT && !anyhow)) {
                    judged = new Failed(failed.failure(), Failed.Origin.GUARD); // ends the retries, and is no rejection
                }
                // A result that the configuration would retry is an effect; it is shown only if a second one is none.
                return stage.onEnd(token, start, anyhow ? result : null, judged, before, call);
            }
        };
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

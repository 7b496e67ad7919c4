package io.weir.simulation;

import io.weir.CallRejectedException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;

/** One call, as the one who made it sees it. */
final class Caller {
    enum End {
        SUCCEEDED,
        FAILED,
        REJECTED,
        CANCELLED
    }

    final int id;
    final Line line;
    final double tokens;
    final String key;
    final long since;
    /** How long the call may take; 0 without limit. */
    final long within;
    /** What its invocations gave it. */
    final Set<Object> answers = new HashSet<>();

    /** Its attempts that are in flight, itself the first. */
    final List<Attempt> live = new ArrayList<>();

    CompletableFuture<Integer> future;
    /** Probes that it is inside of. */
    int held;

    int invocations;
    /** Cancelled or completed by its user. */
    boolean byUser;

    int heard;
    int doneStep = Integer.MAX_VALUE;
    End end;

    Caller(int id, Line line, double tokens, String key, long since, long within) {
        this.id = id;
        this.line = line;
        this.tokens = tokens;
        this.key = key;
        this.since = since;
        this.within = within;
        live.add(new Attempt(this, null, -1));
    }

    boolean isDone() {
        return heard > 0;
    }

    static End endOf(Throwable failure) {
        if (failure == null) {
            return End.SUCCEEDED;
        }
        return failure instanceof CancellationException
                ? End.CANCELLED
                : failure instanceof CallRejectedException ? End.REJECTED : End.FAILED;
    }

    @Override
    public String toString() {
        return "call " + id + (end == null ? "" : " " + end);
    }
}

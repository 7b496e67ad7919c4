package io.weir;

import java.net.ConnectException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.net.http.HttpTimeoutException;
import java.nio.channels.ClosedChannelException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Questions to ask of a failure, and a way to answer one kind of it in {@code exceptionally}. */
public final class Failures {
    private Failures() {}

    /**
     * The failure inside the wrappers that futures put around it.
     *
     * @param failure possibly a {@link CompletionException} or {@link ExecutionException}
     */
    public static Throwable unwrap(Throwable failure) {
        Throwable inner = failure;
        while (inner instanceof CompletionException || inner instanceof ExecutionException) {
            Throwable cause = inner.getCause();
            if (cause == null) {
                break;
            }
            inner = cause;
        }
        return inner;
    }

    /**
     * Whether something took too long: a Weir, JDK, HTTP or socket timeout.
     *
     * @param failure wrapped or not
     */
    public static boolean isTimeout(Throwable failure) {
        Throwable inner = unwrap(failure);
        return inner instanceof CallTimeoutException
                || inner instanceof TimeoutException
                || inner instanceof HttpTimeoutException
                || inner instanceof SocketTimeoutException;
    }

    /**
     * Whether the other side could not be reached, or the connection broke.
     *
     * @param failure wrapped or not
     */
    public static boolean isConnection(Throwable failure) {
        Throwable inner = unwrap(failure);
        return inner instanceof ConnectException
                || inner instanceof UnknownHostException
                || inner instanceof ClosedChannelException
                || inner instanceof java.net.SocketException;
    }

    /**
     * Whether a guard refused the call, which was not invoked then.
     *
     * @param failure wrapped or not
     */
    public static boolean isRejection(Throwable failure) {
        return unwrap(failure) instanceof CallRejectedException;
    }

    /**
     * A function for {@link java.util.concurrent.CompletableFuture#exceptionally}: answers failures of one class, wrapped or not, and
     * passes all others on.
     *
     * @param type the failures to answer
     * @param answer gives the result in the failure's place
     * @param <X> the type of the failure
     * @param <T> the type of the result
     */
    public static <X extends Throwable, T extends @Nullable Object> Function<Throwable, T> on(
            Class<X> type, Function<? super X, ? extends T> answer) {
        return failure -> {
            Throwable inner = unwrap(failure);
            if (type.isInstance(inner)) {
                return answer.apply(type.cast(inner));
            }
            throw inner instanceof CompletionException wrapped ? wrapped : new CompletionException(inner);
        };
    }
}

package io.weir.http;

import java.net.ConnectException;
import org.jspecify.annotations.Nullable;

/** When a request that failed may be sent once more. */
enum Resend {
    /** Whenever it may go well the next time: a second effect is the same as one. */
    ALWAYS,
    /** Only when the service says that it did nothing, or didn't hear: a second effect would be one too many. */
    IF_UNTOUCHED,
    /** Not at all: its body can be read once only. */
    NEVER;

    /** Whether a request of this kind is sent again after a failure of the call itself. */
    boolean after(@Nullable Throwable failure) {
        return switch (this) {
            case ALWAYS -> isOfTheService(failure) || failure instanceof TooManyRequestsException;
            case IF_UNTOUCHED ->
                failure instanceof TooManyRequestsException
                        || failure instanceof ServerException answer && answer.status() == 503
                        || failure instanceof ApiConnectionException unheard && unheard.isRefused();
            case NEVER -> false;
        };
    }

    /** What the service, and not its caller, is to blame for. */
    static boolean isOfTheService(@Nullable Throwable failure) {
        return failure instanceof ApiConnectionException
                || failure instanceof ApiTimeoutException
                || failure instanceof ServerException;
    }

    /** Whether the transport says that there was no connection to send anything on. */
    static boolean isRefused(@Nullable Throwable cause) {
        return cause instanceof ConnectException;
    }
}

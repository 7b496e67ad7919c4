package io.weir.http;

import io.weir.Failures;
import io.weir.internal.RetryAfterHeader;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Makes a client's typed failures, and keeps its key out of them, also where the service repeats it. */
final class ApiFailures {
    private final Auth auth;
    private final Clock wallClock;

    ApiFailures(Auth auth, Clock wallClock) {
        this.auth = auth;
        this.wallClock = wallClock;
    }

    /**
     * The failure that a status stands for.
     *
     * @param request names the request
     * @param response whose status isn't a success
     */
    ApiException ofStatus(String request, HttpResponse<byte[]> response) {
        int status = response.statusCode();
        byte[] body = auth.redacted(response.body());
        Map<String, List<String>> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        response.headers()
                .map()
                .forEach((name, values) ->
                        headers.put(name, values.stream().map(auth::redacted).toList()));
        String detail = Detail.of(new String(body, StandardCharsets.UTF_8));
        String message = auth.redacted(request + ": " + status + (detail == null ? "" : " (" + detail + ")"));
        if (status == 401) {
            return new AuthenticationException(message, headers, body);
        }
        if (status == 404) {
            return new ResourceNotFoundException(message, headers, body);
        }
        if (status == 429) {
            return new TooManyRequestsException(message, headers, body, retryAfter(headers));
        }
        if (status >= 500) {
            return new ServerException(message, status, headers, body, status == 503 ? retryAfter(headers) : null);
        }
        return new ApiException(message, status, headers, body, null);
    }

    private @Nullable Duration retryAfter(Map<String, List<String>> headers) {
        List<String> values = headers.getOrDefault("Retry-After", List.of());
        return values.isEmpty() ? null : RetryAfterHeader.read(values.get(0), wallClock.instant());
    }

    /**
     * What to throw for a body that can't be read.
     *
     * @param request names the request
     * @param response the response, a success
     * @param cause what the codec threw
     */
    ApiException ofBody(String request, ApiResponse response, Exception cause) {
        String message = auth.redacted(request + ": the response can't be read");
        return new ApiException(
                message,
                response.status(),
                response.headers().map(),
                auth.redacted(response.bytes()),
                auth.redacted(cause));
    }

    /**
     * What to throw for what the transport failed with.
     *
     * @param request names the request
     * @param timeout how long the attempt had been given
     * @param late whether that is over
     * @param thrown wrapped or not
     */
    RuntimeException ofTransport(String request, Duration timeout, boolean late, Throwable thrown) {
        Throwable failure = Failures.unwrap(thrown);
        if (failure instanceof Error error) {
            throw error;
        }
        if (failure instanceof RuntimeException unchecked) { // a cancellation, or a defect
            return unchecked;
        }
        Throwable cause = auth.redacted(failure);
        return failure instanceof HttpTimeoutException || late && !Resend.isRefused(failure)
                ? new ApiTimeoutException(
                        auth.redacted(request + ": no complete response within " + timeout), timeout, cause)
                : new ApiConnectionException(
                        auth.redacted(request + ": no connection, or a broken one ("
                                + failure.getClass().getSimpleName() + ")"),
                        cause,
                        Resend.isRefused(failure));
    }
}

package io.weir.programs;

import static java.time.Duration.*;

import io.weir.*;
import io.weir.breaker.*;
import io.weir.retry.*;
import java.net.http.*;
import java.sql.*;
import java.util.concurrent.*;

class P09Classify {
    final CircuitBreaker b = CircuitBreaker.builder("db")
            .failureDetection(
                    FailureDetection.countWindow(100, 0.5).minimumCalls(20).slowCalls(ofSeconds(1), 0.8))
            .openBackoff(OpenBackoff.exponential(2, ofMinutes(5)))
            .failureIf(t -> t instanceof SQLException s && !"23505".equals(s.getSQLState()))
            .failureOnResult(HttpResponse.class, r -> r.statusCode() >= 500)
            .build();
    final Retry r = Retry.of(
            "db",
            RetryConfig.builder()
                    .retryOn(java.net.ConnectException.class, SQLTransientException.class)
                    .retryIf(Failures::isTimeout)
                    .excludeIf(t -> t instanceof SQLException s && s.getErrorCode() == 1)
                    .retryOnResult(HttpResponse.class, x -> x.statusCode() == 503)
                    .backoff(Backoff.decorrelated(ofMillis(50), ofSeconds(5)))
                    .budget(RetryBudget.of(0.1, 5))
                    .honourRetryAfter(ofMinutes(1))
                    .attemptTimeout(ofSeconds(1))
                    .build());
    final RetryConfig fn = RetryConfig.builder()
            .backoff(a -> a.failure() instanceof TimeoutException ? ofMillis(10) : ofMillis(100L * a.number()))
            .build();
}

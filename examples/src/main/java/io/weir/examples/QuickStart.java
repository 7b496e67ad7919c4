package io.weir.examples;

import io.weir.Pipeline;
import io.weir.breaker.CircuitBreaker;
import io.weir.ratelimit.TokenBucketRateLimiter;
import io.weir.retry.Retry;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/** The README's sample: what is between the two marks stands there, word for word, and a test compares them. */
public final class QuickStart {
    private QuickStart() {}

    public static void main(String[] args) throws Exception {
        HttpClient http = HttpClient.newHttpClient();
        HttpRequest request = HttpRequest.newBuilder(URI.create(args.length > 0 ? args[0] : "http://localhost:8080/"))
                .build();
        Path file = Files.writeString(Files.createTempFile("orders", ".json"), "{\"limit\": 50}");

        // tag::quickstart
        var breaker = CircuitBreaker.builder("orders")
                .failureThreshold(5)
                .recoveryTime(Duration.ofSeconds(10))
                .build();
        var retry = Retry.of("orders"); // up to 3 retries after about 1, 2 and 4 s
        var limiter = TokenBucketRateLimiter.of("orders", 50); // a second
        var guard = Pipeline.of(breaker, retry, limiter); // outermost first

        // asynchronous: holds no thread while it waits for a token, or to try again
        var response = guard.execute(() -> http.sendAsync(request, BodyHandlers.ofString()));

        // blocking: what the call throws comes out as it is
        String config = guard.call(() -> Files.readString(file));
        // end::quickstart

        Files.delete(file);
        System.out.println("config " + config);
        System.out.println(response.handle((ok, failed) -> failed == null ? "HTTP " + ok.statusCode() : "" + failed)
                .join());
    }
}

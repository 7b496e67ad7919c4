package io.weir.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weir.http.ApiClient;
import io.weir.http.ApiConnectionException;
import java.io.IOException;
import java.net.Authenticator;
import java.net.ConnectException;
import java.net.CookieHandler;
import java.net.ProxySelector;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import org.junit.jupiter.api.Test;

class HttpPromisesTest {
    private final Unreachable http = new Unreachable();

    @Test
    void anAttemptHasTenSecondsByDefault() {
        try (var client = ApiClient.builder("http://localhost").httpClient(http).build()) {
            assertThatThrownBy(() -> client.get("/x").join()).hasCauseInstanceOf(ApiConnectionException.class);
            assertThat(http.asked)
                    .extracting(HttpRequest::timeout)
                    .containsExactly(Optional.of(Duration.ofSeconds(10)));
        }
    }

    @Test
    void closeMayBeCalledAgain() {
        var client = ApiClient.builder("http://localhost").httpClient(http).build();
        client.close();
        client.close();
        assertThat(client.get("/x")).isCompletedExceptionally();
        assertThatThrownBy(() -> client.blocking().get("/x"))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("closed");
        assertThat(http.asked).isEmpty();
    }

    /** Connects to nothing and remembers what it was asked. */
    private static final class Unreachable extends HttpClient {
        final List<HttpRequest> asked = new CopyOnWriteArrayList<>();

        @Override
        public <T> CompletableFuture<HttpResponse<T>> sendAsync(
                HttpRequest request, HttpResponse.BodyHandler<T> responseBodyHandler) {
            asked.add(request);
            return CompletableFuture.failedFuture(new ConnectException());
        }

        @Override
        public <T> CompletableFuture<HttpResponse<T>> sendAsync(
                HttpRequest request,
                HttpResponse.BodyHandler<T> responseBodyHandler,
                HttpResponse.PushPromiseHandler<T> pushPromiseHandler) {
            return sendAsync(request, responseBodyHandler);
        }

        @Override
        public <T> HttpResponse<T> send(HttpRequest request, HttpResponse.BodyHandler<T> responseBodyHandler)
                throws IOException {
            asked.add(request);
            throw new ConnectException();
        }

        @Override
        public Optional<CookieHandler> cookieHandler() {
            return Optional.empty();
        }

        @Override
        public Optional<Duration> connectTimeout() {
            return Optional.empty();
        }

        @Override
        public Redirect followRedirects() {
            return Redirect.NEVER;
        }

        @Override
        public Optional<ProxySelector> proxy() {
            return Optional.empty();
        }

        @Override
        public SSLContext sslContext() {
            throw new UnsupportedOperationException();
        }

        @Override
        public SSLParameters sslParameters() {
            return new SSLParameters();
        }

        @Override
        public Optional<Authenticator> authenticator() {
            return Optional.empty();
        }

        @Override
        public Version version() {
            return Version.HTTP_1_1;
        }

        @Override
        public Optional<Executor> executor() {
            return Optional.empty();
        }
    }
}

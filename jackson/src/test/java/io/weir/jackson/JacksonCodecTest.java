package io.weir.jackson;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpServer;
import io.weir.http.ApiClient;
import io.weir.http.JsonCodec;
import io.weir.http.TypeRef;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** semantics.md §8: JSON through a codec the user can replace; Jackson's is found where it is there. */
class JacksonCodecTest {
    record Invoice(long id, int cents) {}

    @Test
    void valuesComeBackAsTheyWentOut() throws Exception {
        for (JsonCodec codec : List.of(new JacksonCodec(), JacksonCodec.of(new ObjectMapper()))) {
            List<Invoice> invoices = List.of(new Invoice(1, 2), new Invoice(3, 4));
            byte[] json = codec.write(invoices);
            assertThat(new String(json, StandardCharsets.UTF_8))
                    .isEqualTo("[{\"id\":1,\"cents\":2},{\"id\":3,\"cents\":4}]");
            assertThat(codec.read(json, new TypeRef<List<Invoice>>() {}.type())).isEqualTo(invoices);
            assertThat(codec.read(codec.write(null), Invoice.class)).isNull();
        }
    }

    @Test
    void whatIsNoJsonOrNotTheTypesIsAnIoException() {
        JsonCodec codec = new JacksonCodec();
        for (String text : new String[] {"", "{", "[]", "\"x\""}) {
            assertThatThrownBy(() -> codec.read(text.getBytes(StandardCharsets.UTF_8), Invoice.class))
                    .isInstanceOf(IOException.class);
        }
        assertThatThrownBy(() -> codec.write(new Object())).isInstanceOf(IOException.class);
    }

    @Test
    void aClientFindsTheCodecByItself() throws Exception {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            byte[] echo = exchange.getRequestBody().readAllBytes();
            exchange.sendResponseHeaders(200, echo.length);
            exchange.getResponseBody().write(echo);
            exchange.close();
        });
        server.start();
        try (ApiClient client = ApiClient.builder(
                        "http://127.0.0.1:" + server.getAddress().getPort())
                .build()) {
            Map<String, Object> sent = Map.of("id", 7, "cents", 9, "added", "later");
            assertThat(client.post("/", sent, Invoice.class).get(30, TimeUnit.SECONDS))
                    .isEqualTo(new Invoice(7, 9));
            assertThat(client.blocking().post("/", List.of(sent), new TypeRef<List<Invoice>>() {}))
                    .containsExactly(new Invoice(7, 9));
        } finally {
            server.stop(0);
        }
    }
}

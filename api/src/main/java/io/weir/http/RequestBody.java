package io.weir.http;

import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** What a request carries. */
abstract class RequestBody {
    static final String JSON = "application/json";
    static final String FORM = "application/x-www-form-urlencoded";
    static final RequestBody NONE = of(null, BodyPublishers.noBody());

    private final @Nullable String contentType;

    private RequestBody(@Nullable String contentType) {
        this.contentType = contentType;
    }

    /** Null if the body has none of its own. */
    final @Nullable String contentType() {
        return contentType;
    }

    /** Whether it can be sent a second time. */
    boolean isRepeatable() {
        return true;
    }

    /**
     * What sends it.
     *
     * @throws IllegalArgumentException if it needs a codec and there is none, or that can't write it
     */
    abstract BodyPublisher publisher(@Nullable JsonCodec codec);

    private static RequestBody of(@Nullable String contentType, BodyPublisher publisher) {
        return new RequestBody(contentType) {
            @Override
            BodyPublisher publisher(@Nullable JsonCodec codec) {
                return publisher;
            }
        };
    }

    static RequestBody bytes(String contentType, byte[] bytes) {
        return of(contentType, BodyPublishers.ofByteArray(bytes.clone()));
    }

    /** As HTML forms are sent; a blank is "%20", which every reader of "+" understands too. */
    static RequestBody form(Map<String, ?> fields) {
        byte[] bytes = BaseUrl.encoded(fields, "").getBytes(StandardCharsets.US_ASCII);
        return of(FORM, BodyPublishers.ofByteArray(bytes));
    }

    static RequestBody json(Object value) {
        return new RequestBody(JSON) {
            @Override
            BodyPublisher publisher(@Nullable JsonCodec codec) {
                String type = value.getClass().getTypeName();
                if (codec == null) {
                    throw new IllegalArgumentException("body of type " + type
                            + ": allowed without a JsonCodec are text, bytes, forms and streams;"
                            + " give the client's builder a codec(JsonCodec) for anything else");
                }
                try {
                    return BodyPublishers.ofByteArray(codec.write(value));
                } catch (IOException e) {
                    throw new IllegalArgumentException(
                            "body of type " + type + ": allowed is what the codec can write", e);
                }
            }
        };
    }

    /**
     * A stream that is read once, when it is sent.
     *
     * @param length in bytes, or -1 if unknown
     */
    static RequestBody stream(String contentType, InputStream stream, long length) {
        AtomicReference<@Nullable InputStream> unread = new AtomicReference<>(stream);
        // The transport asks a second time only to send a second time: null is how it is told that it can't.
        BodyPublisher once = BodyPublishers.ofInputStream(() -> unread.getAndSet(null));
        BodyPublisher publisher = length < 0 ? once : BodyPublishers.fromPublisher(once, length);
        return new RequestBody(contentType) {
            @Override
            boolean isRepeatable() {
                return false;
            }

            @Override
            BodyPublisher publisher(@Nullable JsonCodec codec) {
                return publisher;
            }
        };
    }
}

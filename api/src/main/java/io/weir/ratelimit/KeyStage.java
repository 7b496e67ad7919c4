package io.weir.ratelimit;

import io.weir.CallKey;
import io.weir.CallOptions;
import io.weir.WeirRuntime;
import io.weir.engine.bucket.KeyedBuckets;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Keyed buckets in a pipeline: a call's tokens are its key's. */
final class KeyStage extends TokenStage {
    private final KeyedBuckets buckets;
    private final WeirRuntime runtime;
    /** Where a call's key is; null: it is the options' own. */
    private final @Nullable CallKey<String> keyedBy;

    KeyStage(String name, KeyedBuckets buckets, WeirRuntime runtime) {
        this(name, buckets, runtime, null, Rule.DEFAULT);
    }

    private KeyStage(
            String name, KeyedBuckets buckets, WeirRuntime runtime, @Nullable CallKey<String> keyedBy, Rule rule) {
        super(name, rule);
        this.buckets = buckets;
        this.runtime = runtime;
        this.keyedBy = keyedBy;
    }

    @Override
    KeyStage with(Rule other) {
        return new KeyStage(name(), buckets, runtime, keyedBy, other);
    }

    KeyStage keyedBy(CallKey<String> key) {
        return new KeyStage(name(), buckets, runtime, key, rule);
    }

    /** For messages. */
    String keyedBy() {
        return keyedBy == null ? "key" : keyedBy.toString();
    }

    /** Options of a call with this key. */
    CallOptions options(String key) {
        return keyedBy == null ? CallOptions.key(key) : CallOptions.with(keyedBy, Objects.requireNonNull(key, "key"));
    }

    private long keyOf(CallOptions options) {
        String key = keyedBy == null ? options.key() : options.get(keyedBy);
        if (key == null) {
            throw new IllegalArgumentException(
                    "key = null: rate limiter '" + name() + "' needs one of every call; give it with CallOptions."
                            + (keyedBy == null ? "key(...)" : "with(" + keyedBy + ", ...)"));
        }
        return buckets.keyOf(key);
    }

    @Override
    public KeyLine lineOf(CallOptions options) {
        return new KeyLine(name(), buckets, keyOf(options), runtime);
    }

    @Override
    public long admit(CallOptions options, long now) {
        return buckets.tryAcquire(keyOf(options), cost(options)) ? 0 : refusedOrWaits();
    }
}

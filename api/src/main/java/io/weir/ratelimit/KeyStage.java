package io.weir.ratelimit;

import io.weir.CallKey;
import io.weir.CallOptions;
import io.weir.WeirRuntime;
import io.weir.engine.bucket.KeyedBuckets;
import io.weir.internal.Stage;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Keyed buckets in a pipeline: a call's tokens are its key's. */
final class KeyStage extends TokenStage {
    private final KeyedBuckets buckets;
    private final KeySettings settings;
    private final WeirRuntime runtime;
    /** Where a call's key is; null: it is the options' own. */
    private final @Nullable CallKey<String> keyedBy;

    KeyStage(String name, KeyedBuckets buckets, KeySettings settings, WeirRuntime runtime) {
        this(name, buckets, settings, runtime, null, Rule.DEFAULT);
    }

    private KeyStage(
            String name,
            KeyedBuckets buckets,
            KeySettings settings,
            WeirRuntime runtime,
            @Nullable CallKey<String> keyedBy,
            Rule rule) {
        super(name, rule);
        this.buckets = buckets;
        this.settings = settings;
        this.runtime = runtime;
        this.keyedBy = keyedBy;
    }

    @Override
    KeyStage with(Rule other) {
        return new KeyStage(name(), buckets, settings, runtime, keyedBy, other);
    }

    @Override
    public Runnable changeTo(Stage like) {
        return settings.changeTo(((KeyStage) like).settings, buckets);
    }

    KeyStage keyedBy(CallKey<String> key) {
        return new KeyStage(name(), buckets, settings, runtime, key, rule);
    }

    TokenCounts counts() {
        return settings.counts;
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
        return new KeyLine(name(), buckets, keyOf(options), runtime, settings.counts);
    }

    @Override
    public long admit(CallOptions options, long now) {
        return buckets.tryAcquire(keyOf(options), cost(options)) ? 0 : refusedOrWaits();
    }
}

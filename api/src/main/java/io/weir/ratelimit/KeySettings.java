package io.weir.ratelimit;

import io.weir.engine.bucket.BucketConfig;
import io.weir.engine.bucket.KeyOverflow;
import io.weir.engine.bucket.KeyedBuckets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** What the views of a keyed limiter share beside its buckets: what it was made with, the keys' own rates included, and what it has counted. */
final class KeySettings {
    final TokenCounts counts = new TokenCounts();
    private final BucketConfig defaults;
    private final int maxKeys;
    private final KeyOverflow overflow;
    private volatile Map<String, RateUpdate> overrides;

    KeySettings(BucketConfig defaults, int maxKeys, KeyOverflow overflow, Map<String, RateUpdate> overrides) {
        this.defaults = defaults;
        this.maxKeys = maxKeys;
        this.overflow = overflow;
        this.overrides = new LinkedHashMap<>(overrides);
    }

    BucketConfig defaults() {
        return defaults;
    }

    void applyTo(KeyedBuckets buckets) {
        overrides.forEach((key, update) -> buckets.update(buckets.keyOf(key), update.update()));
    }

    /** Changes the keys whose rates differ, and leaves the others alone; nobody's tokens are reset. */
    Runnable changeTo(KeySettings other, KeyedBuckets buckets) {
        if (!defaults.equals(other.defaults) || maxKeys != other.maxKeys || overflow != other.overflow) {
            throw new IllegalArgumentException("of a keyed limiter only the overrides can");
        }
        Map<String, RateUpdate> then = other.overrides;
        return () -> {
            Map<String, RateUpdate> now = overrides;
            List<String> dropped = new ArrayList<>(now.keySet());
            dropped.removeAll(then.keySet());
            dropped.forEach(key -> buckets.remove(buckets.keyOf(key)));
            then.forEach((key, update) -> {
                if (!Objects.equals(update, now.get(key))) {
                    buckets.update(buckets.keyOf(key), update.withoutReset());
                }
            });
            overrides = then;
        };
    }
}

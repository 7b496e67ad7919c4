package io.weir.engine.bucket;

/** What {@link KeyedBuckets} does with a key that it has no place for. */
public enum KeyOverflow {
    /** All such keys share one bucket of the default rate. */
    SHARE,
    /** Such keys are refused, with an unknown wait. */
    REFUSE,
    /** Such keys are granted everything. */
    ADMIT
}

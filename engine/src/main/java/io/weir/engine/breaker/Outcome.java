package io.weir.engine.breaker;

/** How a permit is given back. */
enum Outcome {
    SUCCESS,
    FAILURE,
    EXCLUDED,
    CANCELLED,
    /** Not a result: the call never began, or was rejected further in. */
    RELEASED
}

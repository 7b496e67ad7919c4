package io.weir.simulation;

/** What must hold in every schedule. */
enum Invariant {
    /** Each call that was started ends once: it succeeds, fails, is rejected, or is cancelled, and its dependents hear that once. */
    CONSERVATION,
    /** What a call ends with is its own: a result or failure of one of its own invocations, of a guard, of its fallback, or of its user. */
    PROVENANCE,
    /** After the end of a call nothing is invoked for it, and nothing that can be cancelled flies on. */
    NOTHING_GOES_ON,
    /** Each stage that admits a call hears one end for each admission, and before the caller does. */
    LEDGER,
    /** All permits are back at the end, and what is taken is what runs. */
    PERMITS,
    /** Never more calls inside than there are places. */
    PLACES,
    /** Tokens granted in any window of length t are at most maxTokens + rate · t, and none get lost. */
    TOKENS,
    /** Who waits longer is served first, and nobody who comes later overtakes. */
    ORDER,
    /** Limits of time hold, back-offs are waited for, attempts are counted. */
    TIME,
    /** A breaker admits again when it must, and what it has counted is what has happened. */
    BREAKER,
    /** Metrics say what has happened. */
    METRICS,
    /** Nobody is left waiting when all has ended or is closed. */
    NOBODY_HANGS,
    /** No timer is left when all has ended and is closed. */
    NO_TIMER,
    /** Nothing throws where it must not. */
    NO_SURPRISE
}

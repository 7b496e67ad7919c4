package io.weir.retry;

/** Why a retry gave a call up. */
public enum GiveUp {
    /** All retries that a call may have are made. */
    ATTEMPTS,
    /** The next attempt would begin after the call's deadline, or the retry's or an outer timeout. */
    TIME,
    /** The failure asked for a longer wait than is allowed. */
    RETRY_AFTER,
    /** The budget that all calls share is spent. */
    BUDGET
}

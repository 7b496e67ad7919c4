package io.weir.examples;

/** What the service does to its callers for a while. */
enum Phase {
    HEALTHY("healthy"),
    /** Answers, but late, some beyond the client's patience. */
    SLOW("slow"),
    /** Answers 500 or 503. */
    FAILING("failing"),
    /** Answers 429 beyond a quota, and says when to come back. */
    RATE_LIMITING("rate-limiting");

    private final String label;

    Phase(String label) {
        this.label = label;
    }

    String label() {
        return label;
    }
}

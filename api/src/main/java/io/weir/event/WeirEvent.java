package io.weir.event;

import java.time.Instant;

/** Something that a guard tells. Immutable. The concrete events live beside their guards. */
public interface WeirEvent {

    /** The name of the guard that tells it. */
    String guard();

    /** When it happened, by the runtime's wall clock. */
    Instant at();
}

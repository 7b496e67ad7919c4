package io.weir.guard;

import io.weir.event.WeirEvent;
import java.time.Duration;

/** A hedge was sent: a call took so long that it is tried once more beside. */
public interface HedgeEvent extends WeirEvent {

    /** The number of the hedge in its call, from 1. */
    int hedge();

    /** How long the call was in flight by then. */
    Duration after();
}

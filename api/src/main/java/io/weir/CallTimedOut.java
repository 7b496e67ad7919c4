package io.weir;

import io.weir.event.WeirEvent;
import java.time.Duration;

/** A call was cut short because its time was up; told once for each {@link CallTimeoutException}. */
public interface CallTimedOut extends WeirEvent {

    /** How long the call had been given. */
    Duration after();
}

package io.weir.examples;

import java.time.Duration;

/** Shows a run while it goes on. Used by one thread. */
interface View {

    /** How often it wants to be shown something. */
    Duration interval();

    void show(Snapshot now);

    /** Leaves the terminal as it was found. */
    void close();
}

package io.weir.internal;

import io.weir.Guard;

/** A guard that is another one, seen differently. */
public interface View {

    /** The guard behind it. */
    Guard viewed();
}

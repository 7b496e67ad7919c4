package io.weir.internal;

import io.weir.WeirRuntime;
import org.agrona.concurrent.NanoClock;
import org.agrona.concurrent.SystemNanoClock;

/** The runtime's clock as the engine takes it. */
public final class Clocks {
    private Clocks() {}

    /** The system's own without a detour, so that the JIT sees through to the intrinsic. */
    public static NanoClock of(WeirRuntime runtime) {
        return runtime.isSystemTime() ? SystemNanoClock.INSTANCE : runtime::nanoTime;
    }
}

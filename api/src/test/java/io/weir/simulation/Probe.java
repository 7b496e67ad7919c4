package io.weir.simulation;

import io.weir.CallKey;
import io.weir.CallOptions;
import io.weir.WeirRuntime;
import io.weir.internal.AbstractGuard;
import io.weir.internal.Again;
import io.weir.internal.Failed;
import io.weir.internal.Stage;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Stands between two guards and tells what passes: each call that is let in, and each end on its way out. */
final class Probe extends AbstractGuard {
    static final CallKey<Caller> CALLER = CallKey.of("caller");

    private Probe(WeirRuntime runtime, Eye eye) {
        super("probe", runtime, List.of(eye));
    }

    /**
     * Makes a probe.
     *
     * @param outer the guard just outside; null if there is none
     * @param inner the guard just inside; null if there is none
     */
    static Probe between(World world, Watch outer, Watch inner) {
        return new Probe(world.runtime, new Eye(world, outer, inner));
    }

    private static final class Eye extends Stage {
        private final World world;
        private final Watch outer;
        private final Watch inner;
        private final Map<Long, Caller> held = new HashMap<>();
        private long tokens;

        Eye(World world, Watch outer, Watch inner) {
            this.world = world;
            this.outer = outer;
            this.inner = inner;
        }

        @Override
        public String name() {
            return "probe";
        }

        @Override
        public long admit(CallOptions options, long now) {
            Caller caller = options.get(CALLER);
            caller.held++;
            held.put(tokens, caller);
            if (outer != null) {
                outer.admitted(caller);
            }
            if (inner != null) {
                inner.entered(caller);
            }
            return tokens++;
        }

        @Override
        public Again onEnd(long token, long start, Object result, Failed failed, Again before, CallInfo call) {
            Caller caller = held.remove(token);
            if (caller == null) {
                world.violated(Invariant.LEDGER, "a second end for one admission");
                return null;
            }
            caller.held--;
            if (inner != null) {
                inner.left(caller, failed);
            }
            if (outer != null) {
                outer.ended(caller, failed);
            }
            return null;
        }
    }
}

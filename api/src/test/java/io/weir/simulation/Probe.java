package io.weir.simulation;

import io.weir.CallKey;
import io.weir.CallOptions;
import io.weir.WeirRuntime;
import io.weir.internal.AbstractGuard;
import io.weir.internal.Again;
import io.weir.internal.Failed;
import io.weir.internal.Peek;
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
     * @param index how many probes are further out
     * @param innermost whether nothing but the call is further in
     */
    static Probe between(World world, Watch outer, Watch inner, int index, boolean innermost) {
        return new Probe(world.runtime, new Eye(world, outer, inner, index, innermost));
    }

    /** Where a call has several attempts at the place just outside, it waits for as long as it takes to hear which of them comes. */
    private static final class Eye extends Stage {
        private final World world;
        private final Watch outer;
        private final Watch inner;
        private final int index;
        private final boolean innermost;
        private final Map<Long, Attempt> held = new HashMap<>();
        private long tokens;

        Eye(World world, Watch outer, Watch inner, int index, boolean innermost) {
            this.world = world;
            this.outer = outer;
            this.inner = inner;
            this.index = index;
            this.innermost = innermost;
        }

        @Override
        public String name() {
            return "probe";
        }

        private boolean isInsideOfHedge() {
            return outer instanceof HedgeWatch;
        }

        @Override
        public long admit(CallOptions options, long now) {
            Caller caller = options.get(CALLER);
            List<Attempt> there = Attempt.justOutside(caller, index);
            if (there.size() != 1) {
                return WAIT;
            }
            if (!isInsideOfHedge()) {
                return letIn(there.get(0));
            }
            for (Attempt each : caller.live) {
                if (each.parent != null) {
                    return WAIT; // there may be two at one place from now on
                }
            }
            return letIn(born(there.get(0)));
        }

        private Attempt born(Attempt parent) {
            Attempt child = new Attempt(parent.caller, parent, index - 1);
            parent.caller.live.add(child);
            return child;
        }

        private long letIn(Attempt attempt) {
            attempt.place = index;
            attempt.hold(1);
            held.put(tokens, attempt);
            if (outer != null) {
                outer.admitted(attempt);
            }
            if (inner != null) {
                inner.entered(attempt);
            }
            if (innermost) {
                world.walking = attempt;
            }
            return tokens++;
        }

        /** By its machine. */
        private long letIn(Caller caller, Object machine) {
            List<Attempt> there = Attempt.justOutside(caller, index);
            Attempt attempt = Attempt.of(there, isInsideOfHedge() ? Peek.ownerOf(machine) : machine);
            if (attempt == null && isInsideOfHedge()) { // its hedge has cut it while its thread was stopped
                attempt = new Attempt(caller, null, index - 1);
                attempt.over(world.step);
            }
            if (attempt == null) {
                world.violated(
                        Invariant.LEDGER, caller + " comes to probe " + index + " by none of its attempts " + there);
                throw new IllegalStateException("nobody's attempt");
            }
            if (isInsideOfHedge()) {
                attempt = born(attempt);
                attempt.machine = machine;
            }
            return letIn(attempt);
        }

        @Override
        public Wait newWait(CallOptions options) {
            Caller caller = options.get(CALLER);
            return new Wait() {
                private long outcome = WAIT;

                @Override
                public void start(long budgetNanos, WaitListener listener) {
                    outcome = letIn(caller, listener);
                }

                @Override
                public long outcome() {
                    return outcome;
                }

                @Override
                public Throwable failure() {
                    throw new AssertionError("a probe refuses nobody");
                }

                @Override
                public void abandon() {
                    throw new AssertionError("nobody waits at a probe");
                }
            };
        }

        @Override
        public Again onEnd(long token, long start, Object result, Failed failed, Again before, CallInfo call) {
            Attempt attempt = held.remove(token);
            if (attempt == null) {
                world.violated(Invariant.LEDGER, "a second end for one admission");
                return null;
            }
            attempt.hold(-1);
            attempt.place = index - 1;
            attempt.result = result;
            if (isInsideOfHedge()) {
                attempt.caller.live.remove(attempt);
            }
            if (inner != null) {
                inner.left(attempt, failed);
            }
            if (outer != null) {
                outer.ended(attempt, failed);
            }
            return null;
        }
    }
}

package io.weir.internal;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.CallOptions;
import io.weir.WeirRuntime;
import io.weir.testkit.VirtualTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * A blocking call through a straight chain is walked in loops, and goes on in the links where it meets something unusual. Whatever the stages do, they see
 * the same as when it is walked in the links from the start, as a call with a deadline is.
 */
class StraightChainTest {
    private static final int CHAINS = 20_000;

    private final VirtualTime time = new VirtualTime();
    private final WeirRuntime runtime = time.runtimeBuilder().build();

    @AfterEach
    void close() {
        runtime.close();
    }

    @Test
    void stagesSeeTheSameAsInTheLinks() {
        int[] unusual = new int[Unusual.values().length];
        for (long seed = 0; seed < CHAINS; seed++) {
            List<String> straight = new World(seed, unusual).call(CallOptions.NONE);
            List<String> linked = new World(seed, unusual).call(CallOptions.within(Duration.ofHours(1)));
            assertThat(straight).as("seed %d", seed).isEqualTo(linked);
        }
        assertThat(unusual).doesNotContain(0);
    }

    /** A stage that had room to let a call in has room to hear its end: that comes from where it was asked, and not from further down. */
    @Test
    void aStackThatIsFullLosesNothing() throws Exception {
        List<Stage> stages = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
            stages.add(new Holding());
        }
        Chain chain = new Chain("chain", runtime, stages);
        Callable<Object> body = () -> {
            throw new IllegalStateException("the call");
        };
        int[] overflows = {0};
        Thread caller = new Thread(null, () -> descend(chain, body, overflows, 0), "deep", 512 * 1024);
        caller.start();
        caller.join();
        assertThat(overflows[0]).as("calls that met its end").isPositive();
        for (Stage stage : stages) {
            assertThat(((Holding) stage).held).isZero();
        }
    }

    /** Calls from the bottom of the stack, and from each frame on the way back, for some hundred frames. Returns how many that were. */
    private static int descend(Chain chain, Callable<Object> body, int[] overflows, int depth) {
        int above;
        try {
            above = depth == Integer.MAX_VALUE ? 0 : descend(chain, body, overflows, depth + 1);
        } catch (StackOverflowError e) {
            above = 0;
        }
        if (above < 500) {
            try {
                Object unused = chain.call(CallOptions.NONE, body);
            } catch (StackOverflowError e) {
                overflows[0]++;
            } catch (IllegalStateException expected) {
                // the call's own
            }
        }
        return above + 1;
    }

    /** Takes more of the stack to let in than to hear. */
    private static final class Holding extends Stage {
        private int held;

        @Override
        public String name() {
            return "holding";
        }

        @Override
        public long admit(CallOptions options, long now) {
            deep(20);
            held++;
            return 0;
        }

        @Override
        public boolean keepsToken() {
            return false;
        }

        private static int deep(int frames) {
            return frames == 0 ? 0 : 1 + deep(frames - 1);
        }

        @Override
        public @Nullable Again onEnd(
                long token,
                long start,
                @Nullable Object result,
                @Nullable Failed failed,
                @Nullable Again before,
                CallInfo call) {
            held--;
            return null;
        }
    }

    private enum Unusual {
        REFUSED,
        WAITED,
        TRIAL,
        ADMISSION_THREW,
        CALL_THREW,
        REPEATED,
        HEARING_THREW
    }

    /** A chain and a call that do the same each time, if they are asked the same. */
    private final class World implements Callable<Object> {
        private final List<String> seen = new ArrayList<>();
        private final int[] unusual;
        private final Random random;
        private final Chain chain;

        World(long seed, int[] unusual) {
            this.unusual = unusual;
            this.random = new Random(seed);
            int stages = 1 + random.nextInt(7); // more than have a call site of their own
            int keeper = random.nextInt(8); // or none
            List<Stage> all = new ArrayList<>();
            for (int i = 0; i < stages; i++) {
                all.add(new Scripted(this, "s" + i, i == keeper, random.nextInt(3) > 0, random.nextInt(3) > 0));
            }
            this.chain = new Chain("chain", runtime, all);
        }

        List<String> call(CallOptions options) {
            try {
                seen.add("returned " + chain.call(options, this));
            } catch (RuntimeException | Error e) {
                seen.add("threw " + e.getMessage());
            }
            return seen;
        }

        boolean happens(Unusual what, int inHundred) {
            boolean happens = random.nextInt(100) < inHundred;
            if (happens) {
                unusual[what.ordinal()]++;
            }
            return happens;
        }

        @Override
        public Object call() {
            seen.add("called");
            if (happens(Unusual.CALL_THREW, 25)) {
                throw new IllegalStateException("the call");
            }
            return seen.size();
        }
    }

    private static final class Scripted extends Stage {
        private final World world;
        private final String name;
        private final boolean keepsToken;
        private final boolean admits;
        private final boolean hearsResults;
        private long tokens;

        Scripted(World world, String name, boolean keepsToken, boolean admits, boolean hearsResults) {
            this.world = world;
            this.name = name;
            this.keepsToken = keepsToken;
            this.admits = admits || keepsToken;
            this.hearsResults = hearsResults;
        }

        private RuntimeException seen(String what) {
            world.seen.add(name + " " + what);
            return new IllegalStateException(name + " " + what);
        }

        @Override
        public String name() {
            return name;
        }

        @Override
        public boolean keepsToken() {
            return keepsToken;
        }

        @Override
        public boolean admits() {
            return admits;
        }

        @Override
        public boolean hearsResults() {
            return hearsResults;
        }

        @Override
        public long admit(CallOptions options, long now) {
            if (!admits) {
                return 0;
            }
            if (world.happens(Unusual.ADMISSION_THREW, 5)) {
                throw seen("threw");
            }
            if (world.happens(Unusual.REFUSED, 5)) {
                RuntimeException unused = seen("refuses");
                return REFUSED;
            }
            if (world.happens(Unusual.WAITED, 5)) {
                RuntimeException unused = seen("has it wait");
                return WAIT;
            }
            return token();
        }

        private long token() {
            long token = !keepsToken ? 0 : ++tokens | (world.happens(Unusual.TRIAL, 10) ? NEEDS_BEGIN : 0);
            RuntimeException unused = seen("admits with " + token);
            return token;
        }

        @Override
        public RuntimeException refusal(CallOptions options) {
            return seen("refused");
        }

        @Override
        public long awaitBlocking(CallOptions options, long budgetNanos) {
            if (world.happens(Unusual.REFUSED, 30)) {
                throw seen("refused after a wait");
            }
            return token();
        }

        @Override
        public boolean begin(long token) {
            boolean good = !world.happens(Unusual.REFUSED, 20);
            RuntimeException unused = seen("begins " + token + " " + good);
            return good;
        }

        @Override
        public @Nullable Again onEnd(
                long token,
                long start,
                @Nullable Object result,
                @Nullable Failed failed,
                @Nullable Again before,
                CallInfo call) {
            if (failed == null && !hearsResults) {
                return null;
            }
            RuntimeException seen = seen("hears " + token + ", " + result + ", "
                    + (failed == null
                            ? null
                            : failed.origin() + " " + failed.failure().getMessage()) + ", " + before);
            if (world.happens(Unusual.HEARING_THREW, 5)) {
                throw seen;
            }
            return world.happens(Unusual.REPEATED, 15) ? new Repeat() : null;
        }
    }

    private static final class Repeat extends Again {
        @Override
        public String toString() {
            return "again";
        }
    }
}

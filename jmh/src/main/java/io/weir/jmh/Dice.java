package io.weir.jmh;

import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** A thread's own xorshift64*, as cheap as can be. */
@State(Scope.Thread)
public class Dice {
    private long state;

    /** Gives each thread another sequence. */
    @Setup(Level.Trial)
    public void seed() {
        state = Thread.currentThread().getId() * 0x9E3779B97F4A7C15L | 1;
    }

    /** From 0 to bound, exclusive. */
    int next(int bound) {
        return (int) ((step() * bound) >>> 32);
    }

    /** Heads or tails. */
    boolean heads() {
        return (step() & 1) == 0;
    }

    private long step() {
        state ^= state >>> 12;
        state ^= state << 25;
        state ^= state >>> 27;
        return state * 0x2545F4914F6CDD1DL >>> 32;
    }
}

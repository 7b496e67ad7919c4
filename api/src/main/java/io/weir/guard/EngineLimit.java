package io.weir.guard;

import io.weir.engine.permit.AimdLimit;
import io.weir.engine.permit.GradientLimit;
import io.weir.engine.permit.LimitWindow;
import io.weir.engine.permit.VegasLimit;

/** An algorithm of the engine's as the API shows it, and the other way round. */
final class EngineLimit implements LimitAlgorithm {
    static final LimitAlgorithm GRADIENT = new EngineLimit(new GradientLimit());
    static final LimitAlgorithm VEGAS = new EngineLimit(new VegasLimit());
    static final LimitAlgorithm AIMD = new EngineLimit(new AimdLimit());

    private final io.weir.engine.permit.LimitAlgorithm algorithm;

    private EngineLimit(io.weir.engine.permit.LimitAlgorithm algorithm) {
        this.algorithm = algorithm;
    }

    /** Without a detour where the algorithm is the engine's own. */
    static io.weir.engine.permit.LimitAlgorithm of(LimitAlgorithm algorithm) {
        return algorithm instanceof EngineLimit own ? own.algorithm : new Users(algorithm);
    }

    /** For a user's algorithm that is made of one of these. */
    @Override
    public double next(double limit, Window window, double[] memory) {
        LimitWindow seen = new LimitWindow()
                .set(
                        window.samples(),
                        window.averageLatencyNanos(),
                        window.minLatencyNanos(),
                        window.drops(),
                        window.maxInFlight());
        return algorithm.next(limit, seen, memory);
    }

    @Override
    public int memorySize() {
        return algorithm.memorySize();
    }

    @Override
    public String toString() {
        return algorithm.toString();
    }

    private record Users(LimitAlgorithm algorithm) implements io.weir.engine.permit.LimitAlgorithm {
        @Override
        public double next(double limit, LimitWindow window, double[] memory) {
            return algorithm.next(limit, new Seen(window), memory);
        }

        @Override
        public int memorySize() {
            return algorithm.memorySize();
        }

        @Override
        public String toString() {
            return algorithm.toString();
        }
    }

    private record Seen(LimitWindow window) implements LimitAlgorithm.Window {
        @Override
        public int samples() {
            return window.samples();
        }

        @Override
        public double averageLatencyNanos() {
            return window.averageRttNanos();
        }

        @Override
        public long minLatencyNanos() {
            return window.minRttNanos();
        }

        @Override
        public int drops() {
            return window.drops();
        }

        @Override
        public int maxInFlight() {
            return window.maxInFlight();
        }
    }
}

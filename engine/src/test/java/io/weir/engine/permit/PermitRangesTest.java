package io.weir.engine.permit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Both ends of every range are accepted, what is beyond them is refused; and every text names its values. */
class PermitRangesTest {
    private static final long SECOND = 1_000_000_000L;
    private static final long TTL = 10 * SECOND;

    private static AdaptiveConfig.Builder config() {
        return AdaptiveConfig.builder();
    }

    private static LimitAlgorithm remembering(int numbers) {
        return new LimitAlgorithm() {
            @Override
            public double next(double limit, LimitWindow window, double[] memory) {
                return limit;
            }

            @Override
            public int memorySize() {
                return numbers;
            }

            @Override
            public String toString() {
                return "remembering " + numbers;
            }
        };
    }

    private static Arguments accepted(String what, Runnable made) {
        return Arguments.of(what, made);
    }

    static Stream<Arguments> ends() {
        return Stream.of(
                accepted("initial 1", () -> config().initial(1).build()),
                accepted("initial at max", () -> config().initial(1_000).build()),
                accepted("initial at min", () -> config().min(20).build()),
                accepted(
                        "one limit only",
                        () -> config().min(7).max(7).initial(7).build()),
                accepted("max", () -> config().max(Integer.MAX_VALUE).build()),
                accepted("maxWaiters 0", () -> config().maxWaiters(0).build()),
                accepted(
                        "maxWaiters",
                        () -> config().maxWaiters(Integer.MAX_VALUE).build()),
                accepted("windowNanos 1,000", () -> config().windowNanos(1_000).build()),
                accepted(
                        "windowNanos 2^40", () -> config().windowNanos(1L << 40).build()),
                accepted("minCalls 1", () -> config().minCalls(1).build()),
                accepted("minCalls 32,768", () -> config().minCalls(32_768).build()),
                accepted("memorySize 0", () -> config().algorithm(remembering(0))),
                accepted("memorySize 1,000", () -> config().algorithm(remembering(1_000))),
                accepted("Aimd's least", () -> new AimdLimit(0.5, 1)),
                accepted("Aimd's most", () -> new AimdLimit(Math.nextDown(1.0), Long.MAX_VALUE)),
                accepted("Vegas's least", () -> new VegasLimit(0, 0, 0)),
                accepted("Vegas's most", () -> new VegasLimit(1_000_000, 1_000_000, Integer.MAX_VALUE)),
                accepted("the gradient's least", () -> new GradientLimit(1, Double.MIN_VALUE, Double.MIN_VALUE, 1, 0)),
                accepted(
                        "the gradient's most",
                        () -> new GradientLimit(100, 1_000_000, 1, 1_000_000, Integer.MAX_VALUE)),
                accepted("the window's least", () -> new LatencyWindow(2, 1, 0)),
                accepted("the window's most", () -> new LatencyWindow(1L << 40, LatencyWindow.MAX_SAMPLES, 0)),
                accepted("the quantile's least", () -> new LatencyQuantile(Double.MIN_VALUE, 1, 2, 0)),
                accepted("the quantile's most", () -> new LatencyQuantile(Math.nextDown(1.0), 1_000_000, 1L << 50, 0)),
                accepted("the budget's least", () -> new RetryBudget(0.01, 0.001, SECOND, 0)),
                accepted("the budget's most", () -> new RetryBudget(10, 1_000_000, 60 * SECOND, 0)),
                accepted("no budget", () -> new RetryBudget(0, 0, SECOND, 0)));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("ends")
    void theEndsOfARangeBelongToIt(String what, Runnable made) {
        made.run();
    }

    private static Arguments refused(String message, Runnable made) {
        return Arguments.of(message, made);
    }

    static Stream<Arguments> beyond() {
        return Stream.of(
                refused("min is 0;", () -> config().min(0)),
                refused("max is 0;", () -> config().max(0)),
                refused(
                        "initial is 20; it must be between 21 and",
                        () -> config().min(21).build()),
                refused(
                        "initial is 20; it must be between 1 and 19",
                        () -> config().max(19).build()),
                refused("windowNanos is 1099511627777", () -> config().windowNanos((1L << 40) + 1)),
                refused("minCalls is 0", () -> config().minCalls(0)),
                refused("memorySize is -1", () -> config().algorithm(remembering(-1))),
                refused("memorySize is 1001", () -> config().algorithm(remembering(1_001))),
                refused("backoffRatio is 0.49", () -> new AimdLimit(0.49, 1)),
                refused("alpha is -1.0", () -> new VegasLimit(-1, 6, 60)),
                refused("alpha is 1000001.0", () -> new VegasLimit(1_000_001, 2_000_000, 60)),
                refused("beta is 1000001.0", () -> new VegasLimit(3, 1_000_001, 60)),
                refused("tolerance is 100.1", () -> new GradientLimit(100.1)),
                refused("queue is 1000001.0", () -> new GradientLimit(1, 1_000_001, 0.2, 600, 60)),
                refused("smoothing is 1.1", () -> new GradientLimit(1, 4, 1.1, 600, 60)),
                refused("longWindows is 1000001", () -> new GradientLimit(1, 4, 0.2, 1_000_001, 60)),
                refused("windowNanos is 1099511627777", () -> new LatencyWindow((1L << 40) + 1, 1, 0)),
                refused("minCalls is 32769", () -> new LatencyWindow(2, 32_769, 0)),
                refused("quantile must be", () -> new LatencyQuantile(0, 1, 2, 0)),
                refused("minimum must be", () -> new LatencyQuantile(0.5, 1_000_001, 2, 0)),
                refused("windowNanos must be", () -> new LatencyQuantile(0.5, 1, (1L << 50) + 1, 0)),
                refused("ratio must be", () -> new RetryBudget(10.1, 0, TTL, 0)),
                refused("minPerSecond must be", () -> new RetryBudget(0.1, 0.0009, TTL, 0)),
                refused("minPerSecond must be", () -> new RetryBudget(0.1, 1_000_001, TTL, 0)),
                refused("ttlNanos must be", () -> new RetryBudget(0.1, 0, 60 * SECOND + 1, 0)));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("beyond")
    void whatIsBeyondARangeIsRefused(String message, Runnable made) {
        assertThatIllegalArgumentException().isThrownBy(made::run).withMessageContaining(message);
    }

    static Stream<Arguments> texts() {
        return Stream.of(
                Arguments.of(new AimdLimit(), "AimdLimit[backoffRatio=0.9, latencyNanos=5000000000]"),
                Arguments.of(new VegasLimit(), "VegasLimit[alpha=3.0, beta=6.0, probeWindows=60]"),
                Arguments.of(
                        new GradientLimit(),
                        "GradientLimit[tolerance=1.05, queue=4.0, smoothing=0.2, longWindows=600, probeWindows=60]"),
                Arguments.of(
                        config()
                                .algorithm(remembering(3))
                                .initial(4)
                                .min(2)
                                .max(9)
                                .maxWaiters(5)
                                .windowNanos(7_000)
                                .minCalls(8)
                                .build()
                                .toBuilder()
                                .build(),
                        "AdaptiveConfig[algorithm=remembering 3, initial=4, min=2, max=9, maxWaiters=5, windowNanos=7000, minCalls=8]"),
                Arguments.of(new LatencyQuantile(0.5, 1, 2, 0), "LatencyQuantile[0.5, -1 ns]"),
                Arguments.of(
                        new RetryBudget(0.1, 2, TTL, 0),
                        "RetryBudget[1/10 a call, a token each 500000000 ns, ttl 10000000000 ns]"),
                Arguments.of(
                        new RetryBudget(0.5, 0, TTL, 0),
                        "RetryBudget[1/2 a call, a token each never, ttl 10000000000 ns]"));
    }

    @ParameterizedTest
    @MethodSource("texts")
    void aTextNamesTheValues(Object it, String text) {
        assertThat(it).hasToString(text);
    }
}

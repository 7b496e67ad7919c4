package io.weir.jmh.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.DoubleUnaryOperator;
import org.junit.jupiter.api.Test;

class FitTest {
    private static final double[] DECADES = {1, 10, 100, 1_000, 10_000, 100_000, 1_000_000};
    private static final double[] DEPTHS = {1, 2, 3, 4, 6, 8};

    /** A curve, each value off by at most a share. */
    private static List<Curve.Point> points(double[] xs, double noise, DoubleUnaryOperator of) {
        SplittableRandom random = new SplittableRandom(7);
        return Arrays.stream(xs)
                .mapToObj(x -> new Curve.Point(x, of.applyAsDouble(x) * (1 + noise * (2 * random.nextDouble() - 1))))
                .toList();
    }

    @Test
    void aConstantIsOneInSpiteOfNoise() {
        Fit fit = Fit.of(points(DECADES, 0.1, x -> 40));
        assertThat(fit.growth()).isEqualTo(Fit.Growth.CONSTANT);
        assertThat(fit.a()).isCloseTo(40, within(4.0));
        assertThat(fit.say("waiter", "ns")).startsWith("constant, ").contains(" ns (± ");
    }

    @Test
    void aLogarithmIsFound() {
        Fit fit = Fit.of(points(DECADES, 0.05, x -> 50 + 30 * Math.log10(x)));
        assertThat(fit.growth()).isEqualTo(Fit.Growth.LOG);
        assertThat(fit.b()).isCloseTo(30, within(3.0));
        assertThat(fit.say("waiter", "ns")).contains("ns more with each factor of ten");
    }

    @Test
    void aLineIsFoundOnFewPointsAndOnManyDecades() {
        Fit depth = Fit.of(points(DEPTHS, 0.05, x -> 10 + 6 * x));
        assertThat(depth.growth()).isEqualTo(Fit.Growth.LINEAR);
        assertThat(depth.b()).isCloseTo(6, within(0.6));
        assertThat(depth.say("guard", "ns")).startsWith("linear, ").contains("ns more with each guard");
        assertThat(Fit.of(points(DECADES, 0.05, x -> 100 + 2 * x)).growth()).isEqualTo(Fit.Growth.LINEAR);
    }

    @Test
    void whatLittleIsAddedIsSaidOfMany() {
        assertThat(Fit.of(points(DECADES, 0, x -> 10 + 0.00025 * x)).say("key", "ns"))
                .startsWith("linear, 0.25 ns more with each 1,000 keys");
    }

    @Test
    void whatFallsSaysSo() {
        assertThat(Fit.of(points(DECADES, 0, x -> 100 - 10 * Math.log10(x))).say("key", "B"))
                .contains("10 B less with each factor of ten");
    }

    @Test
    void whatJumpsHasNoShape() {
        List<Curve.Point> jumping = Arrays.stream(DECADES)
                .mapToObj(x -> new Curve.Point(x, Math.log10(x) % 2 == 0 ? 10 : 100))
                .toList();
        assertThat(Fit.of(jumping).say("key", "ns")).startsWith("no clear shape");
        Curve.Series series = new Curve.Series("weir", jumping);
        Curve curve = new Curve("Keys", "key", "a call", "ns", "caches", List.of(series));
        assertThat(series.growth(curve))
                .startsWith("no clear shape")
                .endsWith(": %s ns with %,d to %s ns with %,d"
                        .formatted(
                                Goal.Claim.number(jumping.get(0).y()),
                                (long) DECADES[0],
                                Goal.Claim.number(
                                        jumping.get(jumping.size() - 1).y()),
                                (long) DECADES[DECADES.length - 1]));
    }

    @Test
    void noShapeIsReadIntoTwoPoints() {
        assertThat(Fit.of(List.of(new Curve.Point(1, 10), new Curve.Point(2, 20)))
                        .growth())
                .isEqualTo(Fit.Growth.CONSTANT);
        assertThatThrownBy(() -> Fit.of(List.of(new Curve.Point(1, 10))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("1");
    }
}

package io.weir.jmh.soak;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class FlatTest {
    private static final long MEGA = 1 << 20;

    private static List<Long> live(LongStream megas) {
        return megas.map(mega -> mega * MEGA).boxed().toList();
    }

    @Test
    void whatIsAddedWhileItWarmsUpIsNoGrowth() {
        assertThat(Flat.growth(live(LongStream.of(2, 8, 12, 20, 20, 20, 20, 20, 20, 20, 20, 20))))
                .isZero();
    }

    @Test
    void aSingleCheckpointSaysNothing() {
        assertThat(Flat.growth(live(LongStream.of(20, 20, 20, 20, 20, 20, 20, 20, 20, 20, 20, 90))))
                .isZero();
    }

    @Test
    void aLeakIsGrowth() {
        List<Long> leaking = live(LongStream.rangeClosed(20, 31).map(mega -> mega * 2));
        assertThat(Flat.growth(leaking)).isGreaterThan(Flat.allowed(leaking));
    }

    @Test
    void aHeapMayDifferByATwentiethOrFourMegabytes() {
        assertThat(Flat.allowed(live(LongStream.generate(() -> 100).limit(12)))).isEqualTo(5 * MEGA);
        assertThat(Flat.allowed(live(LongStream.generate(() -> 2).limit(12)))).isEqualTo(4 * MEGA);
    }

    @Test
    void fewCheckpointsAreRefused() {
        assertThatThrownBy(() -> Flat.growth(List.of(1L, 2L)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("2");
    }
}

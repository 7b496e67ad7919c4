package io.weir.engine.bucket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class KeyScaleTest {
    private static BucketConfig.Builder aTokenIn1024Nanos() {
        return BucketConfig.builder().rate(1).periodNanos(1_024);
    }

    @Test
    void aTickIsTheFinestThatTakesFourNanosecondsAtLeast() {
        KeyScale scale = new KeyScale(aTokenIn1024Nanos().maxTokens(8).build());
        assertThat(scale).hasToString("KeyScale[bits=8, burst=2048]");
        assertThat(scale.at(4)).isEqualTo(1);
        assertThat(scale.at(3)).isZero();
    }

    @Test
    void theHighestRateIsTakenAndSoIsTheSmallestBucket() {
        KeyScale fastest = new KeyScale(BucketConfig.builder()
                .rate(KeyScale.MAX_TOKENS_PER_SECOND)
                .maxTokens(5)
                .build());
        assertThat(fastest.at(4)).isEqualTo(1);
        assertThat(new KeyScale(aTokenIn1024Nanos().maxTokens(1 / 256.0).build()).burst)
                .isEqualTo(1);
        assertThatThrownBy(() ->
                        new KeyScale(aTokenIn1024Nanos().maxTokens(1 / 257.0).build()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("at least " + 1 / 256.0);
    }

    @Test
    void afterTheWaitTheTicksHaveComeInAndNotLongBeforeAtAnyRateAndLength() {
        SplittableRandom random = new SplittableRandom(1);
        for (int i = 0; i < 20_000; i++) {
            KeyScale scale = new KeyScale(BucketConfig.builder()
                    .rate(Math.pow(10, random.nextDouble(-3, 8)))
                    .maxTokens(10)
                    .build());
            long elapsed = random.nextLong(1L << 60) >> random.nextInt(60);
            long due = elapsed + (random.nextLong(1L << 60) >> random.nextInt(60));
            long ticks = scale.at(due);
            long wait = scale.waitNanos(ticks, elapsed);
            long slack = 12 + (wait >> 49);
            assertThat(scale.at(elapsed + wait))
                    .as("%s: %d ticks, %d ns after %d", scale, ticks, wait, elapsed)
                    .isGreaterThanOrEqualTo(ticks);
            assertThat(wait).isBetween(1L, Math.max(1, due - elapsed + slack));
        }
    }

    @Test
    void rescalingKeepsALevelAndOfDebtNoMoreThanAnEighth() {
        assertThat(KeyScale.rescale(1_000, 10, 20)).isEqualTo(1_024_000);
        assertThat(KeyScale.rescale(1_024_001, 20, 10)).isEqualTo(1_000);
        assertThat(KeyScale.rescale(-1_000, 10, 20)).isEqualTo(-1_024_000);
        for (int from = 0; from <= 20; from++) {
            assertThat(KeyScale.rescale(2 * -Ticks.EIGHTH, from, 20)).isEqualTo(-Ticks.EIGHTH);
        }
    }
}

package io.weir.engine.bucket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import org.junit.jupiter.api.Test;

/** The configuration as a value: both ends of each range, each part in equality, hash, text and update. */
class BucketValuesTest {
    private static BucketConfig.Builder base() {
        return BucketConfig.builder()
                .rate(10)
                .periodNanos(7_000)
                .maxTokens(20)
                .initialTokens(3)
                .maxWaiters(5);
    }

    @Test
    void configurationsThatDifferInOnePartAreUnequalWithOtherHashesAndTexts() {
        List<BucketConfig> configs = List.of(
                base().build(),
                base().rate(11).build(),
                base().periodNanos(7_001).build(),
                base().maxTokens(21).build(),
                base().initialTokens(4).build(),
                base().maxWaiters(6).build());
        assertThat(configs).doesNotHaveDuplicates();
        assertThat(configs).extracting(Object::hashCode).doesNotHaveDuplicates();
        assertThat(configs).extracting(Object::toString).doesNotHaveDuplicates();
        assertThat(base().build()).isEqualTo(base().build()).isNotEqualTo("another class");
        assertThat(base().build())
                .hasToString(
                        "BucketConfig[rate=10.0, periodNanos=7000, maxTokens=20.0, initialTokens=3.0, maxWaiters=5]");
    }

    @Test
    void aConfigurationTellsWhatItWasGiven() {
        BucketConfig config = base().build();
        assertThat(config.rate()).isEqualTo(10);
        assertThat(config.periodNanos()).isEqualTo(7_000);
        assertThat(config.maxTokens()).isEqualTo(20);
        assertThat(config.initialTokens()).isEqualTo(3);
        assertThat(config.maxWaiters()).isEqualTo(5);
        assertThat(BucketConfig.builder().rate(0.5).build().maxTokens())
                .as("at least 1")
                .isEqualTo(1);
        assertThat(BucketConfig.builder().rate(7).build().initialTokens()).isEqualTo(7);
    }

    @Test
    void theEndsOfARangeBelongToIt() {
        assertThat(BucketConfig.builder()
                        .rate(1e12)
                        .maxTokens(BucketConfig.MAX_TOKENS)
                        .initialTokens(1e12)
                        .maxWaiters(0)
                        .build()
                        .initialTokens())
                .isEqualTo(1e12);
        assertThat(BucketConfig.builder()
                        .rate(1)
                        .periodNanos(1_000)
                        .maxTokens(BucketConfig.MIN_TOKENS)
                        .initialTokens(0)
                        .build()
                        .initialTokens())
                .isZero();
        assertThat(BucketConfig.builder().rate(1_000).periodNanos(1).build().rate())
                .isEqualTo(1_000);
        BucketConfig.Builder slowest = BucketConfig.builder()
                .rate(1)
                .periodNanos(BucketConfig.MAX_FILL_NANOS)
                .maxTokens(1);
        assertThat(slowest.build().periodNanos()).isEqualTo(BucketConfig.MAX_FILL_NANOS);
        assertThatIllegalArgumentException()
                .isThrownBy(slowest.periodNanos(BucketConfig.MAX_FILL_NANOS + 1_000)::build)
                .withMessageContaining("70 years");
    }

    @Test
    void anUpdateChangesItsPartsAndNoOthers() {
        BucketConfig config = base().build();
        assertThat(config.apply(BucketUpdate.none())).isEqualTo(config);
        assertThat(config.apply(BucketUpdate.none().rate(11)))
                .isEqualTo(base().rate(11).build());
        assertThat(config.apply(BucketUpdate.none().periodNanos(8_000)))
                .isEqualTo(base().periodNanos(8_000).build());
        assertThat(config.apply(BucketUpdate.none().maxTokens(21)))
                .isEqualTo(base().maxTokens(21).build());
        assertThat(config.apply(BucketUpdate.none().maxTokens(2)))
                .isEqualTo(base().maxTokens(2).initialTokens(2).build());
        assertThat(config.apply(BucketUpdate.none().maxWaiters(6)))
                .isEqualTo(base().maxWaiters(6).build());
        assertThat(BucketUpdate.none()
                        .rate(1)
                        .periodNanos(2)
                        .maxTokens(3)
                        .maxWaiters(4)
                        .tokensAtMost(0)
                        .pauseUntil(6)
                        .resetTokens()
                        .toString())
                .startsWith("BucketUpdate[rate=1.0, periodNanos=2, maxTokens=3.0, maxWaiters=4, resetTokens=true,"
                        + " tokensAtMost=0.0")
                .contains("6");
        for (double bad : new double[] {-1, Double.NaN}) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> BucketUpdate.none().tokensAtMost(bad))
                    .withMessage("tokensAtMost is " + bad + "; it must be 0 or more");
        }
    }
}

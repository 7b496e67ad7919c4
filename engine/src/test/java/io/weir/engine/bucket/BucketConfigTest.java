package io.weir.engine.bucket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;

class BucketConfigTest {

    private static BucketConfig.Builder ten() {
        return BucketConfig.builder().rate(10);
    }

    private static void refused(BucketConfig.Builder builder, String parameter, String value, String allowed) {
        assertThatIllegalArgumentException()
                .isThrownBy(builder::build)
                .withMessageContaining(parameter)
                .withMessageContaining(value)
                .withMessageContaining(allowed);
    }

    @Test
    void aBadParameterIsRefusedWithItsNameValueAndRange() {
        refused(BucketConfig.builder(), "rate", "NaN", "greater than 0");
        refused(BucketConfig.builder().rate(0), "rate", "0.0", "greater than 0");
        refused(BucketConfig.builder().rate(-3), "rate", "-3.0", "greater than 0");
        refused(BucketConfig.builder().rate(Double.POSITIVE_INFINITY), "rate", "Infinity", "finite");
        refused(BucketConfig.builder().rate(1e13).maxTokens(1), "rate", "1.0E13", "at most 1.0E12 tokens a second");
        refused(ten().periodNanos(0), "periodNanos", "0", "greater than 0");
        refused(ten().maxTokens(0), "maxTokens", "0.0", "between");
        refused(ten().maxTokens(Double.NaN), "maxTokens", "NaN", "between");
        refused(ten().maxTokens(1e13), "maxTokens", "1.0E13", "between");
        refused(ten().initialTokens(11), "initialTokens", "11.0", "between 0 and maxTokens=10.0");
        refused(ten().initialTokens(-1), "initialTokens", "-1.0", "between 0");
        refused(ten().initialTokens(Double.NaN), "initialTokens", "NaN", "between 0");
        refused(ten().maxWaiters(-1), "maxWaiters", "-1", "0 or more");
    }

    @Test
    void fillingTheBucketMayTakeSeventyYearsAndNoMore() {
        long day = 86_400_000_000_000L;
        assertThat(BucketConfig.builder()
                        .rate(1)
                        .periodNanos(day)
                        .maxTokens(70 * 365)
                        .build()
                        .maxTokens())
                .isEqualTo(25_550);
        refused(
                BucketConfig.builder().rate(1).periodNanos(day).maxTokens(71 * 366),
                "maxTokens",
                "25986.0",
                "70 years");
    }

    @Test
    void toBuilderKeepsEveryParameter() {
        BucketConfig config = ten().periodNanos(7)
                .maxTokens(20)
                .initialTokens(3)
                .maxWaiters(5)
                .build();
        assertThat(config.toBuilder().build()).isEqualTo(config).hasSameHashCodeAs(config);
        assertThat(config.toBuilder().rate(11).build()).isNotEqualTo(config);
        assertThat(config.toString()).contains("rate=10.0", "maxWaiters=5");
        assertThat(ten().build().maxWaiters()).isEqualTo(10_000);
        assertThat(ten().build().periodNanos()).isEqualTo(1_000_000_000L);
    }
}

package io.weir.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class FaultScriptTest {
    private static final long SECOND = 1_000_000_000;

    @Test
    void thePhasesFollowEachOtherInEqualPartsOfTheDuration() {
        FaultScript script = FaultScript.standard(Duration.ofSeconds(20));

        assertThat(script.spans())
                .containsExactly(
                        new FaultScript.Span(Phase.HEALTHY, 0, 4 * SECOND),
                        new FaultScript.Span(Phase.SLOW, 4 * SECOND, 8 * SECOND),
                        new FaultScript.Span(Phase.FAILING, 8 * SECOND, 12 * SECOND),
                        new FaultScript.Span(Phase.RATE_LIMITING, 12 * SECOND, 16 * SECOND),
                        new FaultScript.Span(Phase.HEALTHY, 16 * SECOND, 20 * SECOND));
    }

    @Test
    void aPhaseBeginsAtItsFirstNanosecondAndEndsBeforeTheNext() {
        FaultScript script = FaultScript.standard(Duration.ofSeconds(5));

        assertThat(script.phaseAt(SECOND - 1)).isEqualTo(Phase.HEALTHY);
        assertThat(script.phaseAt(SECOND)).isEqualTo(Phase.SLOW);
        assertThat(script.phaseAt(2 * SECOND)).isEqualTo(Phase.FAILING);
        assertThat(script.phaseAt(4 * SECOND - 1)).isEqualTo(Phase.RATE_LIMITING);
    }

    @Test
    void outsideOfTheDurationTheFirstAndTheLastPhaseHold() {
        FaultScript script = new FaultScript(Duration.ofSeconds(2), List.of(Phase.SLOW, Phase.FAILING));

        assertThat(script.phaseAt(-1)).isEqualTo(Phase.SLOW);
        assertThat(script.phaseAt(Long.MAX_VALUE)).isEqualTo(Phase.FAILING);
    }

    @Test
    void theLastPhaseEndsWithTheDurationWhateverTheDivisionLeaves() {
        FaultScript script = FaultScript.standard(Duration.ofNanos(7));

        assertThat(script.spans().get(4).toNanos()).isEqualTo(7);
    }

    @Test
    void nothingToPlayIsRefused() {
        assertThatThrownBy(() -> FaultScript.standard(Duration.ZERO)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new FaultScript(Duration.ofSeconds(1), List.of()))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void theQuotaGrantsItsNumberAWindowAndTellsWhenTheNextBegins() {
        Quota quota = new Quota(2, Duration.ofSeconds(1));

        assertThat(quota.ask(0).granted()).isTrue();
        assertThat(quota.ask(100).headers())
                .containsEntry("X-RateLimit-Remaining", "0")
                .doesNotContainKey("Retry-After");
        Quota.Answer refusal = quota.ask(200);
        assertThat(refusal.granted()).isFalse();
        assertThat(refusal.headers())
                .containsEntry("X-RateLimit-Limit", "2")
                .containsEntry("X-RateLimit-Remaining", "0")
                .containsEntry("X-RateLimit-Reset", "1000ms")
                .containsEntry("Retry-After", "1");
        assertThat(quota.ask(SECOND).granted()).isTrue();
    }
}

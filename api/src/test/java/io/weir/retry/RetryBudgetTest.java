package io.weir.retry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weir.RetryAfterHint;
import io.weir.WeirRuntime;
import io.weir.testkit.RecordedEvents;
import io.weir.testkit.VirtualTime;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** What a budget lets the retries do. */
class RetryBudgetTest {
    private final VirtualTime time = new VirtualTime();
    private final RecordedEvents events = new RecordedEvents();
    private final WeirRuntime runtime = time.runtimeBuilder().listener(events).build();
    private int attempts;

    private Retry retry(RetryBudget budget) {
        return Retry.of(
                "r",
                RetryConfig.builder()
                        .maxRetries(3)
                        .baseDelay(Duration.ZERO)
                        .retryOnResult(Integer.class, x -> x == 503)
                        .budget(budget)
                        .build(),
                runtime);
    }

    private void succeed(Retry retry, int calls) {
        for (int i = 0; i < calls; i++) {
            assertThat(retry.get(() -> 200)).isEqualTo(200);
        }
    }

    private int attemptsOfAFailingCall(Retry retry) {
        attempts = 0;
        CompletableFuture<Integer> end = retry.execute(() -> {
            attempts++;
            return CompletableFuture.failedFuture(new IOException());
        });
        time.advance(Duration.ofMillis(1));
        assertThatThrownBy(end::join).hasCauseInstanceOf(IOException.class);
        return attempts;
    }

    @Test
    void tenSuccessesBuyOneRetry() {
        Retry retry = retry(RetryBudget.of(0.1, 0));
        assertThat(attemptsOfAFailingCall(retry)).isEqualTo(1);
        succeed(retry, 19);
        assertThat(attemptsOfAFailingCall(retry)).isEqualTo(2);
        assertThat(events.of(RetryEvent.class)).last().matches(RetryEvent::gaveUp);
        assertThat(retry.metrics().givenUp()).isEqualTo(2);
        succeed(retry, 1);
        assertThat(attemptsOfAFailingCall(retry)).isEqualTo(2);
    }

    @Test
    void anOutageIsNotMultiplied() {
        Retry retry = retry(RetryBudget.of(0.2, 1));
        succeed(retry, 1_000);
        int all = 0;
        for (int i = 0; i < 1_000; i++) {
            all += attemptsOfAFailingCall(retry);
        }
        assertThat(all - 1_000)
                .as("retries within a second: those bought, and the minimum of the ttl")
                .isBetween(200 + 10, 200 + 10 + 1);
    }

    @Test
    void theMinimumComesBackWithTimeAndDepositsExpire() {
        Retry retry = retry(RetryBudget.of(1, 1, Duration.ofSeconds(2)));
        assertThat(attemptsOfAFailingCall(retry)).isEqualTo(3);
        assertThat(attemptsOfAFailingCall(retry)).isEqualTo(1);
        succeed(retry, 100);
        time.advance(Duration.ofMillis(2_500));
        assertThat(attemptsOfAFailingCall(retry)).isEqualTo(3);
    }

    @Test
    void retriesShareIt() {
        RetryBudget budget = RetryBudget.of(1, 0);
        succeed(retry(budget), 2);
        assertThat(attemptsOfAFailingCall(retry(budget))).isEqualTo(3);
        assertThat(attemptsOfAFailingCall(retry(budget))).isEqualTo(1);
    }

    @Test
    void aRetryThatIsNotMadeCostsNothing() {
        Retry retry = retry(RetryBudget.of(1, 0));
        succeed(retry, 1);
        final class Later extends IOException implements RetryAfterHint {
            private static final long serialVersionUID = 1;

            @Override
            public Optional<Duration> retryAfter() {
                return Optional.of(Duration.ofDays(1));
            }
        }
        assertThat(retry.execute(() -> CompletableFuture.failedFuture(new Later())))
                .isCompletedExceptionally();
        assertThat(attemptsOfAFailingCall(retry)).isEqualTo(2);
    }

    @Test
    void onlyACallThatSucceedsInTheEndDeposits() {
        Retry retry = retry(RetryBudget.of(1, 0));
        assertThat(retry.get(() -> 503)).isEqualTo(503);
        assertThat(attemptsOfAFailingCall(retry))
                .as("a result to be retried is none")
                .isEqualTo(1);
        succeed(retry, 1);
        attempts = 0;
        CompletableFuture<Integer> second = retry.execute(() -> ++attempts == 1
                ? CompletableFuture.failedFuture(new IOException())
                : CompletableFuture.completedFuture(200));
        time.advance(Duration.ofMillis(1));
        assertThat(second).isCompletedWithValue(200);
        assertThat(attemptsOfAFailingCall(retry))
                .as("a success at the second attempt is one")
                .isEqualTo(2);
    }

    @Test
    void badValuesAreNamedWithWhatIsAllowed() {
        bad(() -> RetryBudget.of(0.001, 1), "ratio must be 0.0, or from 0.01 to 10.0, but was 0.001");
        bad(() -> RetryBudget.of(0.1, -1), "minPerSecond must be 0.0, or from 0.001 to 1000000.0, but was -1.0");
        bad(() -> RetryBudget.of(0.1, 1, Duration.ofSeconds(61)), "ttl must be from PT1S to PT1M, but was PT1M1S");
        bad(() -> RetryBudget.of(0.1, 1, Duration.ofSeconds(Long.MAX_VALUE)), "ttl");
    }

    private static void bad(Runnable building, String message) {
        assertThatIllegalArgumentException().isThrownBy(building::run).withMessageContaining(message);
    }

    @Test
    void aConfigurationWithAnotherBudgetIsAnother() {
        RetryConfig config =
                RetryConfig.builder().budget(RetryBudget.of(0.1, 1)).build();
        assertThat(config.toBuilder().build()).isEqualTo(config).hasSameHashCodeAs(config);
        assertThat(config.toBuilder().budget(RetryBudget.of(0.1, 1)).build()).isNotEqualTo(config);
    }
}

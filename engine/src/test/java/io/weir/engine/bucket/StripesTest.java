package io.weir.engine.bucket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class StripesTest {
    private final Stripes stripes = new Stripes(4, 20, 2);

    @Test
    void aDepositNeverLiftsAStripeAboveItsShare() {
        stripes.deposit(30);
        assertThat(stripes.sum()).as("what is over goes to the next").isEqualTo(30);
        for (int i = 0; i < 4; i++) {
            assertThat(stripes.held(i)).isBetween(0L, 20L);
        }
        stripes.deposit(1_000);
        assertThat(stripes.sum()).isEqualTo(stripes.capacity()).isEqualTo(80);
        assertThat(stripes.held(3)).isEqualTo(20);
    }

    @Test
    void aNewCellMayBeginWithEveryStripeFull() {
        stripes.fill(80);
        assertThat(stripes.sum()).isEqualTo(80);
        assertThat(stripes.toString()).isEqualTo("Stripes[4 of at most 20, in all 80]");
    }

    @Test
    void aLeaseIsOfUseForACostUpToAWholeShare() {
        assertThat(stripes.room(20)).isEqualTo(20);
        assertThat(stripes.room(22)).isZero();
    }

    @Test
    void aDepositIntoAFrozenStripeIsDropped() {
        stripes.deposit(8);
        assertThat(stripes.freeze()).isEqualTo(8);
        stripes.deposit(10);
        assertThat(stripes.freeze())
                .as("frozen again, by somebody who was late")
                .isEqualTo(8);
        assertThat(stripes.sum()).isEqualTo(8);
    }

    @Test
    void nothingIsSpentOrGatheredFromAFrozenStripe() {
        stripes.deposit(80);
        stripes.freeze();
        assertThat(stripes.spendOne()).isFalse();
        assertThat(stripes.gather(10)).isZero();
        assertThat(stripes.room(2)).isZero();
        assertThat(stripes.sum()).isEqualTo(80);
    }

    @Test
    void aThreadSpendsFromItsOwnStripeOnlyAndGathersFromAll() {
        ChosenThread.run(self -> {
            self.beOf(2, stripes);
            stripes.deposit(20);
            self.beOf(1, stripes);
            assertThat(stripes.spendOne()).isFalse();
            self.beOf(2, stripes);
            assertThat(stripes.spend(16)).isTrue();
            assertThat(stripes.spend(6)).isFalse();
            assertThat(stripes.gather(100)).isEqualTo(4);
            assertThat(stripes.sum()).isZero();
        });
    }

    @Test
    void consecutiveThreadsHaveStripesOfTheirOwnAndManyThreadsUseThemAll() {
        for (int count : new int[] {4, 8, 64}) {
            Stripes some = new Stripes(count, 20, 2);
            Set<Integer> used = new HashSet<>();
            for (long id = 0; id < 10_000; id++) {
                assertThat(some.stripeOf(id)).isBetween(0, count - 1).isNotEqualTo(some.stripeOf(id + 1));
                used.add(some.stripeOf(2 * id));
            }
            assertThat(used).hasSize(count);
        }
        assertThat(new Stripes(1, 20, 2).stripeOf(12_345)).isZero();
    }

    @Test
    void stripesAreEightTokensEachAtLeastAndASixteenthOfTheCapacityAtMost() {
        for (double max : new double[] {1, 100, 1_023.9, 1_024, 1_500, 4_096, 1e6, 1e12}) {
            for (int most : new int[] {4, 16, 64}) {
                BucketConfig config =
                        BucketConfig.builder().rate(1e6).maxTokens(max).build();
                Ticks ticks = Ticks.of(config, 0);
                Stripes some = new Leases(most, 0).stripesOf(config, ticks);
                if (max < 1_024) {
                    assertThat(some).isNull();
                } else {
                    assertThat(some.count()).isBetween(Math.min(most, 8), most);
                    assertThat(ticks.tokens(some.share >> 1)).isGreaterThanOrEqualTo(8);
                    assertThat(ticks.tokens(some.capacity() >> 1)).isLessThanOrEqualTo(max / 16);
                }
            }
        }
        assertThat(Leases.BY_CAPACITY.stripes()).isGreaterThanOrEqualTo(4);
    }

    @Test
    void theStripesOfABucketAreAPowerOfTwoUpTo64OrNone() {
        for (int wrong : new int[] {-1, 3, 65, 128}) {
            assertThatThrownBy(() -> new Leases(wrong, 0)).isInstanceOf(IllegalArgumentException.class);
        }
        BucketConfig config = BucketConfig.builder().rate(1).maxTokens(1e6).build();
        assertThat(new Leases(0, 0).stripesOf(config, Ticks.of(config, 0))).isNull();
        assertThat(new Leases(64, 0).stripesOf(config, Ticks.of(config, 0)).count())
                .isEqualTo(64);
    }

    @Test
    void aChosenShareThatIsNothingOrLeavesTheWordNothingGivesNoStripes() {
        BucketConfig config = BucketConfig.builder().rate(1).maxTokens(100).build();
        Ticks ticks = Ticks.of(config, 0);
        assertThat(new Leases(4, 25).stripesOf(config, ticks)).isNull();
        assertThat(new Leases(4, 24).stripesOf(config, ticks)).isNotNull();
        assertThat(new Leases(4, 1e-15).stripesOf(config, ticks))
                .as("less than a tick")
                .isNull();
    }
}

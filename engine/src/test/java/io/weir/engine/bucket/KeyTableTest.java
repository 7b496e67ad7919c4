package io.weir.engine.bucket;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.engine.testing.ManualTime;
import java.math.BigInteger;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** K1 to K5 of {@link KeyTable}, a step at a time: each test stops a thread where it hurts. */
class KeyTableTest {
    private static final long FULL_AGAIN = 1_000_000_100L;

    private final ManualTime time = new ManualTime(0);
    private final KeyScale scale = new KeyScale(BucketConfig.builder().rate(10).build());
    private final KeyTable table = new KeyTable(time, scale, 4);
    private final long token = scale.cost(1);

    private int insert(long key) {
        int slot = table.claim(key);
        table.publish(slot, key);
        assertThat(table.displace(key, slot)).isFalse();
        assertThat(table.confirm(slot, Long.MIN_VALUE >> 3, token)).isZero();
        return slot;
    }

    @Test
    void anInserterStoppedBeforeASlotThatIsFreedMeanwhileMakesNoSecondBucket() {
        insert(1);
        time.advance(50_000_000);
        int late = table.claim(7); // it has passed key 1's slot, which is busy
        time.advance(FULL_AGAIN);
        int early = insert(7); // in key 1's slot, which is free now
        assertThat(early).isLessThan(late);
        table.publish(late, 7);
        assertThat(table.displace(7, late))
                .as("the late one sees the early one's")
                .isTrue();
        table.release(late);
        assertThat(table.count(false)).isEqualTo(1);
        assertThat(table.take(7, 9 * token, false)).isZero();
        assertThat(table.take(7, token, false)).isNotZero();
    }

    @Test
    void ofTwoInsertersOfOneKeyThatHaveBothPublishedOneConfirms() {
        int first = table.claim(7);
        int second = table.claim(7);
        table.publish(first, 7);
        table.publish(second, 7);
        assertThat(table.displace(7, second)).isFalse();
        assertThat(table.confirm(first, 0, token)).isEqualTo(KeyTable.ABSENT);
        assertThat(table.confirm(second, Long.MIN_VALUE >> 3, token)).isZero();
        table.publish(first, 7);
        assertThat(table.displace(7, first)).isTrue();
        table.release(first);
        assertThat(table.count(false)).isEqualTo(1);
    }

    @Test
    void ofTwoInsertersThatDisplaceEachOtherNoneConfirmsUntilItHasLookedAgain() {
        int first = table.claim(7);
        int second = table.claim(7);
        table.publish(first, 7);
        table.publish(second, 7);
        table.displace(7, second);
        table.displace(7, first);
        assertThat(table.confirm(first, 0, token)).isEqualTo(KeyTable.ABSENT);
        assertThat(table.confirm(second, 0, token)).isEqualTo(KeyTable.ABSENT);
        assertThat(table.take(7, token, false)).isEqualTo(KeyTable.ABSENT);
    }

    @Test
    void aTakerThatWasStoppedDoesNotTakeFromTheSlotsNextKey() {
        // "Full at this instant" is one value for both keys: the word of a key that has just come must still be another
        // than any before.
        int slot = insert(1);
        long word = table.word(slot);
        for (int i = 0; i < 100; i++) {
            time.advance(FULL_AGAIN);
            assertThat(insert(2 + i)).isEqualTo(slot);
            assertThat(table.word(slot))
                    .as("the word, as the stopped taker's CAS sees it")
                    .isGreaterThan(word);
            word = table.word(slot);
        }
    }

    @Test
    void aSlotIsNotReclaimedAtTheTickAtWhichItsWordWouldComeBack() {
        int slot = insert(1);
        time.advance(100_000_000); // full again, and not more than that
        insert(2);
        insert(3);
        insert(4);
        assertThat(table.claim(5)).isEqualTo(KeyTable.NONE);
        time.advance(12);
        assertThat(table.claim(5)).isEqualTo(slot);
    }

    @Test
    void aSlotThatIsGivenUpWaitsUntilNobodyCanMistakeIt() {
        int slot = table.claim(7);
        table.release(slot);
        assertThat(table.claim(7)).as("not in the same tick").isNotEqualTo(slot);
        time.advance(10);
        assertThat(table.claim(7)).isEqualTo(slot);
    }

    @Test
    void anInserterThatIsStoppedForEverCostsItsSlotOnly() {
        table.publish(table.claim(7), 7);
        insert(7);
        insert(8);
        insert(9);
        assertThat(table.claim(10)).isEqualTo(KeyTable.NONE);
        assertThat(table.take(7, token, false)).isZero();
    }

    @Test
    void aPromotedLevelIsKeptForWhoeverMakesTheObject() {
        insert(7);
        KeyObjects objects = new KeyObjects(4);
        KeyObjects.Entry entry = objects.findOrAdd(7, 4);
        long tat = table.promote(7, entry);
        assertThat(table.promote(7, entry)).as("another helper's").isEqualTo(tat);
        assertThat(table.take(7, token, false)).isEqualTo(KeyTable.ABSENT);
        time.advance(FULL_AGAIN);
        assertThat(table.count(false)).isEqualTo(1);
        table.freePromoted(7, tat + 1);
        assertThat(table.promote(7, entry)).as("another life's").isEqualTo(tat);
        table.freePromoted(7, tat);
        assertThat(table.promote(7, entry)).isEqualTo(KeyTable.NO_LEVEL);
    }

    @Test
    void aSlotThatWasPromotedIsClaimedNoSoonerThanWithItsKey() {
        time.advance(10 * FULL_AGAIN);
        int slot = insert(7);
        KeyObjects objects = new KeyObjects(4);
        table.freePromoted(7, table.promote(7, objects.findOrAdd(7, 4)));
        insert(8);
        insert(9);
        insert(10);
        assertThat(table.claim(11)).isEqualTo(KeyTable.NONE);
        time.advance(100_000_012);
        assertThat(table.claim(11)).isEqualTo(slot);
    }

    @Test
    void aSlotThatItsPromoterHasLeftIsFreedForTheEntryInPlaceOnly() {
        insert(8);
        int slot = insert(7);
        KeyObjects objects = new KeyObjects(4);
        KeyObjects.Entry entry = objects.findOrAdd(7, 4);
        table.freeLeftover(objects, entry);
        assertThat(table.take(7, token, false)).as("it isn't promoted yet").isZero();
        long tat = table.promote(7, entry);
        entry.start(new TokenBucket(time, time, BucketConfig.builder().rate(10).build(), Leases.NONE));
        assertThat(table.promote(7, entry)).as("the object is made").isEqualTo(KeyTable.NO_LEVEL);

        KeyObjects.Entry next = new KeyObjects.Entry(7, entry);
        objects.replace(entry, next);
        table.freeLeftover(objects, entry);
        assertThat(table.promote(7, next)).as("the next entry counts on it").isEqualTo(tat);
        table.freeLeftover(objects, next);
        assertThat(table.promote(7, next)).isEqualTo(KeyTable.NO_LEVEL);
        assertThat(table.count(false)).as("key 8").isEqualTo(1);
        assertThat(table.take(8, 9 * token, false)).isZero();
        insert(9);
        insert(10);
        assertThat(table.claim(11)).as("its level isn't full").isEqualTo(KeyTable.NONE);
        time.advance(200_000_012);
        assertThat(table.claim(11)).isEqualTo(slot);
    }

    @Test
    void aKeyIsFoundBehindASlotWhoseClaimerHasStopped() {
        assertThat(table.claim(7)).isPositive();
        insert(8);
        assertThat(table.take(8, token, false)).isZero();
        assertThat(table.claim(8)).isEqualTo(KeyTable.PRESENT);
    }

    @Test
    void aKeyIsBusyAsLongAsItsSlotCannotBeClaimed() {
        KeyScale exact = new KeyScale(
                BucketConfig.builder().rate(1).periodNanos(1_024).maxTokens(8).build());
        KeyTable slots = new KeyTable(time, exact, 4);
        time.advance(100_000);
        slots.publish(slots.claim(7), 7);
        slots.displace(7, KeyTable.NONE);
        int slot = slots.claim(8);
        slots.publish(slot, 8);
        slots.confirm(slot, Long.MIN_VALUE >> 3, exact.cost(8));
        assertThat(slots.waitNanos(8, exact.cost(2))).isEqualTo(2_048);
        time.advance(2_047);
        assertThat(slots.waitNanos(8, exact.cost(2))).isPositive();
        time.advance(1);
        assertThat(slots.waitNanos(8, exact.cost(2))).isZero();
        assertThat(slots.take(8, exact.cost(2), false)).isZero();
        time.advance(8 * 1_024);
        assertThat(slots.count(true)).as("full, but not by a tick more").isEqualTo(1);
        time.advance(4);
        assertThat(slots.count(true)).isZero();
    }

    @Test
    void thereIsAPrimeNumberOfLinesSoThatAnyStepWalksThroughAll() {
        for (int slots = 5; slots < 1_000; slots += 4) {
            KeyTable some = new KeyTable(time, scale, slots);
            int lines = some.slots() / KeyTable.SLOTS_PER_LINE;
            assertThat(BigInteger.valueOf(lines).isProbablePrime(30))
                    .as("%d lines", lines)
                    .isTrue();
            assertThat(some.slots()).isGreaterThanOrEqualTo(slots);
            assertThat(some.bytes()).isEqualTo(16L * some.slots() + 48);
        }
    }

    @Test
    void keysOfOneHomeGoOnInStepsOfTheirOwn() {
        for (long home = 0; home < 16; home++) {
            KeyTable large = new KeyTable(time, scale, 1_000);
            assertThat(large.slots()).isEqualTo(4 * 251);
            Set<Integer> lines = new HashSet<>();
            for (int i = 0; i < 250; i++) { // each of the 250 steps that there are, once
                long key = home << 60 | (long) ((i + 0.5) / 250 * (1L << 32));
                int slot = large.claim(key);
                assertThat(slot).as("key %d of home %d", i, home).isPositive();
                large.publish(slot, key);
                large.confirm(slot, Long.MIN_VALUE >> 3, token);
                assertThat(large.take(key, token, false)).isZero();
                lines.add((slot - 6) / 8);
            }
            assertThat(lines).as("four are at home").hasSize(1 + 246);
        }
    }

    @Test
    void everySlotOfALargeTableCanBeHadByLinesOfAnyKey() {
        KeyTable large = new KeyTable(time, scale, 1_000);
        int placed = 0;
        for (int i = 0; i < 700; i++) {
            long key = KeyHash.withSecret(3, 4).hash(i);
            int slot = large.claim(key);
            if (slot >= 0) {
                large.publish(slot, key);
                large.confirm(slot, Long.MIN_VALUE >> 3, token);
                placed++;
            }
        }
        assertThat(placed).isEqualTo(700);
        assertThat(large.slots()).isBetween(1_000, 1_024);
    }
}

package io.weir.engine.bucket;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.engine.testing.ManualTime;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class KeyObjectsTest {
    private static final int MOST = 16;

    private final ManualTime time = new ManualTime(0);
    private final KeyObjects objects = new KeyObjects(MOST);

    private TokenBucket bucket() {
        return new TokenBucket(time, time, BucketConfig.builder().rate(10).build(), Leases.NONE);
    }

    @Test
    void anEntryIsTakenOutOrReplacedOnce() {
        KeyObjects.Entry entry = objects.findOrAdd(7, MOST);
        assertThat(objects.findOrAdd(7, MOST)).isSameAs(entry);
        KeyObjects.Entry next = new KeyObjects.Entry(7, entry);
        assertThat(objects.replace(entry, next)).isTrue();
        assertThat(objects.replace(entry, new KeyObjects.Entry(7, entry))).isFalse();
        objects.remove(entry);
        assertThat(objects.find(7)).isSameAs(next);
        assertThat(objects.size()).isEqualTo(1);
        objects.remove(next);
        objects.remove(next);
        assertThat(objects.find(7)).isNull();
        assertThat(objects.size()).isZero();
    }

    @Test
    void anEntryHasTheBucketThatCameFirst() {
        KeyObjects.Entry entry = objects.findOrAdd(7, MOST);
        TokenBucket first = bucket();
        assertThat(entry.start(first)).isTrue();
        assertThat(entry.start(bucket())).isFalse();
        assertThat(entry.bucket()).isSameAs(first);
    }

    @Test
    void aGateIsShutOnlyWhenNobodyIsInsideAndThenLetsNobodyIn() {
        KeyObjects.Entry entry = objects.findOrAdd(7, MOST);
        assertThat(entry.enter()).isTrue();
        assertThat(entry.beginToRetire()).isFalse();
        entry.leave();
        assertThat(KeyObjects.Entry.isRetiring(entry.gate())).isFalse();
        assertThat(entry.beginToRetire()).isTrue();
        assertThat(KeyObjects.Entry.isRetiring(entry.gate())).isTrue();
        assertThat(entry.beginToRetire()).isFalse();
        assertThat(entry.enter()).isFalse();
        entry.endToRetire(entry.gate(), true);
        assertThat(KeyObjects.Entry.isRetired(entry.gate())).isTrue();
        assertThat(entry.enter()).isFalse();
    }

    @Test
    void aLateDecisionIsVoidForTheNextLook() {
        KeyObjects.Entry entry = objects.findOrAdd(7, MOST);
        entry.beginToRetire();
        long seen = entry.gate();
        entry.endToRetire(seen, false);
        assertThat(entry.enter()).as("it is open again").isTrue();
        entry.leave();
        entry.beginToRetire();
        assertThat(entry.gate()).isGreaterThan(seen);
        entry.endToRetire(seen, true);
        assertThat(KeyObjects.Entry.isRetired(entry.gate())).isFalse();
    }

    @Test
    void keysAreSpreadOverTheChainsByTheirHighBitsAndTheirLow() {
        for (int shift : new int[] {0, 32}) {
            KeyObjects spread = new KeyObjects(MOST);
            for (long key = 0; key < MOST; key++) {
                spread.findOrAdd(key << shift, MOST);
            }
            for (int chain = 0; chain < MOST; chain++) {
                List<KeyObjects.Entry> met = new ArrayList<>();
                spread.visit(chain, met::add);
                assertThat(met).as("bits from %d, chain %d", shift, chain).hasSize(1);
            }
        }
        KeyObjects same = new KeyObjects(MOST);
        for (long key = 0; key < MOST; key++) {
            same.findOrAdd(key << 32 | 5, MOST);
        }
        List<KeyObjects.Entry> met = new ArrayList<>();
        same.visit(5, met::add);
        assertThat(met).as("both kinds at once").hasSize(1);
    }
}

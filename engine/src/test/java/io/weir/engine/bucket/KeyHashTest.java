package io.weir.engine.bucket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weir.engine.testing.AllocationMeter;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class KeyHashTest {
    /** SipHash-2-4 of 00 01 02 … (n bytes) under the key 00 01 … 0f, from the reference implementation; the last is the paper's example. */
    private static final long[] REFERENCE = {
        0x726fdb47dd0e0e31L, 0x74f839c593dc67fdL, 0x0d6c8009d9a94f5aL, 0x85676696d7fb7e2dL,
        0xcf2794e0277187b7L, 0x18765564cd99a68dL, 0xcbc9466e58fee3ceL, 0xab0200f58b01d137L,
        0x93f5f5799a932462L, 0x9e0082df0ba9e4b0L, 0x7a5dbbc594ddb9f3L, 0xf4b32f46226bada7L,
        0x751e8fbc860ee5fbL, 0x14ea5627c0843d90L, 0xf723ca908e7af2eeL, 0xa129ca6149be45e5L,
    };

    private final KeyHash hash = KeyHash.withSecret(0x0706050403020100L, 0x0f0e0d0c0b0a0908L);

    @Test
    void bytesHashAsTheReferenceDoes() {
        byte[] key = new byte[REFERENCE.length + 3];
        for (int i = 0; i < REFERENCE.length; i++) {
            key[3 + i] = (byte) i;
        }
        for (int length = 0; length < REFERENCE.length; length++) {
            assertThat(hash.hash(key, 3, 3 + length)).as("%d bytes", length).isEqualTo(REFERENCE[length]);
        }
    }

    @Test
    void aStringHashesAsTheBytesOfItsCharactersUnderTheSecretForStrings() {
        // The secret for strings is the hash, under the one for longs' derivation, of 0 and of 1.
        KeyHash strings = KeyHash.withSecret(sipOfLong(0), sipOfLong(1));
        StringBuilder text = new StringBuilder();
        for (int length = 0; length < 40; length++) {
            byte[] bytes = text.toString().getBytes(StandardCharsets.UTF_16LE);
            assertThat(hash.hash(text.toString())).isEqualTo(strings.hash(bytes, 0, bytes.length));
            assertThat(hash.hash(text)).as("the same from another class").isEqualTo(hash.hash(text.toString()));
            text.append((char) ('a' + 997 * length));
        }
    }

    @Test
    void aLongHashesAsItsBytesUnderTheSecretForLongs() {
        KeyHash longs = KeyHash.withSecret(sipOfLong(2), sipOfLong(3));
        assertThat(hash.hash(0x0102030405060708L)).isEqualTo(longs.hash(new byte[] {8, 7, 6, 5, 4, 3, 2, 1}, 0, 8));
    }

    private long sipOfLong(long value) {
        byte[] bytes = new byte[8];
        bytes[0] = (byte) value;
        return hash.hash(bytes, 0, 8);
    }

    @Test
    void stringsLongsAndBytesDontMeet() {
        Set<Long> seen = new HashSet<>();
        for (int i = 0; i < 10_000; i++) {
            seen.add(hash.hash((long) i));
            seen.add(hash.hash("k" + i));
            seen.add(hash.hash(new byte[] {(byte) i, (byte) (i >> 8), 0, 0, 0, 0, 0, 0}, 0, 8));
        }
        assertThat(seen).hasSize(30_000);
    }

    @Test
    void anotherSecretHashesDifferently() {
        assertThat(KeyHash.random().hash("tenant"))
                .isNotEqualTo(KeyHash.random().hash("tenant"));
    }

    @Test
    void aRangeOutsideTheArrayIsRefused() {
        assertThatThrownBy(() -> hash.hash(new byte[4], 2, 5)).isInstanceOf(IndexOutOfBoundsException.class);
    }

    @Test
    void theSecretIsNotTold() {
        assertThat(hash.toString()).isEqualTo("KeyHash[SipHash-2-4]");
    }

    @Test
    void hashingAllocatesNothing() {
        byte[] bytes = new byte[21];
        StringBuilder sequence = new StringBuilder("a sequence of characters");
        long[] sum = {0};
        assertThat(AllocationMeter.leastBytes(
                        100_000,
                        () -> sum[0] += hash.hash("tenant-4711")
                                + hash.hash(sequence)
                                + hash.hash(42)
                                + hash.hash(bytes, 1, 20)))
                .isLessThan(1_024);
    }
}

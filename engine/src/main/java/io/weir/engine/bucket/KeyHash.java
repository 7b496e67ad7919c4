package io.weir.engine.bucket;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.security.SecureRandom;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A keyed hash of strings, longs and bytes to 64 bits, for {@link KeyedBuckets}. Immutable, thread-safe, allocates nothing per call.
 *
 * <p>It is SipHash-2-4 (Aumasson and Bernstein, "SipHash: a fast short-input PRF", Indocrypt 2012). Whoever doesn't know the secret can't find
 * keys that collide, other than by chance: among n keys some two collide with a probability of about n<sup>2</sup> / 2<sup>65</sup>, which is
 * 3 · 10<sup>-6</sup> for 10 million keys. Strings, longs and bytes are hashed under secrets of their own, so that a string never meets the
 * bytes that it is made of.
 */
public final class KeyHash {

    private static final VarHandle LITTLE_ENDIAN =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    // What a key is made of.
    private static final int STRING = 0;
    private static final int SEQUENCE = 1;
    private static final int BYTES = 2;
    private static final int LONG = 3;

    private final Secret bytes;
    private final Secret chars;
    private final Secret longs;

    private record Secret(long k0, long k1) {}

    private KeyHash(long k0, long k1) {
        bytes = new Secret(k0, k1);
        chars = new Secret(ofLong(bytes, 0), ofLong(bytes, 1));
        longs = new Secret(ofLong(bytes, 2), ofLong(bytes, 3));
    }

    /** A hash whose secret nobody knows, from a strong source of randomness. */
    public static KeyHash random() {
        SecureRandom random = new SecureRandom();
        return new KeyHash(random.nextLong(), random.nextLong());
    }

    /**
     * A hash with a given secret, for tests, and for tables that must agree.
     *
     * @param k0 the first eight bytes of SipHash's key, little-endian
     * @param k1 the other eight
     */
    public static KeyHash withSecret(long k0, long k1) {
        return new KeyHash(k0, k1);
    }

    /** The hash of a string's UTF-16 characters. Two sequences of the same characters have the same hash, whatever their class. */
    public long hash(CharSequence key) {
        // A string apart, so that charAt is no interface call there.
        return key instanceof String string
                ? sip(chars, STRING, string, 0, 2 * (long) string.length())
                : sip(chars, SEQUENCE, key, 0, 2 * (long) key.length());
    }

    /** The hash of a number. */
    public long hash(long key) {
        return ofLong(longs, key);
    }

    /**
     * The hash of a range of bytes: SipHash-2-4 itself, under the secret given.
     *
     * @param from the first byte's index
     * @param to the index after the last byte's
     * @throws IndexOutOfBoundsException if that is no range of the array
     */
    public long hash(byte[] key, int from, int to) {
        Objects.checkFromToIndex(from, to, key.length);
        return sip(bytes, BYTES, key, from, to - from);
    }

    private static long ofLong(Secret secret, long key) {
        return sip(secret, LONG, null, key, 8);
    }

    /** SipHash-2-4 of {@code length} bytes: a round of two for each block of eight and for the rest with the length, then four more. */
    private static long sip(Secret secret, int form, @Nullable Object key, long from, long length) {
        long v0 = secret.k0 ^ 0x736f6d6570736575L; // "somepseudorandomlygeneratedbytes", as the paper has it
        long v1 = secret.k1 ^ 0x646f72616e646f6dL;
        long v2 = secret.k0 ^ 0x6c7967656e657261L;
        long v3 = secret.k1 ^ 0x7465646279746573L;
        int blocks = (int) (length >>> 3);
        for (int i = 0; i <= blocks + 1; i++) {
            long block = 0;
            int rounds = 2;
            if (i < blocks) {
                block = block(form, key, from, i);
            } else if (i == blocks) {
                block = length << 56 | rest(key, from, blocks, (int) (length & 7));
            } else {
                v2 ^= 0xff;
                rounds = 4;
            }
            v3 ^= block;
            for (int round = 0; round < rounds; round++) {
                v0 += v1;
                v2 += v3;
                v1 = Long.rotateLeft(v1, 13) ^ v0;
                v3 = Long.rotateLeft(v3, 16) ^ v2;
                v0 = Long.rotateLeft(v0, 32) + v3;
                v2 += v1;
                v1 = Long.rotateLeft(v1, 17) ^ v2;
                v3 = Long.rotateLeft(v3, 21) ^ v0;
                v2 = Long.rotateLeft(v2, 32);
            }
            v0 ^= block;
        }
        return v0 ^ v1 ^ v2 ^ v3;
    }

    private static long block(int form, @Nullable Object key, long from, int i) {
        int at = i << 2;
        if (form == STRING && key instanceof String s) {
            return s.charAt(at)
                    | (long) s.charAt(at + 1) << 16
                    | (long) s.charAt(at + 2) << 32
                    | (long) s.charAt(at + 3) << 48;
        }
        if (form == SEQUENCE && key instanceof CharSequence s) {
            return s.charAt(at)
                    | (long) s.charAt(at + 1) << 16
                    | (long) s.charAt(at + 2) << 32
                    | (long) s.charAt(at + 3) << 48;
        }
        return form == BYTES && key instanceof byte[] b ? (long) LITTLE_ENDIAN.get(b, (int) from + (i << 3)) : from;
    }

    /** What is left after the whole blocks: {@code count} bytes. */
    private static long rest(@Nullable Object key, long from, int blocks, int count) {
        long rest = 0;
        if (key instanceof CharSequence s) {
            for (int i = 0; i < count >> 1; i++) {
                rest |= (long) s.charAt((blocks << 2) + i) << (i << 4);
            }
        } else if (key instanceof byte[] b) {
            for (int i = 0; i < count; i++) {
                rest |= (b[(int) from + (blocks << 3) + i] & 0xffL) << (i << 3);
            }
        }
        return rest;
    }

    /** Tells nothing of the secret. */
    @Override
    public String toString() {
        return "KeyHash[SipHash-2-4]";
    }
}

package io.weir.engine.bucket;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The keys of {@link KeyedBuckets} that have a whole {@link TokenBucket}: those with waiters, reservations or an override. A hash table of a
 * fixed number of chains, immutable but for their heads. Thread-safe, lock-free.
 */
final class KeyObjects {
    /*
     * heads[i] -> Link(entry, next): putting in, replacing and taking out are one CAS of the head each, on a copy of what is before the entry. So
     * "is this entry in place" is one read, and at most one entry of a key is in place.
     *
     * An entry lives through  pending (no bucket) -> active -> retired (its gate says so; then its bucket is closed, which freezes the level)
     * -> out of the chain, or replaced by a new entry whose origin it is. KeyedBuckets moves it along; whoever meets it on the way helps.
     */
    private static final VarHandle HEADS = MethodHandles.arrayElementVarHandle(Link[].class);
    private static final VarHandle BUCKET;
    private static final VarHandle GATE;
    private static final VarHandle COUNTS;

    /** In the counts: one removal. */
    private static final long REMOVAL = 1L << 32;

    static {
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            BUCKET = lookup.findVarHandle(Entry.class, "bucket", TokenBucket.class);
            GATE = lookup.findVarHandle(Entry.class, "gate", long.class);
            COUNTS = lookup.findVarHandle(KeyObjects.class, "counts", long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private record Link(Entry entry, @Nullable Link next) {}

    /** One key's object. */
    static final class Entry {
        /*
         * gate = [ version, 32 bits | callers inside, or RETIRING, or RETIRED; 32 bits ]: acquire, reserve and update go in and out; who wants to
         * retire the entry shuts it when nobody is inside, looks whether the bucket can go, which then can't change for the worse, and makes
         * it RETIRED for ever or opens it again. The version makes a late "can go" of one such look void for the next.
         */
        private static final int RETIRING = -1;
        private static final int RETIRED = -2;

        final long hash;

        /** Whose level this entry starts with, until it has a bucket. */
        volatile @Nullable Entry origin;

        @SuppressWarnings("unused") // by BUCKET only
        private @Nullable TokenBucket bucket;

        @SuppressWarnings("unused") // by GATE only
        private long gate;

        Entry(long hash, @Nullable Entry origin) {
            this.hash = hash;
            this.origin = origin;
        }

        /** Null while pending. */
        @Nullable
        TokenBucket bucket() {
            return (TokenBucket) BUCKET.getVolatile(this);
        }

        /** Makes it active. False if somebody was faster. */
        boolean start(TokenBucket with) {
            boolean mine = BUCKET.compareAndSet(this, null, with);
            origin = null;
            return mine;
        }

        long gate() {
            return (long) GATE.getVolatile(this);
        }

        static boolean isRetiring(long gate) {
            return (int) gate == RETIRING;
        }

        static boolean isRetired(long gate) {
            return (int) gate == RETIRED;
        }

        /** Goes in; false unless it is open. */
        boolean enter() {
            while (true) {
                long seen = gate();
                if ((int) seen < 0) {
                    return false;
                }
                if (GATE.compareAndSet(this, seen, seen + 1)) {
                    return true;
                }
                Thread.onSpinWait();
            }
        }

        void leave() {
            GATE.getAndAdd(this, -1L);
        }

        /** Shuts the gate if nobody is inside. */
        boolean beginToRetire() {
            long seen = gate();
            return (int) seen == 0 && GATE.compareAndSet(this, seen, seen | 0xffffffffL);
        }

        /** Decides what {@code seen}, a retiring gate, becomes. */
        void endToRetire(long seen, boolean retire) {
            long version = seen & ~0xffffffffL;
            GATE.compareAndSet(this, seen, retire ? version | RETIRED & 0xffffffffL : version + (1L << 32));
        }
    }

    private final @Nullable Link[] heads;

    /** {@code [ removals begun | entries ]}, 32 bits each. */
    @SuppressWarnings("unused") // by COUNTS only
    private long counts;

    KeyObjects(int chains) {
        heads = new Link[Integer.highestOneBit(Math.max(1, chains))];
    }

    private int chain(long hash) {
        return (int) (hash ^ hash >>> 32) & heads.length - 1;
    }

    private @Nullable Link head(int chain) {
        return (Link) HEADS.getVolatile(heads, chain); // one order with publish and displace: see KeyedBuckets
    }

    /** How many entries there are, or are being put in. */
    int size() {
        return (int) (long) COUNTS.getAcquire(this);
    }

    /**
     * How many removals have begun, as a number that wraps. Who reads this, finds no entry, finds none again later, and then reads the same number knows that
     * there was none between: what is put in after the first look goes before the second only by a removal that is counted before it takes place.
     */
    int removals() {
        return (int) ((long) COUNTS.getVolatile(this) >>> 32);
    }

    @Nullable
    Entry find(long hash) {
        for (Link link = head(chain(hash)); link != null; link = link.next) {
            if (link.entry.hash == hash) {
                return link.entry;
            }
        }
        return null;
    }

    /** Puts an entry in for a key, pending; or returns the one that is there; or null if there are {@code most} already. */
    @Nullable
    Entry findOrAdd(long hash, int most) {
        int chain = chain(hash);
        Entry mine = new Entry(hash, null);
        boolean counted = false;
        while (true) {
            Link head = head(chain);
            Entry found = find(hash);
            if (found == null && !counted) {
                counted = (int) (long) COUNTS.getAndAdd(this, 1L) < most;
                if (!counted) {
                    COUNTS.getAndAdd(this, -1L);
                    return null;
                }
            }
            if (found == null && HEADS.compareAndSet(heads, chain, head, new Link(mine, head))) {
                return mine;
            }
            if (found != null) {
                if (counted) {
                    COUNTS.getAndAdd(this, -1L);
                }
                return found;
            }
            Thread.onSpinWait();
        }
    }

    /** Takes an entry out. */
    void remove(Entry entry) {
        COUNTS.getAndAdd(this, REMOVAL);
        if (swap(entry, null)) {
            COUNTS.getAndAdd(this, -1L);
        }
    }

    /** Puts another entry of the same key in an entry's place; false if it isn't there any more. */
    boolean replace(Entry entry, Entry with) {
        return swap(entry, with);
    }

    private boolean swap(Entry entry, @Nullable Entry with) {
        int chain = chain(entry.hash);
        while (true) {
            Link head = head(chain);
            if (!isIn(head, entry)) {
                return false;
            }
            if (HEADS.compareAndSet(heads, chain, head, copy(head, entry, with))) {
                return true;
            }
            Thread.onSpinWait();
        }
    }

    private static boolean isIn(@Nullable Link head, Entry entry) {
        for (Link link = head; link != null; link = link.next) {
            if (link.entry == entry) {
                return true;
            }
        }
        return false;
    }

    private static @Nullable Link copy(@Nullable Link head, Entry entry, @Nullable Entry with) {
        Link kept = with == null ? null : new Link(with, null);
        for (Link link = head; link != null; link = link.next) {
            if (link.entry != entry) {
                kept = new Link(link.entry, kept);
            }
        }
        return kept;
    }

    /** Hands every entry of a chain to {@code visitor}; the chain's number is taken modulo their number. */
    void visit(int chain, Consumer<Entry> visitor) {
        for (Link link = head(chain & heads.length - 1); link != null; link = link.next) {
            visitor.accept(link.entry);
        }
    }

    int chains() {
        return heads.length;
    }
}

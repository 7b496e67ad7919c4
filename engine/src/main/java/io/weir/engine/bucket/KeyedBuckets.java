package io.weir.engine.bucket;

import io.weir.engine.time.Timer;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Objects;
import java.util.concurrent.atomic.LongAdder;
import org.agrona.concurrent.NanoClock;
import org.jspecify.annotations.Nullable;

/**
 * A token bucket for each of many keys, in a fixed amount of memory: 16 bytes a slot and about 1.46 slots a key. Every key has the same
 * configuration, but for those that {@link #update} has given another.
 *
 * <p>Keys are told apart by a 64-bit hash under a secret, from {@link #keyOf}. Two keys with the same hash share a bucket: they get less than they
 * should, never more. Among n keys that happens anywhere with a probability of about n<sup>2</sup> / 2<sup>65</sup> (3 · 10<sup>-6</sup> for 10
 * million), and nobody who doesn't know the secret can bring it about.
 *
 * <p>A key whose bucket is full again, without override, waiter or debt, holds no information; its place is given to a new key when one is
 * needed. A key that finds no place is dealt with by {@link KeyOverflow}; when it gets one later, it starts at the level of the shared bucket.
 * A place that is being filled just then counts as taken. No flood of new keys takes a place from a key whose bucket isn't full, or makes
 * the table larger.
 *
 * <p>A key with waiters, reservations, a pause or an override is kept as a whole {@link TokenBucket}, of some 400 bytes, and goes back to its slot when it has
 * none, and others need the room. In any window of length t a key is granted at most maxTokens + rate · t tokens, wherever it is kept meanwhile.
 *
 * <p>Thread-safe and lock-free; no method blocks. {@code tryAcquire} allocates nothing for keys without an object. Methods that take
 * {@code tokens} throw IllegalArgumentException if they are negative, not finite, or more than the key's maxTokens; 0 tokens are always granted.
 * All but {@link #close}, {@link #isClosed}, {@link #cancel}, {@link #handBack} and the readings throw IllegalStateException once closed; of the readings,
 * {@link #availableTokens} and {@link #estimatedWaitNanos} do too.
 */
public final class KeyedBuckets {
    /*
     * Where a key is: in a slot (KeyTable, K1 to K5), in an object (KeyObjects), or nowhere, when it draws on the overflow bucket. An object's entry
     * in its chain outranks the slot: whoever finds no LIVE slot looks there before anything else.
     *
     * In order to move between them without a lock, each party writes its mark first and then looks for the others':
     *
     *   inserter   publishes TENTATIVE; looks for an entry; reads the overflow bucket's level; displaces others or yields to LIVE; confirms
     *   promoter   puts in the entry; then takes the level of a LIVE slot by making it PROMOTED, displacing TENTATIVE ones; if there is none, the
     *              overflow bucket's; whoever meets a pending entry does the same; the CAS of its bucket picks one
     *   payer      debits the overflow bucket; looks for an entry; then looks for a LIVE slot, displacing TENTATIVE ones. If the key has a
     *              place by now, it pays there too, as that may have begun with the level before the debit: dearer, never cheaper
     *   retirer    shuts the entry's gate; closes the bucket, which freezes its level; publishes TENTATIVE; looks whether the entry is still in place;
     *              confirms with the level; takes the entry out. If there is no slot: puts in a new entry with the level. Whoever
     *              meets the entry meanwhile does the same, and nobody waits.
     *   reader     notes how many removals have begun; looks for an entry; then for a LIVE slot. If there is neither it looks for an entry again, and at the
     *              number: is either new, the key may have passed it on its way between the two, and it begins again
     *
     * K6  A key's level never goes up by moving. From a slot that it loses it comes with a full bucket. A place that it gets starts at the overflow
     *     bucket's level, with every debit by this key in it: a payer that debits after the inserter's reading either displaces it, or finds it LIVE.
     *     So neither that bucket nor an object has leases: a prepaid token is in no word, and spent without one order for all.
     *     (A clock that has stepped back makes a key that was full full still: it had the tokens. The bound counts the time that really passes.)
     *     jcstress OverflowVersusReclaim; KeyedBucketsSimulationTest; KeyedBucketsTest#aKeyThatGetsAPlaceStartsAtTheLevelOfTheSharedBucket.
     * K7  A key is never in a slot and in an active object at once: a slot is LIVE only if its inserter found no entry after publishing, and who puts
     *     one in looks at the slots after that. A slot's level goes to one object: PROMOTED keeps it, and a CAS from a LIVE word that was read before
     *     the object was seen missing can't succeed after it was made, as making it needs that slot out of LIVE.
     *     jcstress PromoteVersusTake; KeyedBucketsObjectsLincheckTest.
     * K8  An object goes only with its level: retired for ever is decided while nobody is inside and nobody waits, the freeze comes after, and the
     *     level is read from the frozen cell. jcstress RetireVersusTake; KeyedBucketsObjectsLincheckTest.
     * K9  What a reader tells of a key's place, a level or a wait, was so at some moment of the reading; and if it tells what a newcomer would find, there was
     *     a moment when the key had no place. Nothing goes from an object to a slot without a removal that is counted before it takes place.
     *     KeyedBucketsObjectsLincheckTest.
     */

    /** The most keys that a table can be made for. */
    public static final int MAX_KEYS = 1 << 29;

    private static final double SLOTS_PER_KEY = 1.46;
    private static final int MIN_OBJECTS = 1_024;
    private static final int KEYS_PER_OBJECT = 8;
    private static final int CHAINS_SWEPT = 2;
    private static final int CHAINS_SWEPT_AT_THE_BOUND = 32;

    /** An inserter that is displaced as often as this goes on as if there were no place, so that every call ends. */
    private static final int MOST_DISPLACED = 64;

    private static final VarHandle HAND;

    static {
        try {
            HAND = MethodHandles.lookup().findVarHandle(KeyedBuckets.class, "hand", int.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final NanoClock clock;
    private final Timer timer;
    private final BucketConfig defaults;
    private final BucketConfig empty;
    private final KeyOverflow policy;
    private final KeyHash hash;
    private final KeyScale scale;
    private final double maxTokens;
    private final int maxObjects;
    private final KeyTable table;
    private final KeyObjects objects;
    private final TokenBucket overflow;
    private final @Nullable Slots callSlots;
    private final LongAdder overflowed = new LongAdder();
    /** What whoever comes after the close is told; null before it. */
    private volatile @Nullable String closed;

    @SuppressWarnings("unused") // by HAND only
    private int hand;

    /**
     * Creates a table, and its memory.
     *
     * @param clock a monotonic clock
     * @param timer wakes the lines of waiters, and nothing else; its clock must be the same
     * @param defaults every key's configuration; at most 2.5 · 10<sup>8</sup> tokens a second; initialTokens must be maxTokens, as a key that is
     *     forgotten is one whose bucket is full
     * @param maxKeys how many busy keys there are places for; from 1 to {@link #MAX_KEYS}
     * @param policy what a key without a place gets
     * @param hash hashes the keys
     */
    public KeyedBuckets(
            NanoClock clock, Timer timer, BucketConfig defaults, int maxKeys, KeyOverflow policy, KeyHash hash) {
        this(
                clock,
                timer,
                defaults,
                slotsFor(maxKeys),
                Math.max(MIN_OBJECTS, maxKeys / KEYS_PER_OBJECT),
                policy,
                hash,
                null);
    }

    /**
     * Creates a table for calls that need a slot besides their key's tokens: see {@link TokenBucket#TokenBucket(NanoClock, Timer, BucketConfig, Slots)}.
     * The keys share the slots. The parameters are as in the other constructor.
     *
     * @param callSlots one for each call that is granted
     */
    public KeyedBuckets(
            NanoClock clock,
            Timer timer,
            BucketConfig defaults,
            int maxKeys,
            KeyOverflow policy,
            KeyHash hash,
            Slots callSlots) {
        this(
                clock,
                timer,
                defaults,
                slotsFor(maxKeys),
                Math.max(MIN_OBJECTS, maxKeys / KEYS_PER_OBJECT),
                policy,
                hash,
                Objects.requireNonNull(callSlots, "callSlots"));
    }

    KeyedBuckets(
            NanoClock clock,
            Timer timer,
            BucketConfig defaults,
            int slots,
            int maxObjects,
            KeyOverflow policy,
            KeyHash hash) {
        this(clock, timer, defaults, slots, maxObjects, policy, hash, null);
    }

    KeyedBuckets(
            NanoClock clock,
            Timer timer,
            BucketConfig defaults,
            int slots,
            int maxObjects,
            KeyOverflow policy,
            KeyHash hash,
            @Nullable Slots callSlots) {
        if (defaults.initialTokens() != defaults.maxTokens()) {
            throw new IllegalArgumentException(
                    "initialTokens is " + defaults.initialTokens() + "; it must be maxTokens=" + defaults.maxTokens());
        }
        this.clock = Objects.requireNonNull(clock, "clock");
        this.timer = Objects.requireNonNull(timer, "timer");
        this.defaults = defaults;
        this.empty = defaults.toBuilder().initialTokens(0).build();
        this.policy = Objects.requireNonNull(policy, "policy");
        this.hash = Objects.requireNonNull(hash, "hash");
        this.scale = new KeyScale(defaults);
        this.maxTokens = defaults.maxTokens();
        this.maxObjects = maxObjects;
        this.table = new KeyTable(clock, scale, slots);
        this.objects = new KeyObjects(maxObjects);
        this.overflow = new TokenBucket(clock, timer, defaults, Leases.NONE); // see K6
        this.callSlots = callSlots;
    }

    private static int slotsFor(int maxKeys) {
        if (maxKeys < 1 || maxKeys > MAX_KEYS) {
            throw new IllegalArgumentException("maxKeys is " + maxKeys + "; it must be between 1 and " + MAX_KEYS);
        }
        return (int) Math.ceil(maxKeys * SLOTS_PER_KEY);
    }

    // ---- keys

    /** What the other methods take for this string: its hash. */
    public long keyOf(CharSequence key) {
        return hash.hash(key);
    }

    /** What the other methods take for this number: its hash. */
    public long keyOf(long key) {
        return hash.hash(key);
    }

    /** What the other methods take for this range of bytes: its hash. */
    public long keyOf(byte[] key, int from, int to) {
        return hash.hash(key, from, to);
    }

    /** 0 marks a slot never used, so it shares a bucket with 1. */
    private static long nonZero(long key) {
        return key == 0 ? 1 : key;
    }

    // ---- hot path

    /** Takes tokens for a string, now or never: {@link #tryAcquire(long, double)} of {@link #keyOf(CharSequence)}. */
    public boolean tryAcquire(CharSequence key, double tokens) {
        return take(nonZero(hash.hash(key)), tokens, false) == 0;
    }

    /**
     * Takes tokens, now or never.
     *
     * @param key from {@link #keyOf}
     * @return whether they were granted
     */
    public boolean tryAcquire(long key, double tokens) {
        return take(nonZero(key), tokens, false) == 0;
    }

    /**
     * Takes tokens, now or never, and tells the wait if not.
     *
     * @param key from {@link #keyOf}
     * @return 0 if granted, else the known wait in nanoseconds, at least 1; {@link Long#MAX_VALUE} if it is unknown, or longer than 146 years
     */
    public long tryAcquireNanos(long key, double tokens) {
        return take(nonZero(key), tokens, true);
    }

    private long take(long key, double tokens, boolean wantWait) {
        while (true) {
            requireOpen();
            if (objects.size() > 0) { // for speed only: a key with an object has no LIVE slot
                KeyObjects.Entry entry = objects.find(key);
                if (entry != null) {
                    long result = takeFromObject(entry, tokens, wantWait);
                    if (result != KeyTable.ABSENT) {
                        return result;
                    }
                    continue;
                }
            }
            if (!(tokens > 0 && tokens <= maxTokens)) {
                requireValid(tokens);
                return 0;
            }
            long cost = scale.cost(tokens);
            long result = table.take(key, cost, wantWait);
            if (result == KeyTable.ABSENT) {
                result = takeAsNew(key, tokens, cost);
            }
            if (result != KeyTable.ABSENT) {
                return result;
            }
        }
    }

    // ---- keys without a slot

    /** Like the others that return a wait; ABSENT if the key has a place by now, or something got in the way: look again. */
    private long takeAsNew(long key, double tokens, long cost) {
        int slot = table.claim(key);
        if (slot == KeyTable.PRESENT) {
            return KeyTable.ABSENT;
        }
        if (slot != KeyTable.NONE) {
            for (int i = 0; i < MOST_DISPLACED; i++) {
                table.publish(slot, key);
                if (objects.find(key) != null) {
                    table.release(slot);
                    return KeyTable.ABSENT;
                }
                long start = startOf(overflow);
                if (table.displace(key, slot)) {
                    table.release(slot);
                    return KeyTable.ABSENT;
                }
                long result = table.confirm(slot, start, cost);
                if (result != KeyTable.ABSENT) {
                    return result;
                }
                Thread.onSpinWait();
            }
            table.release(slot);
        }
        return objects.find(key) != null ? KeyTable.ABSENT : takeWithoutPlace(key, tokens);
    }

    private long takeWithoutPlace(long key, double tokens) {
        overflowed.increment();
        switch (policy) {
            case REFUSE:
                return Long.MAX_VALUE;
            case ADMIT:
                return 0;
            default:
                long wait = overflow.tryAcquireNanos(tokens);
                if (wait > 0) {
                    return wait;
                }
                // The entry first: a retirer publishes before it looks for its entry.
                return objects.find(key) != null || table.displace(key, KeyTable.NONE) ? KeyTable.ABSENT : 0;
        }
    }

    /** A bucket's level, as the TAT that a slot of the same level has. */
    private long startOf(TokenBucket bucket) {
        Cell cell = bucket.cell();
        long word = cell.word();
        long now = clock.nanoTime();
        long level = cell.level(word, now);
        long at = scale.at(KeyScale.elapsed(table.birthNanos, now));
        return level >= cell.burst ? at - scale.burst : at - KeyScale.rescale(level >> 1, cell.ticks.bits, scale.bits);
    }

    // ---- keys with an object

    private long takeFromObject(KeyObjects.Entry entry, double tokens, boolean wantWait) {
        TokenBucket bucket = started(entry);
        if (KeyObjects.Entry.isRetired(entry.gate())) {
            settle(entry);
            return KeyTable.ABSENT;
        }
        try {
            return wantWait ? bucket.tryAcquireNanos(tokens) : bucket.tryAcquire(tokens) ? 0 : 1;
        } catch (IllegalStateException e) {
            requireOpen();
            if (!KeyObjects.Entry.isRetired(entry.gate())) {
                throw e;
            }
            return KeyTable.ABSENT; // it was retired and closed meanwhile
        }
    }

    /** The entry's bucket, made now if it is pending still. */
    private TokenBucket started(KeyObjects.Entry entry) {
        TokenBucket bucket = entry.bucket();
        if (bucket == null) {
            bucket = start(entry);
        }
        String message = closed;
        if (message
                != null) { // close() may have come by while it was pending; who made it may be stopped before it looks
            bucket.close(message);
        }
        return bucket;
    }

    private TokenBucket start(KeyObjects.Entry entry) {
        KeyObjects.Entry origin = entry.origin; // before the bucket is looked at: it is dropped after that is made
        long promoted = table.promote(entry.hash, entry);
        long from = promoted;
        if (promoted == KeyTable.NO_LEVEL) {
            TokenBucket source = origin == null ? null : origin.bucket();
            from = startOf(source == null ? overflow : source);
        }
        entry.start(bucketFrom(from));
        if (promoted != KeyTable.NO_LEVEL) {
            table.freePromoted(entry.hash, promoted);
        }
        return Objects.requireNonNull(entry.bucket());
    }

    /** A bucket of the level that a slot with this TAT has. */
    private TokenBucket bucketFrom(long tat) {
        TokenBucket bucket = new TokenBucket(clock, timer, empty, Leases.NONE, callSlots);
        Cell cell = bucket.cell();
        long level = Math.min(
                scale.burst, scale.at(KeyScale.elapsed(table.birthNanos, cell.stampNanos)) - tat); // by its own reading
        long amount = level == scale.burst ? cell.burst : KeyScale.rescale(level, scale.bits, cell.ticks.bits) << 1;
        cell.move(cell.word(), -amount);
        return bucket;
    }

    /** Goes into a key's object, which is made if there is none; null if there are too many. The caller has to leave. */
    private KeyObjects.@Nullable Entry enter(long key, int most) {
        boolean swept = false;
        while (true) {
            requireOpen();
            boolean isNew = objects.find(key) == null;
            KeyObjects.Entry entry = objects.findOrAdd(key, most);
            if (entry == null) {
                if (swept) {
                    return null;
                }
                swept = true;
                sweep(CHAINS_SWEPT_AT_THE_BOUND);
                continue;
            }
            if (entered(entry)) {
                if (isNew) {
                    sweep(CHAINS_SWEPT);
                }
                return entry;
            }
        }
    }

    private boolean entered(KeyObjects.Entry entry) {
        started(entry);
        if (entry.enter()) {
            return true;
        }
        helpRetire(entry);
        Thread.onSpinWait();
        return false;
    }

    // ---- waiting, reserving

    /**
     * Takes tokens, now or as soon as they are there, first come, first served.
     *
     * @param key from {@link #keyOf}
     * @param waiter a new waiter, whose tokens are asked for
     * @param timeoutNanos as in {@link TokenBucket#acquire}
     * @return as in {@link TokenBucket#acquire}; refused also if more keys have waiters than there is room for, an eighth of maxKeys or 1,024
     */
    public long acquire(long key, Waiter waiter, long timeoutNanos) {
        WaiterLine.requireNew(waiter);
        long own = nonZero(key);
        long wait = 1;
        if (objects.find(own) == null) {
            wait = takeWithSlot(own, waiter.tokens());
            if (wait == 0) {
                WaiterLine.grantAtOnce(waiter, 0, null);
                return 0;
            }
            if (wait == Long.MAX_VALUE || wait > timeoutNanos || defaults.maxWaiters() == 0) {
                return wait;
            }
        }
        KeyObjects.Entry entry = enter(own, maxObjects);
        if (entry == null) {
            return wait;
        }
        try {
            return started(entry).acquire(waiter, timeoutNanos);
        } finally {
            entry.leave();
        }
    }

    /** Takes tokens and, if there are slots, one of those; 1 if there is none. */
    private long takeWithSlot(long key, double tokens) {
        Slots needed = callSlots;
        if (needed == null) {
            return take(key, tokens, true);
        }
        if (!needed.tryAcquire()) {
            return 1;
        }
        long wait = 1;
        try {
            wait = take(key, tokens, true);
        } finally {
            if (wait != 0) {
                needed.release();
            }
        }
        return wait;
    }

    /**
     * Takes a waiter out of its line; see {@link TokenBucket#cancel}.
     *
     * @return true if it will not be granted; false if it had ended already, or was never queued
     */
    public boolean cancel(Waiter waiter) {
        WaiterLine line = waiter.line;
        return line != null && line.cancel(waiter);
    }

    /**
     * Gives the tokens of a waiter that was granted by a key's object back, unused; see {@link TokenBucket#handBack}. What a slot has granted at once
     * stays spent, as a slot's level only falls (KeyTable, K1); so does what was granted before the key moved, which counts as a reconfiguration.
     */
    public void handBack(long key, Waiter waiter) {
        KeyObjects.Entry entry = objects.find(nonZero(key));
        TokenBucket bucket = entry == null ? null : entry.bucket();
        if (bucket != null) {
            bucket.handBack(waiter);
        }
    }

    /**
     * Debits tokens now, to be used when they fall due; see {@link TokenBucket#reserve}.
     *
     * @return the reservation; or null if {@link TokenBucket#reserve} would, or there are too many keys with objects
     */
    public @Nullable BucketReservation reserve(long key, double tokens, long maxWaitNanos) {
        KeyObjects.Entry entry = enter(nonZero(key), maxObjects);
        if (entry == null) {
            requireValid(tokens);
            return null;
        }
        try {
            return started(entry).reserve(tokens, maxWaitNanos);
        } finally {
            entry.leave();
        }
    }

    // ---- overrides

    /**
     * Gives a key a configuration of its own, or changes it; see {@link TokenBucket#update}. One that equals the default is none.
     *
     * @param key from {@link #keyOf}
     */
    public void update(long key, BucketUpdate update) {
        KeyObjects.Entry entry = Objects.requireNonNull(enter(nonZero(key), Integer.MAX_VALUE));
        try {
            started(entry).update(update);
        } finally {
            entry.leave();
        }
    }

    /**
     * Drops a key's override, if it has one: it goes on with the default configuration, and with the tokens and the debt that it has, carried over as
     * in {@link TokenBucket#update}. Waiters are re-timed.
     */
    public void remove(long key) {
        while (true) {
            requireOpen();
            KeyObjects.Entry entry = objects.find(nonZero(key));
            if (entry == null) {
                return;
            }
            if (entered(entry)) {
                try {
                    started(entry)
                            .update(BucketUpdate.none()
                                    .rate(defaults.rate())
                                    .periodNanos(defaults.periodNanos())
                                    .maxTokens(defaults.maxTokens())
                                    .maxWaiters(defaults.maxWaiters()));
                } finally {
                    entry.leave();
                }
                retire(entry);
                return;
            }
        }
    }

    /** The configuration that a key has now. */
    public BucketConfig config(long key) {
        KeyObjects.Entry entry = objects.find(nonZero(key));
        return entry == null ? defaults : started(entry).config();
    }

    // ---- from an object back to a slot

    private void sweep(int chains) {
        int from = (int) HAND.getAndAdd(this, chains);
        for (int i = 0; i < Math.min(chains, objects.chains()); i++) {
            objects.visit(from + i, this::retire);
        }
    }

    /** Retires an entry, if it can go. */
    private void retire(KeyObjects.Entry entry) {
        if (entry.bucket() != null && canGo(entry) && entry.beginToRetire()) {
            helpRetire(entry);
        }
    }

    private void helpRetire(KeyObjects.Entry entry) {
        long gate = entry.gate();
        if (KeyObjects.Entry.isRetiring(gate)) {
            // Nobody is inside: a line that is empty now stays so, and the configuration is what it is, or the gate is
            // another.
            entry.endToRetire(gate, canGo(entry));
            gate = entry.gate();
        }
        if (KeyObjects.Entry.isRetired(gate)) {
            settle(entry);
        }
    }

    private boolean canGo(KeyObjects.Entry entry) {
        TokenBucket bucket = started(entry);
        Cell cell = bucket.cell();
        BucketConfig config = cell.config;
        long now = clock.nanoTime();
        return bucket.waiters() == 0
                && config.rate() == defaults.rate()
                && config.periodNanos() == defaults.periodNanos()
                && config.maxTokens() == defaults.maxTokens()
                && config.maxWaiters() == defaults.maxWaiters()
                && now - cell.stampNanos >= 0 // a pause, like debt, is nothing that a slot knows
                && cell.level(cell.word(), now) >= 0;
    }

    /** Moves the level of a retired entry to where it goes, and takes the entry out. Ends with the entry out, or with somebody else at it. */
    private void settle(KeyObjects.Entry entry) {
        TokenBucket bucket = started(entry);
        bucket.close();
        if (isClosed()) {
            return;
        }
        table.freeLeftover(objects, entry);
        Cell cell = bucket.cell();
        if (table.holds(entry.hash) || cell.level(cell.word(), clock.nanoTime()) >= cell.burst) {
            objects.remove(entry); // somebody has done it, or there is nothing to remember
            return;
        }
        int slot = table.claim(entry.hash);
        if (slot == KeyTable.NONE) {
            KeyObjects.Entry next = new KeyObjects.Entry(entry.hash, entry);
            if (objects.replace(entry, next)) {
                start(next);
            }
        } else if (slot != KeyTable.PRESENT) {
            table.publish(slot, entry.hash);
            if (objects.find(entry.hash) != entry
                    || table.displace(entry.hash, slot)
                    || table.confirm(slot, startOf(bucket), 0) == KeyTable.ABSENT) {
                table.release(slot);
            } else {
                objects.remove(entry);
            }
        }
    }

    // ---- readings

    /** The tokens that a key has in hand, between 0 and its maxTokens; a moment's view. */
    public double availableTokens(long key) {
        long own = nonZero(key);
        while (true) {
            requireOpen();
            int removals = objects.removals();
            KeyObjects.Entry entry = objects.find(own);
            if (entry == null) {
                double tokens = table.tokens(own);
                if (!Double.isNaN(tokens)) {
                    return tokens;
                }
                if (hasMoved(own, removals)) {
                    continue;
                }
                return policy == KeyOverflow.SHARE ? overflow.availableTokens() : maxTokens;
            }
            TokenBucket bucket = started(entry);
            Cell cell = bucket.cell();
            if (cell.closed) {
                helpRetire(entry);
                continue;
            }
            return Math.max(0, Math.min(cell.maxTokens, cell.tokens(cell.level(cell.word(), clock.nanoTime()))));
        }
    }

    /**
     * The wait that a request would be told now; of a key without a place the one at the level that it would start at.
     *
     * @param key from {@link #keyOf}
     * @return nanoseconds, 0 or more; {@link Long#MAX_VALUE} if it is longer than 146 years, or unknown, as for a key that would be refused for want of a
     *     place
     */
    public long estimatedWaitNanos(long key, double tokens) {
        long own = nonZero(key);
        while (true) {
            requireOpen();
            int removals = objects.removals();
            KeyObjects.Entry entry = objects.find(own);
            if (entry == null) {
                requireValid(tokens);
                long wait = tokens == 0 ? 0 : table.waitNanos(own, scale.cost(tokens));
                if (wait != KeyTable.ABSENT) {
                    return wait;
                }
                if (hasMoved(own, removals)) {
                    continue;
                }
                return waitOfNewcomer(own, tokens);
            }
            TokenBucket bucket = started(entry);
            Cell cell = bucket.cell();
            if (!cell.closed) {
                requireValid(tokens, cell.maxTokens);
                long wait = tokens == 0 ? 0 : bucket.knownWaitNanos(tokens);
                if (!bucket.isClosed()) {
                    return wait;
                }
            }
            helpRetire(entry);
        }
    }

    /** Whether a key that had neither an object nor, after that, a slot may have gone from the one to the other behind the reader's back. */
    private boolean hasMoved(long key, int removalsBefore) {
        return objects.find(key) != null || objects.removals() != removalsBefore; // in this order: see removals()
    }

    private long waitOfNewcomer(long key, double tokens) {
        if (policy == KeyOverflow.SHARE) {
            return overflow.knownWaitNanos(tokens); // with a place it starts at this level too
        }
        return policy == KeyOverflow.ADMIT || table.hasRoom(key) ? 0 : Long.MAX_VALUE;
    }

    /** How many callers stand in a key's line. */
    public int waiters(long key) {
        KeyObjects.Entry entry = objects.find(nonZero(key));
        return entry == null ? 0 : started(entry).waiters();
    }

    /** How many keys have a place, those that could be forgotten included. Looks at every slot. */
    public int size() {
        return table.count(false) + objects.size();
    }

    /** How many keys have a place and can't be forgotten now: busy ones, and those with objects. Looks at every slot. */
    public int busyKeys() {
        return table.count(true) + objects.size();
    }

    /** How many keys are kept as objects: those with waiters, reservations or overrides, now or a while ago. */
    public int objects() {
        return objects.size();
    }

    /** How many slots there are. */
    public int slots() {
        return table.slots();
    }

    /** The size of the table in bytes, without objects. */
    public long bytes() {
        return table.bytes() + 4L * objects.chains();
    }

    /** How many calls found no place for their key. */
    public long overflowed() {
        return overflowed.sum();
    }

    // ---- the end

    /** Closes every bucket, and fails everybody in line with {@link Waiter.End#CLOSED}. Idempotent. */
    public void close() {
        close("the buckets are closed");
    }

    /**
     * The same.
     *
     * @param message of the IllegalStateException that whoever comes later gets
     */
    public void close(String message) {
        closed = Objects.requireNonNull(message, "message");
        overflow.close(message);
        for (int chain = 0; chain < objects.chains(); chain++) {
            objects.visit(chain, entry -> {
                TokenBucket bucket = entry.bucket();
                if (bucket != null) { // else who makes it sees closed
                    bucket.close(message);
                }
            });
        }
    }

    /** Whether {@link #close} has been called. */
    public boolean isClosed() {
        return closed != null;
    }

    private void requireOpen() {
        String message = closed;
        if (message != null) {
            throw new IllegalStateException(message);
        }
    }

    private void requireValid(double tokens) {
        requireValid(tokens, maxTokens);
    }

    private static void requireValid(double tokens, double maxTokens) {
        if (!(tokens >= 0 && tokens <= maxTokens)) {
            throw new IllegalArgumentException(
                    "tokens is " + tokens + "; it must be between 0 and maxTokens=" + maxTokens);
        }
    }

    /** Tells nothing of the keys, or of the hash's secret. */
    @Override
    public String toString() {
        return "KeyedBuckets[" + defaults + ", slots=" + slots() + ", objects=" + objects() + ", " + policy
                + (isClosed() ? ", closed" : "") + "]";
    }
}

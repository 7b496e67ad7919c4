package io.weir.engine.time;

import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A hierarchical timing wheel. Single-threaded: its owner adds, removes, advances and polls.
 *
 * <p>After Varghese and Lauck, "Hashed and Hierarchical Timing Wheels" (SOSP 1987), scheme 7, with a bitmap per level
 * in place of the scan for the next slot that isn't empty. All operations are O(1) but advance, which moves each node
 * down at most once per level.
 */
final class Wheel {
    /*
     * Time is counted in ticks of 2^tickShift ns since the origin. A tick number is read as digits of 6 bits, and each
     * level has 64 slots, one for each value of its digit. A node lies at the level of the highest digit in which its
     * tick differs from the cursor's, in the slot of that digit. All digits above are the same, and the node is later
     * than the cursor, so its digit is the greater one. Hence:
     *
     * I1  At every level, occupied slots are after the cursor's digit; all of a level comes before all of the next. So
     *     the lowest bit of the lowest bitmap that isn't zero is what comes next, and no slot ever stands for two laps.
     *     Moving the cursor to any time before that keeps this true: no digit above an occupied level changes, or the
     *     cursor would have passed its slots.
     * I2  A slot's bit is set iff its list isn't empty. (isConsistent, which WheelTest and
     *     WheelOracleTest ask after every step.)
     * I3  A node gets due at the first tick that isn't before its deadline: never early, at most one tick late.
     * I4  Nodes of the same tick keep the order in which they were added: a higher slot is moved down, in order, when
     *     the cursor enters its range, and no node can be added lower down before that.
     *
     * I1, I3, I4: WheelTest, WheelOracleTest (against agrona's wheel, and against a sorted map for deadlines decades
     * away).
     *
     * 63 bits of nanoseconds fit into the levels, so there is no overflow list. A deadline beyond them waits at the
     * last tick, 292 years after the origin.
     *
     * Lists are circular with a head whose deadlineNanos is the slot's index, so that unlinking the last node finds the
     * bit to clear.
     */
    private static final int DIGIT_BITS = 6;
    private static final int SLOTS = 1 << DIGIT_BITS;
    private static final int NO_SLOT = -1;

    private final long origin;
    private final int tickShift;
    private final long lastTick;
    private final long[] occupied;
    private final TimerNode[] slots;
    private final TimerNode due = TimerNode.head(NO_SLOT);

    /** The tick that has been reached: every node due at it or before is in the due list, or out of the wheel. */
    private long cursor;

    private int size;

    /**
     * A wheel whose cursor stands at the origin.
     *
     * @param originNanos the clock now
     * @param tickShift the binary logarithm of a tick's nanoseconds, 4 to 40
     */
    Wheel(long originNanos, int tickShift) {
        if (tickShift < 4 || tickShift > 40) {
            throw new IllegalArgumentException("tickShift is " + tickShift + ", must be 4 to 40");
        }
        this.origin = originNanos;
        this.tickShift = tickShift;
        int tickBits = Long.SIZE - 1 - tickShift;
        int levels = (tickBits + DIGIT_BITS - 1) / DIGIT_BITS;
        lastTick = (1L << tickBits) - 1;
        occupied = new long[levels];
        slots = new TimerNode[levels * SLOTS];
        // All heads now: once a node has been taken from the queue, nothing may fail for want of memory and lose it.
        for (int i = 0; i < slots.length; i++) {
            slots[i] = TimerNode.head(i);
        }
    }

    /** Nodes in the wheel, those that are due and not polled yet included. */
    int size() {
        return size;
    }

    boolean isEmpty() {
        return size == 0;
    }

    /** Links a node that is in no wheel. If its deadline has been reached it is due at once. */
    void add(TimerNode node) {
        place(node);
        size++;
    }

    /** Whether this node is linked: in this wheel, as nodes are single-use. */
    static boolean contains(TimerNode node) {
        return node.next != null;
    }

    /** Unlinks a node of this wheel. */
    void remove(TimerNode node) {
        TimerNode before = prev(node);
        TimerNode after = next(node);
        link(before, after);
        drop(node);
        if (before == after) { // only the head is left
            clear(before);
        }
    }

    /** Moves the time on; what gets due by it can be polled. A time before the one already reached changes nothing. */
    void advance(long nowNanos) {
        long target = (nowNanos - origin) >> tickShift;
        if (target <= cursor) {
            return;
        }
        for (int level = nextLevel(); level >= 0; level = nextLevel()) {
            long start = nextStart(level);
            if (start > target) {
                break;
            }
            cursor = start;
            if (level == 0) {
                allDue(slots[Long.numberOfTrailingZeros(occupied[0])]);
            } else {
                moveDown(slots[level * SLOTS + Long.numberOfTrailingZeros(occupied[level])]);
            }
        }
        cursor = target;
    }

    /** Whether a node is due. */
    boolean hasDue() {
        return due.next != due;
    }

    /**
     * Unlinks what is due, in order, and hands over each node before it unlinks the next, for as long as the taker wants more. The taker must not
     * touch the wheel. The list is mended at the end only, so that nodes which have grown old aren't written to for their neighbours' sake.
     *
     * @param taker false if it wants no more; if it throws, the nodes that it hasn't seen stay
     */
    void pollDue(Predicate<TimerNode> taker) {
        TimerNode following = next(due);
        try {
            boolean more = true;
            while (more && following != due) {
                TimerNode node = following;
                following = next(node);
                drop(node);
                more = taker.test(node);
            }
        } finally {
            link(due, following);
        }
    }

    /** Unlinks and returns any node, due or not, or null if the wheel is empty. */
    @Nullable
    TimerNode pollAny() {
        int level = hasDue() ? -1 : nextLevel();
        TimerNode head = level < 0 ? due : slots[level * SLOTS + Long.numberOfTrailingZeros(occupied[level])];
        TimerNode node = next(head);
        if (node == head) {
            return null;
        }
        remove(node);
        return node;
    }

    /**
     * When to call advance again: the tick at which the next node gets due or has to be moved down. Never later than
     * the next node's tick; the time reached if a node is due already. Only for a wheel that isn't empty.
     */
    long nextNanos() {
        int level = hasDue() ? -1 : nextLevel();
        long tick = level < 0 ? cursor : nextStart(level);
        return origin + (tick << tickShift);
    }

    private void place(TimerNode node) {
        splice(listOf(node), node, node);
    }

    /** The list for a node, as seen from the cursor; its bit is set, as the node is going to be there. */
    private TimerNode listOf(TimerNode node) {
        long tick = tickOf(node);
        if (tick <= cursor) {
            return due;
        }
        int level = (Long.SIZE - 1 - Long.numberOfLeadingZeros(tick ^ cursor)) / DIGIT_BITS;
        int slot = (int) (tick >>> (level * DIGIT_BITS)) & (SLOTS - 1);
        occupied[level] |= 1L << slot;
        return slots[level * SLOTS + slot];
    }

    /** The first tick that isn't before the deadline. */
    private long tickOf(TimerNode node) {
        long reached = cursor << tickShift;
        long ahead = node.nanosLeft(origin + reached);
        if (ahead <= 0) {
            return cursor;
        }
        long elapsed = reached + ahead;
        if (elapsed < 0) {
            return lastTick;
        }
        return Math.min(((elapsed - 1) >> tickShift) + 1, lastTick);
    }

    private int nextLevel() {
        for (int level = 0; level < occupied.length; level++) {
            if (occupied[level] != 0) {
                return level;
            }
        }
        return -1;
    }

    /** The first tick of the next occupied slot of a level. */
    private long nextStart(int level) {
        int shift = level * DIGIT_BITS;
        long above = cursor >>> shift >>> DIGIT_BITS;
        return ((above << DIGIT_BITS) | Long.numberOfTrailingZeros(occupied[level])) << shift;
    }

    /** Moves a slot's whole list to the end of the due list. */
    private void allDue(TimerNode head) {
        TimerNode first = next(head);
        TimerNode last = prev(head);
        link(head, head);
        clear(head);
        splice(due, first, last);
    }

    /**
     * Takes a slot's list apart, and places each node anew, lower down. Neighbours that go to the same list go together, and keep their links: calls
     * that wait equally long come in the order of their deadlines. To write to each node is what costs, as most have grown old by now, and the
     * collector wants to know.
     */
    private void moveDown(TimerNode head) {
        TimerNode node = next(head);
        link(head, head);
        clear(head);
        TimerNode first = node;
        TimerNode last = node;
        @Nullable TimerNode list = null; // of those from the first to the last; null if there is none
        while (node != head) {
            TimerNode following = next(node);
            TimerNode own = node.isArmed() ? listOf(node) : null;
            if (own != list) {
                if (list != null) {
                    splice(list, first, last);
                }
                list = own;
                first = node;
            }
            if (own == null) {
                drop(node);
            }
            last = node;
            node = following;
        }
        if (list != null) {
            splice(list, first, last);
        }
    }

    /** Notes that a node is in the wheel no more, and in no list. */
    private void drop(TimerNode node) {
        node.prev = null;
        node.next = null;
        size--;
    }

    private void clear(TimerNode head) {
        int slot = (int) head.deadlineNanos();
        if (slot != NO_SLOT) {
            occupied[slot / SLOTS] &= ~(1L << slot); // a shift counts modulo 64
        }
    }

    /** Puts nodes that are linked to each other at the end of a list. */
    private static void splice(TimerNode head, TimerNode first, TimerNode last) {
        link(prev(head), first);
        link(last, head);
    }

    private static void link(TimerNode before, TimerNode after) {
        before.next = after;
        after.prev = before;
    }

    @SuppressWarnings("NullAway") // a linked node has neighbours
    private static TimerNode next(TimerNode node) {
        return node.next;
    }

    @SuppressWarnings("NullAway") // a linked node has neighbours
    private static TimerNode prev(TimerNode node) {
        return node.prev;
    }

    /** For tests: whether the bitmaps say what the lists hold (I2), all of it is after the cursor (I1), and the lists read the same backwards. */
    boolean isConsistent() {
        int counted = count(due);
        for (int i = 0; i < slots.length; i++) {
            int inSlot = count(slots[i]);
            int level = i / SLOTS;
            boolean bit = (occupied[level] & (1L << i)) != 0;
            int digit = (int) (cursor >>> (level * DIGIT_BITS)) & (SLOTS - 1);
            if (bit != (inSlot > 0) || (bit && i % SLOTS <= digit)) {
                return false;
            }
            counted += inSlot;
        }
        return counted == size;
    }

    private static int count(TimerNode head) {
        int count = 0;
        TimerNode node = head;
        do {
            if (prev(next(node)) != node) {
                return Integer.MIN_VALUE / 2;
            }
            node = next(node);
            count++;
        } while (node != head);
        return count - 1;
    }
}

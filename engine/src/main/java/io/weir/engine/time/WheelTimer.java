package io.weir.engine.time;

import io.weir.engine.time.internal.SleepGate;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Objects;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.agrona.concurrent.NanoClock;
import org.jctools.queues.atomic.MpscUnboundedAtomicArrayQueue;
import org.jspecify.annotations.Nullable;

/**
 * A {@link Timer} on one daemon thread, which is started when the first node is armed, sleeps until the next deadline,
 * ends when nothing has been armed for 30 s, and is started anew when needed. Arming and cancelling are O(1), never
 * block, and are safe from any thread.
 *
 * <p>A node never fires before its deadline by the clock. It fires at the next multiple of 65,536 ns after it (counted
 * from the first arming), plus what the operating system takes to wake a thread, and the tasks that are due
 * before it. Nodes of the same 65,536 ns fire in the order in which they were armed.
 *
 * <p>The clock should run at about the speed of real time: the thread sleeps as long, in real time, as the clock says
 * it is to the next deadline, and then looks at the clock again. So if the clock stands still nothing fires and the
 * thread goes on sleeping; a clock that jumps forward is noticed when the sleep ends; after the process was suspended,
 * all that is late fires, in order. A clock set back delays what is armed, and a deadline that the clock had passed
 * before that counts as passed.
 *
 * <p>{@link #close} stops the thread after the task that is running, if any; it doesn't wait for that. The remaining
 * tasks are told on the timer's thread, or, if there is none, in the call of close.
 *
 * <p>A task that throws is logged at WARNING, and harms no other.
 */
public final class WheelTimer implements Timer {
    /*
     * Callers push nodes into an MPSC queue, a cancel pushes its node once more. The timer's thread, the only consumer,
     * links and unlinks them in its wheel, and fires what is due. Nothing else is shared, but the node's state
     * (TimerNode) and the gate (SleepGate).
     *
     * The queue is linked from chunks. The producer that fills one links the next; a push that falls between its two
     * steps spins until they are done: once in 1,023 pushes, an arm isn't wait-free. The thread never waits for it.
     *
     * I1  Each armed node ends exactly once: fired, cancelled, or aborted; none is forgotten. TimerNode's I1 gives "at
     *     most once". That none is forgotten: an arm that returns has pushed its node, and the gate's I1 sees to it
     *     that the owner drains it in time; or it found the gate shut, and aborted the node itself. After a close,
     *     exactly one party has the consumer's side (the thread, or the closer if there was none, or who failed to
     *     start one), aborts what it finds, and then gives it back to "leftovers", a count of those who want the queue
     *     drained: a push that was stopped half-way during that, and hid others behind it, finds the gate shut when it
     *     goes on, and drains them. Nobody waits for it. Looked for by io.weir.jcstress.time.WheelTimerCloseVsArm,
     *     WheelTimerTest and WheelTimerStormTest.
     * I2  A node is linked once, and only while it is armed: the thread links a node that it finds armed and unlinked,
     *     and unlinks one that it finds ended and linked. The second copy of a node that was armed and cancelled
     *     between two drains finds nothing to do.
     * I3  Memory: after (live + 1,024) pushes, of arms and cancels, the thread is woken, whatever the deadlines; so
     *     cancelled nodes, in the queue and in the wheel, never outnumber live + 1,024, but for what is pushed while
     *     the thread works through them. (WheelTimerStormTest) A cancel while there is no thread pushes nothing: then
     *     the wheel is empty, and a node still in the queue is thrown away by who drains it. That the cancel can't miss
     *     a linked node: linking comes after the gate left NO_OWNER and before it goes back there, and reads the node's
     *     state, volatile, in between; if it read "armed", the cancel's CAS, and its look at the gate, are later.
     * I4  The thread never spins: it parks whenever nothing is due and the queue shows nothing. A push that isn't
     *     finished wakes it (SleepGate's I1).
     */
    private static final long IDLE_NANOS = TimeUnit.SECONDS.toNanos(30);
    private static final int TICK_SHIFT = 16;
    private static final int CHUNK = 1_024;
    private static final int DRAIN_LIMIT = 8_192;
    private static final int BACKLOG = 1_024;
    private static final long RECOVERY_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

    private static final VarHandle LEFTOVERS;

    static {
        try {
            LEFTOVERS = MethodHandles.lookup().findVarHandle(WheelTimer.class, "leftovers", int.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final NanoClock clock;
    private final String threadName;
    private final long idleNanos;
    private final ThreadFactory threads;
    private final Consumer<Runnable> rounds;
    private final Runnable round = this::fireDue;
    private final Predicate<TimerNode> fire = this::fire;
    private final SleepGate gate = new SleepGate();
    private final MpscUnboundedAtomicArrayQueue<TimerNode> queue = new MpscUnboundedAtomicArrayQueue<>(CHUNK);

    /** Who wants the queue drained after a close; 1 from the start, for the gate's owner or the closer. */
    @SuppressWarnings("unused") // by LEFTOVERS only
    private int leftovers = 1;

    /** The owner's, handed from thread to thread by the gate. */
    private @Nullable Wheel wheel;

    /**
     * The last owner. Plain: it is written before the owner first dozes or listens, and read by who saw it doze or
     * listen; a reader that is late unparks a thread that has ended, or that is awake, and harms nobody.
     */
    private @Nullable Thread thread;

    /**
     * A timer that has no thread yet.
     *
     * @param clock the time that deadlines are compared with
     * @param threadName the name of its thread
     */
    public WheelTimer(NanoClock clock, String threadName) {
        this(clock, threadName, Runnable::run);
    }

    /**
     * A timer that has no thread yet, and whose rounds somebody wants to know of: to hand over all at once what the tasks of one round bring, say.
     *
     * @param clock the time that deadlines are compared with
     * @param threadName the name of its thread
     * @param rounds is given each round of firing, on the timer's thread, and must run it there and then. A round fires all nodes that are due, one or very
     *     many; what they throw doesn't leave it
     */
    public WheelTimer(NanoClock clock, String threadName, Consumer<Runnable> rounds) {
        this(clock, threadName, IDLE_NANOS, body -> daemon(body, threadName), rounds);
    }

    WheelTimer(NanoClock clock, String threadName, long idleNanos, ThreadFactory threads) {
        this(clock, threadName, idleNanos, threads, Runnable::run);
    }

    private WheelTimer(
            NanoClock clock, String threadName, long idleNanos, ThreadFactory threads, Consumer<Runnable> rounds) {
        this.clock = Objects.requireNonNull(clock, "clock");
        this.threadName = Objects.requireNonNull(threadName, "threadName");
        this.idleNanos = idleNanos;
        this.threads = threads;
        this.rounds = Objects.requireNonNull(rounds, "rounds");
    }

    static Thread daemon(Runnable body, String name) {
        // Inherits neither thread-locals nor a class loader: whoever happens to arm first must not be kept alive by
        // this thread.
        Thread made = new Thread(null, body, name, 0, false);
        made.setDaemon(true);
        made.setContextClassLoader(null);
        return made;
    }

    // ---- any thread

    @Override
    public void arm(TimerNode node) {
        if (gate.isClosed()) {
            Tasks.abort(node);
            return;
        }
        if (!node.isArmed()) {
            return;
        }
        queue.offer(node);
        int answer = gate.knock(node.deadlineNanos(), queue.currentProducerIndex());
        if (answer != SleepGate.LEFT_ALONE) {
            follow(answer, node);
        }
    }

    @Override
    public boolean cancel(TimerNode node) {
        if (!node.tryCancel()) {
            return false;
        }
        if (!gate.hasNoOwner() && !gate.isClosed()) { // else it is in no wheel (I3), or about to be swept out
            queue.offer(node);
            int answer = gate.knockLazily(queue.currentProducerIndex());
            if (answer != SleepGate.LEFT_ALONE) {
                follow(answer, node);
            }
        }
        return true;
    }

    @Override
    public void close() {
        int answer = gate.close();
        if (answer == SleepGate.WAKE) {
            wake();
        } else if (answer == SleepGate.START) {
            sweep();
        }
    }

    private void follow(int answer, TimerNode node) {
        switch (answer) {
            case SleepGate.WAKE -> wake();
            case SleepGate.START -> start(node);
            default -> {
                Tasks.abort(node);
                if ((int) LEFTOVERS.getAndAdd(this, 1) == 0) {
                    sweep(); // the owner is through, and others may be hidden behind this push
                }
            }
        }
    }

    private void wake() {
        LockSupport.unpark(thread);
    }

    /**
     * If no thread can be started, the node is cancelled and the error goes to the caller; others in the queue wait for
     * the next arm.
     */
    private void start(TimerNode node) {
        boolean started = false;
        try {
            threads.newThread(this::run).start();
            started = true;
        } finally {
            if (!started) {
                node.tryCancel();
                if (!gate.abandon()) {
                    sweep();
                }
            }
        }
    }

    // ---- the owner: the timer's thread

    private void run() {
        thread = Thread.currentThread();
        for (boolean ended = false; !ended; ) {
            try {
                ended = turn();
            } catch (Throwable e) { // not a task's: a clock that throws, or no memory for the wheel
                Tasks.report(e, "The timer's thread met an error and goes on");
                gate.rise();
                LockSupport.parkNanos(this, RECOVERY_NANOS);
            }
        }
    }

    /** Returns true if this thread is the owner no more. */
    private boolean turn() {
        Wheel mine = wheel;
        if (gate.isClosed()) {
            abortAll(mine);
            return true;
        }
        if (mine == null) {
            mine = new Wheel(clock.nanoTime(), TICK_SHIFT);
            wheel = mine;
        }
        mine.advance(clock.nanoTime()); // first, so that new nodes are placed from the present on
        drain(mine);
        if (mine.hasDue()) {
            rounds.accept(round);
        }
        return sleep(mine);
    }

    private void drain(Wheel mine) {
        // relaxedPoll: poll would spin for a producer stopped half-way. Limited, so that due nodes don't wait for a
        // flood to end.
        for (int i = 0; i < DRAIN_LIMIT; i++) {
            TimerNode node = queue.relaxedPoll();
            if (node == null) {
                return;
            }
            if (node.isArmed()) {
                if (!Wheel.contains(node)) { // else it was armed twice
                    mine.add(node);
                }
            } else if (Wheel.contains(node)) {
                mine.remove(node);
            }
        }
    }

    private void fireDue() {
        if (!gate.isClosed()) {
            Objects.requireNonNull(wheel).pollDue(fire);
        }
    }

    /** Whether to go on. */
    private boolean fire(TimerNode node) {
        Tasks.fire(node);
        return !gate.isClosed();
    }

    private boolean sleep(Wheel mine) {
        if (mine.isEmpty()) {
            return sleepIdle();
        }
        long wakeAt = mine.nextNanos();
        long waitNanos = wakeAt - clock.nanoTime();
        if (waitNanos <= 0) {
            return false;
        }
        if (queue.isEmpty()) {
            // A deadline after the tick before wakeAt gets due at wakeAt or later anyway.
            long wakeBy = wakeAt - (1L << TICK_SHIFT);
            if (gate.doze(wakeBy, queue.currentConsumerIndex() + mine.size() + BACKLOG) && queue.isEmpty()) {
                park(waitNanos);
            }
        } else if (gate.listen() && queue.relaxedPeek() == null) {
            park(waitNanos);
        }
        gate.rise();
        return false;
    }

    private boolean sleepIdle() {
        if (gate.listen() && queue.relaxedPeek() == null) {
            long since = System.nanoTime(); // real time, as the park's
            park(idleNanos);
            if (System.nanoTime() - since >= idleNanos && gate.retire()) {
                return true;
            }
        }
        gate.rise();
        return false;
    }

    private void park(long nanos) {
        LockSupport.parkNanos(this, nanos);
        Thread.interrupted(); // or parks would return at once from now on
    }

    // ---- after a close: its owner, or who found no owner

    private void abortAll(@Nullable Wheel mine) {
        if (mine != null) {
            for (TimerNode node = mine.pollAny(); node != null; node = mine.pollAny()) {
                Tasks.abort(node);
            }
            wheel = null;
        }
        sweep();
    }

    /** Aborts what is in the queue. Only with a share of leftovers taken from 0, or the first one. */
    private void sweep() {
        int wanted = 1;
        do {
            // A producer whose knock came before the close left its node to us: having seen the close, see its push.
            VarHandle.fullFence();
            for (TimerNode node = queue.relaxedPoll(); node != null; node = queue.relaxedPoll()) {
                Tasks.abort(node);
            }
            wanted = (int) LEFTOVERS.getAndAdd(this, -wanted) - wanted;
        } while (wanted != 0);
    }

    // ---- diagnostics

    /** For tests: whether the thread exists, is parked, and nobody has woken it. */
    boolean isAsleep() {
        Thread owner = thread;
        return owner != null && owner.getState() == Thread.State.TIMED_WAITING && gate.isAsleep();
    }

    /** For tests: whether there is no thread. */
    boolean hasNoThread() {
        return gate.hasNoOwner();
    }

    /** For tests: arms and cancels that the thread hasn't looked at. */
    int queued() {
        return queue.size();
    }

    /** For tests: nodes in the wheel. Only while the thread sleeps, or there is none. */
    int linked() {
        Wheel mine = wheel;
        return mine == null ? 0 : mine.size();
    }

    /** The timer's name, for people. */
    @Override
    public String toString() {
        return "WheelTimer[" + threadName + "]";
    }
}

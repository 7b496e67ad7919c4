package io.weir.engine.time.internal;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * Says whether a queue's one consumer thread exists, is awake or sleeps, so that producers start or wake it only when
 * they must. The queue and the thread are the caller's.
 */
public final class SleepGate {
    /*
     * One int:
     *
     *     NO_OWNER  --knock (START)----> AWAKE      the producer starts a thread, which then owns the consumer's side
     *     AWAKE     --abandon----------> NO_OWNER   it could not be started
     *     AWAKE     --doze-------------> DOZING     asleep until a time; earlier deadlines and long queues wake it
     *     AWAKE     --listen-----------> LISTENING  asleep; whatever is pushed wakes it
     *     DOZING    --knock (WAKE), rise--> AWAKE
     *     LISTENING --knock (WAKE), rise--> AWAKE
     *     LISTENING --retire-----------> NO_OWNER   the thread ends, and touches nothing after this
     *     any       --close------------> CLOSED     for ever
     *
     * Producers: push, then knock. The owner: drain till the queue shows nothing, doze or listen, look into the queue
     * again, and only then park.
     *
     * I1  No lost wakeup. A knock that finds AWAKE leaves the consumer alone. Its read then comes before the owner's
     *     CAS to DOZING or LISTENING in the order of volatile accesses, and its push, which a full fence separates from
     *     the read, before that; so the owner's look, after its CAS, finds something, and it doesn't park. A knock that
     *     finds DOZING compares with the limits of that doze: they are written before the CAS that publishes it, so
     *     they are that doze's or a later one's, and if it is a later one's, then the push came before a drain.
     *     What "finds something" means: for DOZING, that the queue isn't empty by its indices; for LISTENING, that its
     *     first element can be taken. They differ while a producer is stopped half-way through a push: what is behind
     *     it is hidden, and its producers may already have knocked. So a queue that is not empty but shows nothing is
     *     never dozed on: the owner listens, and the stopped producer's own knock, whatever its deadline, wakes it.
     *     Nobody spins meanwhile. Looked for by io.weir.jcstress.time.SleepGateNoLostWakeup and SleepGateHiddenPush.
     * I2  At most one owner. Only START and a retire or abandon hand over, each is one CAS from a state in which the
     *     other side may not act; the CAS pair carries the retired owner's writes over to the next one. A retire needs
     *     no second look into the queue: who pushed while it was LISTENING either turned it to AWAKE, so that the
     *     retire fails, or comes to find NO_OWNER and starts a new owner. Looked for by
     *     io.weir.jcstress.time.SleepGateRetire.
     * I3  A close is told what it found, and the owner, if there is one, is awake or woken by the closer; so exactly
     *     one of the two takes on what is left in the queue. Looked for by io.weir.jcstress.time.WheelTimerCloseVsArm.
     */

    /** What knock returns: nothing to do, the consumer will see the push in time. */
    public static final int LEFT_ALONE = 0;

    /** What knock returns: the caller has to unpark the consumer's thread. */
    public static final int WAKE = 1;

    /** What knock returns: the caller has to start a consumer's thread; that thread is the owner. */
    public static final int START = 2;

    /** What knock returns: the gate was closed before this knock. */
    public static final int SHUT = 3;

    private static final int NO_OWNER = 0;
    private static final int AWAKE = 1;
    private static final int DOZING = 2;
    private static final int LISTENING = 3;
    private static final int CLOSED = 4;

    private static final VarHandle STATE;
    private static final VarHandle WAKE_BY;
    private static final VarHandle WAKE_AT_PUSHES;

    static {
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            STATE = lookup.findVarHandle(SleepGate.class, "state", int.class);
            WAKE_BY = lookup.findVarHandle(SleepGate.class, "wakeBy", long.class);
            WAKE_AT_PUSHES = lookup.findVarHandle(SleepGate.class, "wakeAtPushes", long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    @SuppressWarnings("unused") // by STATE only
    private int state;

    // The limits of the present doze. Opaque: a producer may read them while the next doze writes, and must not see
    // half a long.
    @SuppressWarnings("unused")
    private long wakeBy;

    @SuppressWarnings("unused")
    private long wakeAtPushes;

    /** A gate whose consumer doesn't exist yet. */
    public SleepGate() {}

    // ---- producers

    /**
     * To be called after each push.
     *
     * @param dueNanos when the consumer must have seen it
     * @param pushes how many pushes there were in all, this one included
     * @return LEFT_ALONE, WAKE, START or SHUT
     */
    public int knock(long dueNanos, long pushes) {
        return knock(true, dueNanos, pushes);
    }

    /**
     * To be called after a push that is in no hurry: it wakes a dozing consumer only when the queue has become long.
     *
     * @param pushes how many pushes there were in all, this one included
     * @return LEFT_ALONE, WAKE, START or SHUT
     */
    public int knockLazily(long pushes) {
        return knock(false, 0, pushes);
    }

    private int knock(boolean timed, long dueNanos, long pushes) {
        VarHandle.fullFence(); // the push before the read (I1): a queue's push is a release store only
        for (; ; Thread.onSpinWait()) {
            int seen = (int) STATE.getVolatile(this);
            switch (seen) {
                case AWAKE:
                    return LEFT_ALONE;
                case DOZING:
                    boolean early = timed && dueNanos - (long) WAKE_BY.getOpaque(this) <= 0;
                    if (!early && pushes - (long) WAKE_AT_PUSHES.getOpaque(this) < 0) {
                        return LEFT_ALONE;
                    }
                    if (STATE.compareAndSet(this, DOZING, AWAKE)) {
                        return WAKE;
                    }
                    break;
                case LISTENING:
                    if (STATE.compareAndSet(this, LISTENING, AWAKE)) {
                        return WAKE;
                    }
                    break;
                case NO_OWNER:
                    if (STATE.compareAndSet(this, NO_OWNER, AWAKE)) {
                        return START;
                    }
                    break;
                default:
                    return SHUT;
            }
        }
    }

    /**
     * To be called by who was told START and could start no thread.
     *
     * @return false if the gate was closed meanwhile: the caller then is the owner that the close left the queue to
     */
    public boolean abandon() {
        return STATE.compareAndSet(this, AWAKE, NO_OWNER);
    }

    // ---- the owner

    /**
     * The owner will sleep, if the queue is empty by its indices when looked at after this call.
     *
     * @param wakeByNanos pushes due at this time or before wake it
     * @param wakeAtPushes so many pushes in all wake it
     * @return false if the gate is closed
     */
    public boolean doze(long wakeByNanos, long wakeAtPushes) {
        WAKE_BY.setOpaque(this, wakeByNanos);
        WAKE_AT_PUSHES.setOpaque(this, wakeAtPushes);
        // Volatile CAS: publishes the limits, and comes before the owner's look into the queue (I1).
        return STATE.compareAndSet(this, AWAKE, DOZING);
    }

    /**
     * The owner will sleep, if no element can be taken from the queue after this call.
     *
     * @return false if the gate is closed
     */
    public boolean listen() {
        return STATE.compareAndSet(this, AWAKE, LISTENING);
    }

    /** The owner is awake again, or didn't sleep after all. */
    public void rise() {
        int seen = (int) STATE.getVolatile(this);
        if (seen == DOZING || seen == LISTENING) {
            STATE.compareAndSet(this, seen, AWAKE); // fails only if a producer was faster, or it was closed
        }
    }

    /**
     * The owner, LISTENING and unwoken, steps down.
     *
     * @return true if it is the owner no more
     */
    public boolean retire() {
        return STATE.compareAndSet(this, LISTENING, NO_OWNER);
    }

    // ---- both

    /**
     * Closes the gate.
     *
     * @return WAKE if there is an owner, which has to be unparked and takes what is left in the queue; START if there
     *     is none, so that the caller is it; SHUT if it was closed before
     */
    public int close() {
        int seen = (int) STATE.getAndSet(this, CLOSED);
        return seen == CLOSED ? SHUT : seen == NO_OWNER ? START : WAKE;
    }

    /** Whether the gate is closed. */
    public boolean isClosed() {
        return (int) STATE.getVolatile(this) == CLOSED;
    }

    /** Whether there is no consumer, and nobody about to start one. */
    public boolean hasNoOwner() {
        return (int) STATE.getVolatile(this) == NO_OWNER;
    }

    /** Whether the owner sleeps, or is about to. */
    public boolean isAsleep() {
        int seen = (int) STATE.getVolatile(this);
        return seen == DOZING || seen == LISTENING;
    }
}

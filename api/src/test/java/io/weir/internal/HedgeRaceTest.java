package io.weir.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.objectweb.asm.MethodVisitor;
import org.objectweb.asm.Opcodes;

/** H1 to H4 of {@link HedgeRun}, F1 and F2 of {@link ForkedCall}. */
public class HedgeRaceTest {
    private static final int CALLS = Integer.getInteger("weir.hedgerace.calls", 20_000);
    private static final long SEED = Long.getLong("weir.seed", 20_260_103);
    private static final String HERE = HedgeRaceTest.class.getName().replace('.', '/');
    private static final int PAUSE = 20;

    @Test
    void attemptsTimersAndCancelsRaceAndEverythingComesBackOnce() throws Exception {
        assertThat(HedgeRace.run(CALLS, SEED, 20_000)).isNull();
    }

    @Test
    void blockingAttemptsRaceAndNoInterruptIsLeft() throws Exception {
        assertThat(HedgeRace.runBlocking(CALLS / 20, SEED, 20_000)).isNull();
    }

    /** What is taken out of the code. With each goes a stop at the place where it matters, as any thread may stop anywhere. */
    enum Damage {
        /** H2: an attempt that is in its place doesn't look whether the run is over. */
        AN_ATTEMPT_THAT_DOES_NOT_LOOK(HedgeRun.class, false),
        /** H3: whoever has armed a timer doesn't look whether the run is over. */
        A_TIMER_THAT_DOES_NOT_LOOK(HedgeRun.class, false),
        /** F1: the cut interrupts, whoever was first. */
        A_CUT_THAT_IS_BLIND(ForkedCall.class, true),
        /** F1: the thread leaves, whoever was first. */
        A_THREAD_THAT_LEAVES_BLINDLY(ForkedCall.class, true),
        /** F2: who cuts looks for a thread first and says why then. */
        A_CAUSE_THAT_COMES_LATE(ForkedCall.class, true);

        final Class<?> damaged;
        final boolean blocking;

        Damage(Class<?> damaged, boolean blocking) {
            this.damaged = damaged;
            this.blocking = blocking;
        }
    }

    @ParameterizedTest
    @EnumSource(Damage.class)
    void theRaceSeesWhatIsTakenOut(Damage damage) throws Exception {
        @Nullable Object wrong = null;
        for (int seed = 1; wrong == null && seed <= 20; seed++) {
            wrong = race(damage, true, seed, 1_000);
        }
        assertThat(wrong).as("what the race saw of %s", damage).isNotNull();
    }

    /** So it is the damage that it sees, and not the stops. */
    @ParameterizedTest
    @EnumSource(Damage.class)
    void theStopsAloneDoNoHarm(Damage damage) throws Exception {
        assertThat(race(damage, false, SEED, 20_000)).isNull();
    }

    private static @Nullable Object race(Damage damage, boolean taken, long seed, long stuckMillis) throws Exception {
        Class<?> race = Class.forName(
                HedgeRace.class.getName(),
                true,
                new DamagingLoader(
                        HedgeRaceTest.class,
                        damage.damaged,
                        (method, descriptor, next) -> new Damaged(damage, taken, method + descriptor, next)));
        int calls = damage.blocking ? 500 : 3_000;
        return race.getMethod(damage.blocking ? "runBlocking" : "run", int.class, long.class, long.class)
                .invoke(null, calls, seed, stuckMillis);
    }

    // ---- what the damaged code calls

    /** Every other time, and gives way, so that the other thread gets somewhere on a busy machine too. */
    public static void stop() {
        if (ThreadLocalRandom.current().nextBoolean()) {
            for (int i = 0; i < PAUSE; i++) {
                for (int j = 0; j < PAUSE; j++) {
                    Thread.onSpinWait();
                }
                Thread.yield();
            }
        }
    }

    /** In the place of a look at OVER. */
    public static boolean notOver(Object run) {
        return false;
    }

    /** In the place of a CAS, whoever comes second. */
    public static boolean blindWrite(AtomicBoolean word, boolean from, boolean to) {
        word.set(to);
        return true;
    }

    /** Before it is said why. */
    public static void lookForTheThread(Object forked, boolean cancelsRunning) throws ReflectiveOperationException {
        if (cancelsRunning) {
            Method cut = forked.getClass().getMethod("cut");
            cut.setAccessible(true);
            try {
                cut.invoke(forked);
            } catch (InvocationTargetException e) {
                throw new AssertionError(e);
            }
        }
        stop();
    }

    private static final class Damaged extends MethodVisitor {
        private final Damage damage;
        private final boolean taken;
        private final String method;
        private int looks;

        Damaged(Damage damage, boolean taken, String method, MethodVisitor next) {
            super(Opcodes.ASM9, next);
            this.damage = damage;
            this.taken = taken;
            this.method = method;
        }

        private void callHere(String name, String descriptor) {
            super.visitMethodInsn(Opcodes.INVOKESTATIC, HERE, name, descriptor, false);
        }

        @Override
        public void visitMethodInsn(int opcode, String owner, String name, String descriptor, boolean isInterface) {
            switch (damage) {
                case AN_ATTEMPT_THAT_DOES_NOT_LOOK -> {
                    if (method.equals("hedge()V") && name.equals("newAttempt")) {
                        callHere("stop", "()V");
                    }
                    if (method.equals("hedge()V") && name.equals("isOver") && ++looks == 2 && taken) {
                        callHere("notOver", "(Ljava/lang/Object;)Z");
                        return;
                    }
                }
                case A_TIMER_THAT_DOES_NOT_LOOK -> {
                    if (method.equals("armNext(J)V") && name.equals("delayNanos")) {
                        callHere("stop", "()V");
                    }
                    if (method.equals("armNext(J)V") && name.equals("isOver") && taken) {
                        callHere("notOver", "(Ljava/lang/Object;)Z");
                        return;
                    }
                }
                case A_CUT_THAT_IS_BLIND, A_THREAD_THAT_LEAVES_BLINDLY -> {
                    boolean leaves = method.startsWith("run()");
                    if (name.equals("compareAndSet")
                            && leaves == (damage == Damage.A_THREAD_THAT_LEAVES_BLINDLY)
                            && taken) {
                        callHere("blindWrite", "(Ljava/util/concurrent/atomic/AtomicBoolean;ZZ)Z");
                        return;
                    }
                    if (method.equals("cut()V") && name.equals("cut")) {
                        callHere("stop", "()V"); // it has found the thread, and is about to interrupt it
                    }
                    if (method.equals("cut()V") && name.equals("compareAndSet")) {
                        callHere("stop", "()V");
                    }
                }
                case A_CAUSE_THAT_COMES_LATE -> {
                    if (method.startsWith("run()") && name.equals("<init>")) {
                        callHere("stop", "()V"); // a thread that is about to say that it runs
                    }
                    if (method.equals("cut(Lio/weir/internal/Failed;Z)V") && taken) {
                        if (descriptor.equals("(Lio/weir/internal/Failed;Z)V")) {
                            super.visitVarInsn(Opcodes.ALOAD, 0);
                            super.visitVarInsn(Opcodes.ILOAD, 2);
                            callHere("lookForTheThread", "(Ljava/lang/Object;Z)V");
                        } else {
                            super.visitInsn(Opcodes.POP);
                            return;
                        }
                    } else if (method.equals("cut(Lio/weir/internal/Failed;Z)V")) {
                        callHere("stop", "()V");
                    }
                }
            }
            super.visitMethodInsn(opcode, owner, name, descriptor, isInterface);
        }
    }
}

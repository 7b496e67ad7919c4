package io.weir.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.invoke.VarHandle;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.objectweb.asm.MethodVisitor;
import org.objectweb.asm.Opcodes;

/** I1 to I6 of {@link PipelineCall}. */
public class PipelineRaceTest {
    private static final int CALLS = Integer.getInteger("weir.race.calls", 1_000_000);
    private static final int PAUSED = 8; // one in so many
    private static final int PAUSE = 500;

    @Test
    void aMillionCallsEndExactlyOnceAndGiveEverythingBack() throws Exception {
        assertThat(PipelineRace.run(CALLS, 20_260_101, 10_000)).isNull();
    }

    /** The race is worth something only if it sees a gate that lets one through: here, one whose CAS is a blind write. */
    @ParameterizedTest
    @ValueSource(strings = {"leave", "arrived", "cutShort"})
    void theRaceSeesAGateWithABlindWriteIn(String method) throws Exception {
        Class<?> race = Class.forName(
                PipelineRace.class.getName(),
                true,
                new DamagingLoader(
                        PipelineRaceTest.class,
                        PipelineCall.class,
                        (name, descriptor, next) -> name.equals(method) ? new BlindWrites(next) : next));
        Object wrong = null;
        for (int seed = 1; wrong == null && seed <= 20; seed++) {
            wrong = race.getMethod("run", int.class, long.class, long.class).invoke(null, 100_000, (long) seed, 500L);
        }
        assertThat(wrong)
                .as("what the race saw with a blind write in %s()", method)
                .isNotNull();
    }

    /**
     * What the damaged method calls in place of the VarHandle's CAS. Between the look and the write the thread stops now and then, as any may, so that
     * on a busy machine too few calls are enough to see it.
     */
    public static boolean blindWrite(VarHandle gate, Object call, long seen, long next) {
        if (ThreadLocalRandom.current().nextInt(PAUSED) == 0) {
            for (int i = 0; i < PAUSE; i++) {
                Thread.onSpinWait();
            }
        }
        gate.setVolatile(call, next);
        return true;
    }

    private static final class BlindWrites extends MethodVisitor {
        BlindWrites(MethodVisitor next) {
            super(Opcodes.ASM9, next);
        }

        @Override
        public void visitMethodInsn(int opcode, String owner, String name, String descriptor, boolean isInterface) {
            if (owner.equals("java/lang/invoke/VarHandle")
                    && name.equals("compareAndSet")
                    && descriptor.endsWith("JJ)Z")) {
                super.visitMethodInsn(
                        Opcodes.INVOKESTATIC,
                        PipelineRaceTest.class.getName().replace('.', '/'),
                        "blindWrite",
                        "(Ljava/lang/invoke/VarHandle;Ljava/lang/Object;JJ)Z",
                        false);
            } else {
                super.visitMethodInsn(opcode, owner, name, descriptor, isInterface);
            }
        }
    }
}

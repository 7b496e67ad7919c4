package io.weir.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.lang.invoke.VarHandle;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.objectweb.asm.ClassReader;
import org.objectweb.asm.ClassVisitor;
import org.objectweb.asm.ClassWriter;
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
                PipelineRace.class.getName(), true, new DamagingLoader(PipelineRace.class.getClassLoader(), method));
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

    /** Loads the API anew, with one method of the call object damaged. */
    private static final class DamagingLoader extends ClassLoader {
        private final String damaged;

        DamagingLoader(ClassLoader parent, String damaged) {
            super(parent);
            this.damaged = damaged;
        }

        @Override
        protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
            boolean anew = name.startsWith("io.weir.")
                    && !name.startsWith("io.weir.engine.")
                    && !name.equals(PipelineRaceTest.class.getName());
            if (!anew) {
                return super.loadClass(name, resolve);
            }
            synchronized (getClassLoadingLock(name)) {
                Class<?> loaded = findLoadedClass(name);
                return loaded == null ? define(name) : loaded;
            }
        }

        private Class<?> define(String name) throws ClassNotFoundException {
            try (@Nullable InputStream in = getParent().getResourceAsStream(name.replace('.', '/') + ".class")) {
                if (in == null) {
                    throw new ClassNotFoundException(name);
                }
                byte[] code = in.readAllBytes();
                if (name.equals(PipelineCall.class.getName())) {
                    code = damage(code);
                }
                return defineClass(name, code, 0, code.length);
            } catch (IOException e) {
                throw new ClassNotFoundException(name, e);
            }
        }

        private byte[] damage(byte[] code) {
            ClassReader reader = new ClassReader(code);
            ClassWriter writer = new ClassWriter(reader, 0);
            reader.accept(
                    new ClassVisitor(Opcodes.ASM9, writer) {
                        @Override
                        public MethodVisitor visitMethod(
                                int access, String name, String descriptor, String signature, String[] exceptions) {
                            MethodVisitor next = super.visitMethod(access, name, descriptor, signature, exceptions);
                            return name.equals(damaged) ? new BlindWrites(next) : next;
                        }
                    },
                    0);
            return writer.toByteArray();
        }
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

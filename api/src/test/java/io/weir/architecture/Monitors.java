package io.weir.architecture;

import java.util.ArrayList;
import java.util.List;
import org.objectweb.asm.ClassReader;
import org.objectweb.asm.ClassVisitor;
import org.objectweb.asm.MethodVisitor;
import org.objectweb.asm.Opcodes;

/** Finds synchronized methods and blocks: a block leaves its trace only in the bytecode. */
final class Monitors {
    private Monitors() {}

    /** Returns the methods of a class file, as class.method, that take a monitor. */
    static List<String> in(byte[] classFile) {
        List<String> found = new ArrayList<>();
        ClassReader reader = new ClassReader(classFile);
        reader.accept(new Visitor(reader.getClassName(), found), ClassReader.SKIP_DEBUG | ClassReader.SKIP_FRAMES);
        return found;
    }

    private static final class Visitor extends ClassVisitor {
        private final String owner;
        private final List<String> found;

        Visitor(String owner, List<String> found) {
            super(Opcodes.ASM9);
            this.owner = owner.replace('/', '.');
            this.found = found;
        }

        @Override
        public MethodVisitor visitMethod(
                int access, String name, String descriptor, String signature, String[] exceptions) {
            String method = owner + "." + name;
            if ((access & Opcodes.ACC_SYNCHRONIZED) != 0) {
                found.add(method);
            }
            return new MethodVisitor(Opcodes.ASM9) {
                @Override
                public void visitInsn(int opcode) {
                    if (opcode == Opcodes.MONITORENTER) {
                        found.add(method);
                    }
                }
            };
        }
    }
}

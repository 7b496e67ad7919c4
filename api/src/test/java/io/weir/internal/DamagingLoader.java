package io.weir.internal;

import java.io.IOException;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;
import org.objectweb.asm.ClassReader;
import org.objectweb.asm.ClassVisitor;
import org.objectweb.asm.ClassWriter;
import org.objectweb.asm.MethodVisitor;
import org.objectweb.asm.Opcodes;

/** Loads the API anew, with one class damaged: for tests that show that a race sees the damage. */
final class DamagingLoader extends ClassLoader {
    private final Class<?> helper;
    private final Class<?> damaged;
    private final Damage damage;

    /** What becomes of a method's code. */
    @FunctionalInterface
    interface Damage {
        /** The visitor that writes the method to the next; that itself to leave it alone. */
        MethodVisitor of(String method, String descriptor, MethodVisitor next);
    }

    /**
     * Makes the loader.
     *
     * @param helper a public class, not loaded anew, whose static methods the damaged code may call
     * @param damaged the class
     * @param damage what becomes of its methods; must leave the branches as they are
     */
    DamagingLoader(Class<?> helper, Class<?> damaged, Damage damage) {
        super(helper.getClassLoader());
        this.helper = helper;
        this.damaged = damaged;
        this.damage = damage;
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
        boolean anew =
                name.startsWith("io.weir.") && !name.startsWith("io.weir.engine.") && !name.equals(helper.getName());
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
            if (name.equals(damaged.getName())) {
                code = damage(code);
            }
            return defineClass(name, code, 0, code.length);
        } catch (IOException e) {
            throw new ClassNotFoundException(name, e);
        }
    }

    private byte[] damage(byte[] code) {
        ClassReader reader = new ClassReader(code);
        ClassWriter writer = new ClassWriter(reader, ClassWriter.COMPUTE_MAXS);
        reader.accept(
                new ClassVisitor(Opcodes.ASM9, writer) {
                    @Override
                    public MethodVisitor visitMethod(
                            int access, String name, String descriptor, String signature, String[] exceptions) {
                        MethodVisitor next = super.visitMethod(access, name, descriptor, signature, exceptions);
                        return damage.of(name, descriptor, next);
                    }
                },
                0);
        return writer.toByteArray();
    }
}

package io.weir.internal;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/** Whose attempt a call is: what a test that watches hedges from outside can't know otherwise. */
public final class Peek {
    private static final VarHandle RARE;
    private static final VarHandle OWNER;

    static {
        try {
            RARE = MethodHandles.privateLookupIn(PipelineCall.class, MethodHandles.lookup())
                    .findVarHandle(PipelineCall.class, "rare", Rare.class);
            OWNER = MethodHandles.privateLookupIn(Run.class, MethodHandles.lookup())
                    .findVarHandle(Run.class, "owner", Run.Owner.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private Peek() {}

    /**
     * The call further out whose run this one is an inner call of; null if there is none.
     *
     * @param call as a stage's wait hears of it
     */
    public static Object ownerOf(Object call) {
        Rare rare = (Rare) RARE.get((PipelineCall<?>) call);
        return rare == null || rare.enclosing == null ? null : OWNER.get(rare.enclosing);
    }
}

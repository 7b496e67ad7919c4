package io.weir.http;

import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import org.jspecify.annotations.Nullable;

/**
 * A type with its type arguments, which a {@link Class} can't hold: {@code new TypeRef<List<Invoice>>() {}}. Compared by the type.
 *
 * @param <T> the type
 */
public abstract class TypeRef<T extends @Nullable Object> {
    private final Type type;

    protected TypeRef() {
        if (!(getClass().getGenericSuperclass() instanceof ParameterizedType self
                && self.getRawType() == TypeRef.class)) {
            throw new IllegalStateException("a TypeRef is made as an anonymous class with a type argument,"
                    + " new TypeRef<List<String>>() {}; this is a " + getClass().getName());
        }
        this.type = self.getActualTypeArguments()[0];
    }

    /** The type. */
    public final Type type() {
        return type;
    }

    @Override
    public final boolean equals(@Nullable Object other) {
        return other instanceof TypeRef<?> that && that.type.equals(type);
    }

    @Override
    public final int hashCode() {
        return type.hashCode();
    }

    @Override
    public final String toString() {
        return "TypeRef(" + type.getTypeName() + ")";
    }
}

package io.weir;

import org.jspecify.annotations.Nullable;

/** The root of the exceptions that Weir itself throws. */
public abstract class WeirException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /**
     * Makes an exception.
     *
     * @param message what happened
     * @param cause why, or null
     * @param stackTrace whether to fill in the stack: a rejection under load leaves it out
     */
    protected WeirException(String message, @Nullable Throwable cause, boolean stackTrace) {
        super(message, cause, stackTrace, stackTrace);
    }
}

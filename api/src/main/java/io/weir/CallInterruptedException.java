package io.weir;

/**
 * The thread was interrupted while a guard made it wait (for a token, or between retries). The thread's interrupt flag is set again when
 * this is thrown. An {@link InterruptedException} of the call's own is thrown as it is.
 */
public final class CallInterruptedException extends WeirException {
    private static final long serialVersionUID = 1L;

    /**
     * Makes an interruption.
     *
     * @param guard the guard that was waiting
     * @param cause the interrupt as the JDK told it
     */
    public CallInterruptedException(String guard, InterruptedException cause) {
        super("interrupted while waiting in '" + guard + "'", cause, true);
    }
}

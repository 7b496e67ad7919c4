package io.weir;

/** The call's deadline passed before the call was invoked at all. */
public final class DeadlinePassedException extends CallRejectedException {
    private static final long serialVersionUID = 1L;

    /**
     * Makes a rejection.
     *
     * @param guard the guard that enforced the deadline
     * @param stackTrace whether to fill in the stack
     */
    public DeadlinePassedException(String guard, boolean stackTrace) {
        super(guard, "the call's deadline passed before '" + guard + "' could invoke it", null, stackTrace);
    }
}

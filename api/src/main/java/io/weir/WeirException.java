package io.weir;

/** The root of the exceptions that Weir itself throws. */
public class WeirException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    protected WeirException(String message) {
        super(message);
    }
}

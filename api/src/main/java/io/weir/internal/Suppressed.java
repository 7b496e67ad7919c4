package io.weir.internal;

/** What to look at before one failure is hung into another. */
public final class Suppressed {
    private static final int DEEPEST = 32;

    private Suppressed() {}

    /** Whether the one is a cause of the other: hung into it, it would make a circle. */
    public static boolean reaches(Throwable from, Throwable to) {
        Throwable cause = from.getCause();
        for (int depth = 0; cause != null && depth < DEEPEST; depth++, cause = cause.getCause()) {
            if (cause == to) {
                return true;
            }
        }
        return false;
    }
}

package io.weir;

/**
 * A blocking call without a result.
 *
 * @param <E> what the action throws
 */
@FunctionalInterface
public interface CallAction<E extends Exception> {

    void run() throws E;
}

package io.weir.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.weir.Failures;
import io.weir.testkit.VirtualTime;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** Waits for what a real network brings, as briefly as it takes. */
final class Eventually {
    private static final long LIMIT_NANOS = TimeUnit.SECONDS.toNanos(30);

    private Eventually() {}

    static void holds(String what, BooleanSupplier condition) {
        long start = System.nanoTime();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime() - start).as("waiting until " + what).isLessThan(LIMIT_NANOS);
            LockSupport.parkNanos(1_000_000);
        }
    }

    static Throwable failure(CompletableFuture<?> future) {
        return Failures.unwrap(catchThrowable(() -> future.get(30, TimeUnit.SECONDS)));
    }

    /** Runs what waits in virtual time until the future is done in real time. */
    static <T> T result(VirtualTime time, CompletableFuture<T> future) throws Exception {
        holds("the future is done", () -> {
            time.runPending();
            return future.isDone();
        });
        return future.get(0, TimeUnit.SECONDS);
    }

    static boolean isPending(CompletableFuture<?> future) throws Exception {
        try {
            future.get(50, TimeUnit.MILLISECONDS);
            return false;
        } catch (TimeoutException e) {
            return true;
        }
    }
}

package io.weir.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class CallbacksTest {
    private final CountDownLatch ran = new CountDownLatch(1);

    @Test
    void whatTheUsersExecutorRefusesAfterTheCloseRunsAllTheSame() throws Exception {
        Callbacks callbacks = new Callbacks(task -> {
            throw new RejectedExecutionException("shut down");
        });
        callbacks.close();
        callbacks.execute(ran::countDown);
        assertThat(ran.await(10, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void anExecutorThatRefusesInItsOwnWordsLosesNothing() throws Exception {
        Callbacks callbacks = new Callbacks(task -> {
            throw new IllegalStateException("event loop terminated");
        });
        callbacks.execute(ran::countDown);
        assertThat(ran.await(10, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void aTaskThatRanAndThrewIsNotRunAgain() {
        Callbacks callbacks = new Callbacks(Runnable::run);
        AtomicInteger runs = new AtomicInteger();
        assertThatThrownBy(() -> callbacks.execute(() -> {
                    runs.incrementAndGet();
                    throw new IllegalStateException("mine");
                }))
                .hasMessage("mine");
        assertThat(runs).hasValue(1);
    }

    @Test
    void anExecutorThatThrowsAnErrorLosesNothing() throws Exception {
        Callbacks callbacks = new Callbacks(task -> {
            throw new NoClassDefFoundError("thrown on purpose by a test");
        });
        callbacks.execute(ran::countDown);
        assertThat(ran.await(10, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void aTaskThatTheExecutorTookBeforeItThrewRunsOnce() throws Exception {
        Queue<Runnable> taken = new ConcurrentLinkedQueue<>();
        Callbacks callbacks = new Callbacks(task -> {
            taken.add(task);
            throw new IllegalStateException("thrown on purpose by a test: after it was queued");
        });
        AtomicInteger runs = new AtomicInteger();
        callbacks.execute(() -> {
            runs.incrementAndGet();
            ran.countDown();
        });
        assertThat(ran.await(10, TimeUnit.SECONDS)).isTrue();
        taken.remove().run();
        assertThat(runs).hasValue(1);
    }

    @Test
    void whatNoThreadCanBeStartedForRunsWhereItCameFrom() {
        Callbacks callbacks = new Callbacks(
                null, new ThreadPoolExecutor(1, 1, 0, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), task -> {
                    throw new OutOfMemoryError("thrown on purpose by a test: unable to create native thread");
                }));
        AtomicInteger runs = new AtomicInteger();
        callbacks.execute(runs::incrementAndGet);
        assertThat(runs).hasValue(1);
        callbacks.gather(() -> {
            for (int i = 0; i < 100; i++) {
                callbacks.execute(runs::incrementAndGet);
            }
        });
        assertThat(runs).hasValue(101);
    }
}

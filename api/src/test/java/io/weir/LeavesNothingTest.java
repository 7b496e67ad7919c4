package io.weir;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.engine.time.WheelTimer;
import java.lang.ref.WeakReference;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** An application that stops using Weir has nothing of it left: no class, no thread, no thread-local. */
class LeavesNothingTest {

    /** On a pool thread that lives on: a thread-local left on it would keep the loader. */
    @Test
    void aLoaderWhoseWeirWasClosedIsCollected() throws Exception {
        ExecutorService pool = pool();
        try {
            WeakReference<ClassLoader> loader =
                    liveInAnotherLoader(pool, Lifetime.class).loader();
            eventually(() -> isCollected(loader));
        } finally {
            pool.shutdown();
        }
    }

    /** The test of the test above: it would fail if anything of this kind were left. */
    @ParameterizedTest
    @ValueSource(classes = {Leak.OfThreadLocal.class, Leak.OfThread.class, Leak.OfShutdownHook.class})
    void aLoaderOfWhichAnythingIsLeftIsNotCollectedUntilThatGoes(Class<? extends Leak> leak) throws Exception {
        ExecutorService pool = pool();
        try {
            Life life = liveInAnotherLoader(pool, leak);
            WeakReference<ClassLoader> loader = life.loader();
            for (int i = 0; i < 10; i++) {
                assertThat(isCollected(loader)).isFalse();
            }
            pool.submit(() -> {
                        ((AutoCloseable) Objects.requireNonNull(life.object().get())).close();
                        return null;
                    })
                    .get(120, TimeUnit.SECONDS);
            eventually(() -> isCollected(loader));
        } finally {
            pool.shutdown();
        }
    }

    private static boolean isCollected(WeakReference<?> reference) {
        System.gc();
        return reference.refersTo(null);
    }

    private static ExecutorService pool() {
        return Executors.newSingleThreadExecutor(task -> {
            Thread thread = new Thread(task, "test-pool");
            thread.setDaemon(true);
            return thread;
        });
    }

    private record Life(WeakReference<ClassLoader> loader, WeakReference<Object> object) {}

    /** Runs it in a loader of its own, which nothing of ours holds when this returns. */
    private static Life liveInAnotherLoader(ExecutorService pool, Class<? extends Runnable> type) throws Exception {
        return pool.submit(() -> liveInAnotherLoader(type)).get(120, TimeUnit.SECONDS);
    }

    private static Life liveInAnotherLoader(Class<? extends Runnable> type) throws Exception {
        URL[] places = {
            placeOf(Lifetime.class),
            placeOf(Guard.class),
            placeOf(WheelTimer.class),
            placeOf(org.agrona.concurrent.SystemNanoClock.class),
            placeOf(org.jctools.queues.atomic.MpscUnboundedAtomicArrayQueue.class),
        };
        try (URLClassLoader loader = new URLClassLoader(places, ClassLoader.getPlatformClassLoader())) {
            Class<?> life = Class.forName(type.getName(), true, loader);
            assertThat(life).isNotSameAs(type);
            Object object = life.getConstructor().newInstance();
            ((Runnable) object).run();
            return new Life(new WeakReference<>(loader), new WeakReference<>(object));
        }
    }

    private static URL placeOf(Class<?> type) {
        return type.getProtectionDomain().getCodeSource().getLocation();
    }

    @Test
    void guardsThatAreBuiltAndUsedWithoutAWaitStartNoThreadAndAClosedRuntimeHasNone() {
        Set<Thread> before = Thread.getAllStackTraces().keySet();
        Lifetime life = new Lifetime();
        Guard guard = Pipeline.of(
                io.weir.breaker.CircuitBreaker.of("b"), io.weir.ratelimit.TokenBucketRateLimiter.of("l", 100));
        guard.run(() -> {});
        assertThat(threadsSince(before)).isEmpty();
        life.run();
        eventually(() -> threadsSince(before).isEmpty());
    }

    private static List<String> threadsSince(Set<Thread> before) {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> !before.contains(thread) && thread.isAlive())
                .map(Thread::getName)
                .filter(name -> name.startsWith("weir-"))
                .collect(Collectors.toList());
    }

    /** Compiled for 17, where there are no virtual threads: by reflection. */
    @Test
    void noBlockingFormPinsAVirtualThread() throws Exception {
        Assumptions.assumeTrue(
                Runtime.version().feature() >= 24,
                "before 24 a virtual thread may be pinned by the JDK's own monitors");
        Path file = Files.createTempFile("weir", ".jfr");
        try (Recording recording = new Recording()) {
            recording.enable("jdk.VirtualThreadPinned").withoutThreshold().withStackTrace();
            recording.start();
            for (int i = 0; i < 4; i++) {
                Thread virtual = (Thread) Thread.class
                        .getMethod("startVirtualThread", Runnable.class)
                        .invoke(null, new Lifetime());
                virtual.join(120_000);
                assertThat(virtual.isAlive()).isFalse();
            }
            recording.stop();
            recording.dump(file);
            List<RecordedEvent> pinned = RecordingFile.readAllEvents(file).stream()
                    .filter(event -> event.getStackTrace() != null
                            && event.getStackTrace().getFrames().stream()
                                    .anyMatch(frame -> frame.getMethod()
                                            .getType()
                                            .getName()
                                            .startsWith("io.weir.")))
                    .toList();
            assertThat(pinned).isEmpty();
        } finally {
            Files.deleteIfExists(file);
        }
    }

    private static void eventually(BooleanSupplier condition) {
        long began = System.nanoTime();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime() - began).isLessThan(60_000_000_000L);
            LockSupport.parkNanos(5_000_000);
        }
    }
}

package io.weir;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.engine.time.WheelTimer;
import java.lang.ref.WeakReference;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
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

/** An application that stops using Weir has nothing of it left: no class, no thread, no thread-local. */
class LeavesNothingTest {

    /** On a pool thread that lives on: a thread-local left on it would keep the loader. */
    @Test
    void aLoaderWhoseWeirWasClosedIsCollected() throws Exception {
        ExecutorService pool = Executors.newSingleThreadExecutor(task -> {
            Thread thread = new Thread(task, "test-pool");
            thread.setDaemon(true);
            return thread;
        });
        try {
            WeakReference<ClassLoader> loader =
                    pool.submit(LeavesNothingTest::liveInAnotherLoader).get(120, TimeUnit.SECONDS);
            eventually(() -> {
                System.gc();
                return loader.get() == null;
            });
        } finally {
            pool.shutdown();
        }
    }

    private static WeakReference<ClassLoader> liveInAnotherLoader() throws Exception {
        URL[] places = {
            placeOf(Lifetime.class),
            placeOf(Guard.class),
            placeOf(WheelTimer.class),
            placeOf(org.agrona.concurrent.SystemNanoClock.class),
            placeOf(org.jctools.queues.atomic.MpscUnboundedAtomicArrayQueue.class),
        };
        try (URLClassLoader loader = new URLClassLoader(places, ClassLoader.getPlatformClassLoader())) {
            Class<?> life = Class.forName(Lifetime.class.getName(), true, loader);
            assertThat(life).isNotSameAs(Lifetime.class);
            ((Runnable) life.getConstructor().newInstance()).run();
            return new WeakReference<>(loader);
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

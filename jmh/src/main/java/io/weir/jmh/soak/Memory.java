package io.weir.jmh.soak;

import com.sun.management.GarbageCollectionNotificationInfo;
import com.sun.management.ThreadMXBean;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.util.ArrayList;
import java.util.List;
import javax.management.ListenerNotFoundException;
import javax.management.Notification;
import javax.management.NotificationEmitter;
import javax.management.NotificationListener;
import javax.management.openmbean.CompositeData;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;

/** The heap after collections, the collectors' pauses, and what was allocated. For one thread; the collectors' notices come on another. */
final class Memory implements NotificationListener, AutoCloseable {
    private static final long MOST_PAUSE_MILLIS = 60_000;

    private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private final List<NotificationEmitter> emitters = new ArrayList<>();
    private final Histogram pauses = new ConcurrentHistogram(MOST_PAUSE_MILLIS, 3);
    private final Histogram own = new ConcurrentHistogram(MOST_PAUSE_MILLIS, 3);

    Memory() {
        for (GarbageCollectorMXBean collector : ManagementFactory.getGarbageCollectorMXBeans()) {
            if (collector instanceof NotificationEmitter emitter) {
                emitter.addNotificationListener(this, null, null);
                emitters.add(emitter);
            }
        }
    }

    @Override
    public void handleNotification(Notification notification, Object handback) {
        if (!notification.getType().equals(GarbageCollectionNotificationInfo.GARBAGE_COLLECTION_NOTIFICATION)) {
            return;
        }
        var notice = GarbageCollectionNotificationInfo.from((CompositeData) notification.getUserData());
        // Some collectors also report cycles that run beside the program.
        if (!notice.getGcName().contains("Concurrent") && !notice.getGcName().contains("Cycles")) {
            (notice.getGcCause().equals("System.gc()") ? own : pauses)
                    .recordValue(Math.min(notice.getGcInfo().getDuration(), MOST_PAUSE_MILLIS));
        }
    }

    /** In milliseconds. */
    Histogram pauses() {
        return pauses;
    }

    /** Those that {@link #liveBytes} asked for, in milliseconds. */
    Histogram ownPauses() {
        return own;
    }

    /** Collects everything, and says what was left. */
    long liveBytes() {
        System.gc();
        long live = 0;
        for (MemoryPoolMXBean pool : ManagementFactory.getMemoryPoolMXBeans()) {
            if (pool.getType() == MemoryType.HEAP && pool.getCollectionUsage() != null) {
                live += pool.getCollectionUsage().getUsed();
            }
        }
        return live;
    }

    /** What all threads that live have allocated since they began. */
    long allocatedBytes() {
        long sum = 0;
        for (long bytes : threads.getThreadAllocatedBytes(threads.getAllThreadIds())) {
            sum += Math.max(0, bytes);
        }
        return sum;
    }

    @Override
    public void close() {
        for (NotificationEmitter emitter : emitters) {
            try {
                emitter.removeNotificationListener(this);
            } catch (ListenerNotFoundException e) {
                throw new IllegalStateException(e);
            }
        }
    }
}

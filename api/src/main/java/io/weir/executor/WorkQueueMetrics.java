package io.weir.executor;

/** What a work queue has counted since it was made. A snapshot. */
public interface WorkQueueMetrics {

    /** Items accepted. */
    long enqueued();

    /** Items whose work succeeded. */
    long processed();

    /** Items whose work failed. */
    long errors();

    /** Puts that were turned away: no room within their timeout. */
    long backpressure();

    /** Items accepted and not begun. */
    int queued();

    /** Items begun and not ended. */
    int running();
}

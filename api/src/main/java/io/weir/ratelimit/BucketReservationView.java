package io.weir.ratelimit;

import io.weir.WeirRuntime;
import io.weir.engine.bucket.BucketReservation;
import io.weir.internal.Sleep;
import java.time.Duration;

/** The engine's reservation. */
final class BucketReservationView implements Reservation {
    private final BucketReservation reservation;
    private final WeirRuntime runtime;

    BucketReservationView(BucketReservation reservation, WeirRuntime runtime) {
        this.reservation = reservation;
        this.runtime = runtime;
    }

    @Override
    public double tokens() {
        return reservation.tokens();
    }

    @Override
    public Duration waitTime() {
        return Duration.ofNanos(reservation.waitNanos());
    }

    @Override
    public boolean cancel() {
        return reservation.cancel();
    }

    @Override
    public void await() throws InterruptedException {
        if (!Sleep.nanos(runtime, reservation.waitNanos())) {
            throw new IllegalStateException("the runtime was closed before the tokens were due");
        }
    }

    @Override
    public String toString() {
        return "Reservation(" + tokens() + " tokens in " + waitTime() + ")";
    }
}

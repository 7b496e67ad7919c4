package io.weir.jcstress.breaker;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import io.weir.engine.breaker.Breaker;
import io.weir.engine.breaker.TransitionFeed;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.I_Result;

/**
 * F1, F2: two transitions, each of which asks for the delivery, are delivered once and in order. Its twin: {@link
 * FeedDeliveryBrokenTwin}.
 */
@JCStressTest
@Outcome(id = "12", expect = ACCEPTABLE, desc = "Both, in order.")
@Outcome(expect = FORBIDDEN, desc = "One is missing, double, or out of order.")
@State
public class FeedDelivery {
    private final Breaker breaker = new Setup().closed();
    private volatile int delivered;

    @SuppressWarnings("NonAtomicOperationOnVolatileField") // one drains at a time: that is what is tested
    private final TransitionFeed feed =
            new TransitionFeed(breaker::latestTransition, t -> delivered = delivered * 10 + (int) t.number());

    public FeedDelivery() {
        breaker.onTransition(feed::drain);
    }

    @Actor
    public void one() {
        breaker.reset();
    }

    @Actor
    public void other() {
        breaker.reset();
    }

    @Arbiter
    public void after(I_Result r) {
        r.r1 = delivered;
    }
}

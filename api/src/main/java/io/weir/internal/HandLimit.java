package io.weir.internal;

/** A stage's right to cut short what it has let in: a limit that no clock fires, but {@link Cuts}. */
final class HandLimit extends Limit implements Cuts.Cut {
    private final Cuts cuts;
    /** The driver's. */
    private boolean armed;

    HandLimit(PipelineCall<?> owner, int floor, Stage stage, Cuts cuts) {
        super(owner, floor, stage, 0);
        this.cuts = cuts;
    }

    @Override
    void arm() {
        if (!armed) {
            armed = true;
            cuts.add(this);
        }
    }

    @Override
    void disarm() {
        cuts.remove(this);
    }

    @Override
    public void cut() {
        fireAndTell();
    }
}

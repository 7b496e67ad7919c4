package io.weir.simulation;

/**
 * What one bucket has granted, and whether that is within its bound.
 *
 * <p>The time is counted in two ways, which differ only when the clock has stepped back: by the latest reading, and by what has passed, steps back
 * left out. By readings a bucket keeps its bound whatever the clock does, but only as long as its rate stays: to a bucket whose clock is behind, what
 * was granted by then is debt. It can't be told from what a reservation owes, and a change carries it over by the same rule, in time when the rate falls
 * and in tokens when it rises; so a fall to a 32nd and the rise back leave a 32nd of the debt, and the readings that come a second time pay
 * once more. That is within the contract: a clock must not step back, and where it does, those readings take their time again. By the time that has passed
 * the bound holds through everything: a step back makes debt of what is in hand and never more than that, and no rule makes a positive level of
 * debt, so there is never more in hand than if the clock had stood still instead.
 */
final class Grants {
    private final World world;
    private final Bound byReading;
    private final Bound byPassing;
    private boolean readingsCount;
    double granted;

    record Granted(Bound.Grant byReading, Bound.Grant byPassing, double tokens) {}

    Grants(World world, String name, double perSecond, double max) {
        this(world, name, perSecond, max, true);
    }

    private Grants(World world, String name, double perSecond, double max, boolean readingsCount) {
        this.world = world;
        this.readingsCount = readingsCount;
        byReading = new Bound(world, name, perSecond, max, world::elapsed);
        byPassing = new Bound(world, name + ", by what has passed", perSecond, max, world::passed);
    }

    /** Of one key among many, whose bucket may be another one after a rest. */
    static Grants ofAKey(World world, String name, double perSecond, double max) {
        return new Grants(world, name, perSecond, max, false);
    }

    Granted add(double tokens) {
        return addIn(0, tokens);
    }

    /** What is granted later on, in nanoseconds from the latest reading. */
    Granted addIn(long in, double tokens) {
        granted += tokens;
        readingsCount &= !(world.hasSteppedBack() && hasChanged());
        return new Granted(readingsCount ? byReading.add(in, tokens) : null, byPassing.add(in, tokens), tokens);
    }

    void remove(Granted one) {
        granted -= one.tokens;
        byPassing.remove(one.byPassing);
        if (one.byReading != null) {
            byReading.remove(one.byReading);
        }
    }

    double max() {
        return byPassing.max();
    }

    /** A change of the rate that takes from here to {@link #changed}: meanwhile the larger one may count. */
    void changing(double perSecond, double max) {
        byReading.changing(perSecond, max);
        byPassing.changing(perSecond, max);
    }

    void changed(double perSecond, double max, boolean reset) {
        byReading.changed(perSecond, max, reset);
        byPassing.changed(perSecond, max, reset);
    }

    /** What it will be later on, in nanoseconds from what the clock shows. */
    void from(long in, double perSecond) {
        byReading.from(Math.max(0, in - world.behind()), perSecond);
        byPassing.from(Math.max(0, in), perSecond);
    }

    /** Who changes the rate may be stopped before the bucket hears of it. */
    void lingers() {
        byReading.lingers();
        byPassing.lingers();
    }

    boolean hasChanged() {
        return byPassing.hasChanged();
    }

    /** Looks at every window that begins and ends with a grant. */
    void check() {
        byReading.check();
        byPassing.check();
    }
}

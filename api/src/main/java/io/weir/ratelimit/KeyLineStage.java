package io.weir.ratelimit;

import io.weir.CallOptions;

/** One key's tokens in a pipeline, whatever the call's key is. */
final class KeyLineStage extends TokenStage {
    private final KeyLine line;

    KeyLineStage(KeyLine line) {
        this(line, Rule.DEFAULT);
    }

    private KeyLineStage(KeyLine line, Rule rule) {
        super(line.name, rule);
        this.line = line;
    }

    @Override
    KeyLineStage with(Rule other) {
        return new KeyLineStage(line, other);
    }

    @Override
    KeyLine lineOf(CallOptions options) {
        return line;
    }

    @Override
    public long admit(CallOptions options, long now) {
        if (line.tryAcquireNanos(cost(options)) != 0) {
            return refusedOrWaits();
        }
        line.counts.granted.increment();
        return 0;
    }
}

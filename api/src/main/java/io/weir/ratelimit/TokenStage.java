package io.weir.ratelimit;

import io.weir.CallKey;
import io.weir.CallOptions;
import io.weir.RateLimitExceededException;
import io.weir.internal.Again;
import io.weir.internal.Failed;
import io.weir.internal.TokensStage;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A limiter in a pipeline: a call's tokens are spent when it is admitted, and nothing comes back at its end. */
abstract class TokenStage extends TokensStage {
    private final String name;
    final Rule rule;

    /**
     * Whether a call waits, and what it costs.
     *
     * @param cost of every call; less than 0: what its options say
     * @param costKey where in the options it is; null: their tokens
     */
    record Rule(boolean waits, double cost, @Nullable CallKey<? extends Number> costKey) {
        static final Rule DEFAULT = new Rule(true, -1, null);

        double cost(CallOptions options) {
            if (cost >= 0) {
                return cost;
            }
            Number own = costKey == null ? null : options.get(costKey);
            return own == null ? options.tokens() : own.doubleValue();
        }
    }

    TokenStage(String name, Rule rule) {
        this.name = name;
        this.rule = rule;
    }

    /** The same tokens under another rule. */
    abstract TokenStage with(Rule other);

    final TokenStage failFast() {
        return with(new Rule(false, rule.cost, rule.costKey));
    }

    final TokenStage costing(double tokens) {
        return with(new Rule(rule.waits, CallOptions.tokens(tokens).tokens(), null));
    }

    final TokenStage costing(CallKey<? extends Number> tokens) {
        return with(new Rule(rule.waits, -1, Objects.requireNonNull(tokens, "tokens")));
    }

    @Override
    public abstract TokenLine lineOf(CallOptions options);

    @Override
    public final boolean keepsToken() {
        return false;
    }

    @Override
    public final String name() {
        return name;
    }

    @Override
    public final boolean hearsResults() {
        return false;
    }

    @Override
    public final double cost(CallOptions options) {
        return rule.cost(options);
    }

    final long refusedOrWaits() {
        return rule.waits ? WAIT : REFUSED;
    }

    @Override
    public final RateLimitExceededException refusal(CallOptions options) {
        return lineOf(options).refusal(cost(options));
    }

    @Override
    public final @Nullable Again onEnd(
            long token,
            long start,
            @Nullable Object result,
            @Nullable Failed failed,
            @Nullable Again before,
            CallInfo call) {
        return null;
    }

    @Override
    public final Wait newWait(CallOptions options) {
        return new TokenLine.InLine(lineOf(options), cost(options));
    }

    @Override
    public final long awaitBlocking(CallOptions options, long budgetNanos) throws InterruptedException {
        lineOf(options).acquireBlocking(cost(options), budgetNanos);
        return 0;
    }
}

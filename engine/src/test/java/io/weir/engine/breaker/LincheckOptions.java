package io.weir.engine.breaker;

import org.jetbrains.lincheck.datastructures.ModelCheckingOptions;

/**
 * How the breaker's model-checking tests run: small scenarios, many schedules of each. The long form: {@code
 * -Dweir.lincheck.iterations=400 -Dweir.lincheck.invocations=2000 -Dweir.lincheck.threads=3}.
 */
final class LincheckOptions {
    private LincheckOptions() {}

    static ModelCheckingOptions of(Class<?> sequential) {
        return new ModelCheckingOptions()
                .iterations(Integer.getInteger("weir.lincheck.iterations", 20))
                .invocationsPerIteration(Integer.getInteger("weir.lincheck.invocations", 300))
                .threads(Integer.getInteger("weir.lincheck.threads", 2))
                .actorsPerThread(3)
                .actorsBefore(0)
                .actorsAfter(1)
                .checkObstructionFreedom(true)
                .sequentialSpecification(sequential);
    }
}

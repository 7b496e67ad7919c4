package io.weir.engine.breaker;

import org.jetbrains.lincheck.datastructures.ModelCheckingOptions;

/** How the breaker's model-checking tests run: small scenarios, many schedules of each. */
final class LincheckOptions {
    private LincheckOptions() {}

    static ModelCheckingOptions of(Class<?> sequential) {
        return new ModelCheckingOptions()
                .iterations(20)
                .invocationsPerIteration(500)
                .threads(2)
                .actorsPerThread(4)
                .actorsBefore(0)
                .actorsAfter(2)
                .checkObstructionFreedom(true)
                .sequentialSpecification(sequential);
    }
}

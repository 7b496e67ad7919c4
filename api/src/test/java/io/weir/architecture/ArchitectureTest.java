package io.weir.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.lang.ArchRule;
import io.weir.WeirException;
import io.weir.engine.bucket.TokenBucket;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Engine and api as compiled keep the project's rules. {@link RulesTest} shows that each rule can be broken. */
class ArchitectureTest {
    private static final CompiledModule ENGINE = CompiledModule.of(TokenBucket.class);
    private static final CompiledModule API = CompiledModule.of(WeirException.class);
    private static final JavaClasses CLASSES = ENGINE.importWith(API);

    @Test
    void bothModulesAreSeen() {
        assertThat(CLASSES.contain(TokenBucket.class)).isTrue();
        assertThat(CLASSES.contain(WeirException.class)).isTrue();
        assertThat(ENGINE.exportedPackages()).contains("io.weir.engine.bucket");
        assertThat(API.exportedPackages()).contains("io.weir");
    }

    @Test
    void theEngineKnowsNoFutureNorExecutor() {
        holds(Rules.engineKnowsNoFutureNorExecutor("io.weir.engine", Set.of("io.weir.engine.time.ExecutorTimer")));
    }

    @Test
    void theEngineKnowsNothingOfTheApi() {
        holds(Rules.engineKnowsNoApi("io.weir.engine", "io.weir"));
    }

    @Test
    void theApiUsesOnlyExportedPackagesOfTheEngine() {
        holds(Rules.apiUsesOnlyExportedPackagesOfEngine("io.weir", "io.weir.engine", ENGINE.exportedPackages()));
    }

    @Test
    void noPackagesDependOnEachOtherInACycle() {
        holds(Rules.noPackageCycles());
    }

    @Test
    void nothingInternalToTheJdkIsUsed() {
        holds(Rules.noInternalsOfTheJdk());
    }

    @Test
    void onlyTheHarmlessPartsOfDependenciesAreUsed() {
        holds(Rules.onlyTheHarmlessPartsOfDependencies());
    }

    @Test
    void nothingIsPrinted() {
        holds(Rules.nothingPrinted());
    }

    @Test
    void nothingRunsOnTheCommonPool() {
        holds(Rules.noCommonPool());
    }

    @Test
    void noLockIsUsed() {
        holds(Rules.noLocks());
    }

    @Test
    void noMonitorIsEntered() {
        assertThat(Stream.of(ENGINE, API)
                        .flatMap(module -> module.classFiles().stream())
                        .flatMap(file -> Monitors.in(file).stream()))
                .isEmpty();
    }

    @Test
    void noDependencyShowsInThePublicApi() {
        holds(Rules.noForeignTypeInPublicSignatures(API.exportedPackages()));
    }

    private static void holds(ArchRule rule) {
        rule.check(CLASSES);
    }
}

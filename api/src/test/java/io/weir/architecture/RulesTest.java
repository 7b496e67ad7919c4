package io.weir.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.lang.ArchRule;
import io.weir.architecture.fixtures.api.Prints;
import io.weir.architecture.fixtures.api.PrintsTrace;
import io.weir.architecture.fixtures.api.ShowsAgrona;
import io.weir.architecture.fixtures.api.SynchronizedBlock;
import io.weir.architecture.fixtures.api.SynchronizedMethod;
import io.weir.architecture.fixtures.api.UsesCommonPool;
import io.weir.architecture.fixtures.api.UsesDelayer;
import io.weir.architecture.fixtures.api.UsesHidden;
import io.weir.architecture.fixtures.api.UsesLock;
import io.weir.architecture.fixtures.clean.Innocent;
import io.weir.architecture.fixtures.cycle.one.One;
import io.weir.architecture.fixtures.cycle.two.Two;
import io.weir.architecture.fixtures.engine.UsesExecutor;
import io.weir.architecture.fixtures.engine.UsesFuture;
import io.weir.architecture.fixtures.engine.hidden.Hidden;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.objectweb.asm.ClassWriter;
import org.objectweb.asm.Opcodes;

/** Each rule of {@link ArchitectureTest} is broken by a fixture that breaks it, and by nothing innocent. */
class RulesTest {
    private static final String FIXTURES = "io.weir.architecture.fixtures";
    private static final String ENGINE = FIXTURES + ".engine";
    private static final String API = FIXTURES + ".api";

    @Test
    void aFutureInTheEngineIsSeen() {
        ArchRule rule = Rules.engineKnowsNoFutureNorExecutor(ENGINE, Set.of());
        assertThat(violations(rule, UsesFuture.class)).isNotEmpty();
        assertThat(violations(rule, UsesExecutor.class)).isNotEmpty();
        assertThat(violations(rule, Hidden.class, Innocent.class)).isEmpty();
    }

    @Test
    void anAdapterMayKnowExecutorsButNoStages() {
        Set<String> adapters = Set.of(UsesExecutor.class.getName(), UsesFuture.class.getName());
        ArchRule rule = Rules.engineKnowsNoFutureNorExecutor(ENGINE, adapters);
        assertThat(violations(rule, UsesExecutor.class)).isEmpty();
        assertThat(violations(rule, UsesFuture.class)).isNotEmpty();
    }

    @Test
    void anythingOfOursOutsideTheEngineIsSeen() {
        ArchRule rule = Rules.engineKnowsNoApi(ENGINE, FIXTURES);
        assertThat(violations(rule, UsesFuture.class)).isNotEmpty();
        assertThat(violations(rule, Hidden.class, UsesHidden.class)).isEmpty();
    }

    @Test
    void aPackageThatIsNotExportedIsSeen() {
        assertThat(violations(Rules.apiUsesOnlyExportedPackagesOfEngine(API, ENGINE, Set.of(ENGINE)), UsesHidden.class))
                .isNotEmpty();
        assertThat(violations(
                        Rules.apiUsesOnlyExportedPackagesOfEngine(API, ENGINE, Set.of(ENGINE + ".hidden")),
                        UsesHidden.class))
                .isEmpty();
    }

    @Test
    void aCycleOfPackagesIsSeen() {
        assertThat(violations(Rules.noPackageCycles(), One.class, Two.class)).isNotEmpty();
        assertThat(violations(Rules.noPackageCycles(), UsesHidden.class, Hidden.class))
                .isEmpty();
    }

    @Test
    void unsafeIsSeen(@TempDir Path folder) throws IOException {
        // Written by hand: javac can't be told not to warn of this type.
        ClassWriter writer = new ClassWriter(0);
        writer.visit(Opcodes.V17, Opcodes.ACC_PUBLIC, "UsesUnsafe", null, "java/lang/Object", null);
        writer.visitField(Opcodes.ACC_PRIVATE, "unsafe", "Lsun/misc/Unsafe;", null, null)
                .visitEnd();
        writer.visitEnd();
        Files.write(folder.resolve("UsesUnsafe.class"), writer.toByteArray());
        JavaClasses classes = new ClassFileImporter().importPath(folder);

        assertThat(violations(Rules.noInternalsOfTheJdk(), classes)).isNotEmpty();
        assertThat(violations(Rules.noInternalsOfTheJdk(), Innocent.class)).isEmpty();
    }

    @Test
    void partsOfDependenciesThatNeedFlagsAreSeen() {
        ArchRule rule = Rules.onlyTheHarmlessPartsOfDependencies();
        assertThat(violations(rule, ShowsAgrona.class)).isNotEmpty();
        assertThat(violations(rule, Innocent.class)).isEmpty();
    }

    @Test
    void printingIsSeen() {
        assertThat(violations(Rules.nothingPrinted(), Prints.class)).isNotEmpty();
        assertThat(violations(Rules.nothingPrinted(), PrintsTrace.class)).isNotEmpty();
        assertThat(violations(Rules.nothingPrinted(), Innocent.class)).isEmpty();
    }

    @Test
    void theCommonPoolIsSeen() {
        assertThat(violations(Rules.noCommonPool(), UsesCommonPool.class)).hasSize(2);
        assertThat(violations(Rules.noCommonPool(), UsesDelayer.class)).hasSize(1);
        assertThat(violations(Rules.noCommonPool(), Innocent.class)).isEmpty();
    }

    @Test
    void aLockIsSeen() {
        assertThat(violations(Rules.noLocks(), UsesLock.class)).isNotEmpty();
        assertThat(violations(Rules.noLocks(), Innocent.class)).isEmpty();
    }

    @Test
    void aMonitorIsSeenInAMethodAndInABlock() throws IOException {
        assertThat(monitors(SynchronizedMethod.class)).hasSize(1);
        assertThat(monitors(SynchronizedBlock.class)).hasSize(1);
        assertThat(monitors(Innocent.class)).isEmpty();
    }

    @Test
    void aForeignTypeInsideAGenericSignatureIsSeen() {
        assertThat(violations(Rules.noForeignTypeInPublicSignatures(Set.of(API)), ShowsAgrona.class))
                .hasSize(1);
        assertThat(violations(Rules.noForeignTypeInPublicSignatures(Set.of(FIXTURES + ".clean")), Innocent.class))
                .isEmpty();
    }

    private static List<String> violations(ArchRule rule, Class<?>... types) {
        return violations(rule, new ClassFileImporter().importClasses(types));
    }

    private static List<String> violations(ArchRule rule, JavaClasses classes) {
        return rule.allowEmptyShould(true).evaluate(classes).getFailureReport().getDetails();
    }

    private static List<String> monitors(Class<?> type) throws IOException {
        try (InputStream file = type.getResourceAsStream(type.getSimpleName() + ".class")) {
            return Monitors.in(file.readAllBytes());
        }
    }
}

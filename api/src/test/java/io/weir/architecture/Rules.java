package io.weir.architecture;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.AccessTarget.CodeUnitAccessTarget;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaCodeUnit;
import com.tngtech.archunit.core.domain.JavaField;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.CompositeArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import com.tngtech.archunit.lang.syntax.elements.GivenClassesConjunction;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;
import com.tngtech.archunit.library.dependencies.SlicesRuleDefinition;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.Future;
import java.util.function.Predicate;
import java.util.stream.BaseStream;
import java.util.stream.Stream;

/**
 * The rules that hold engine and api apart and keep out what an embedding service must not meet. The packages are parameters, so that a
 * test can show each rule broken by a fixture.
 */
final class Rules {
    private static final Set<String> CLOCKS = Set.of(
            "org.agrona.concurrent.NanoClock",
            "org.agrona.concurrent.SystemNanoClock",
            "org.agrona.concurrent.EpochClock",
            "org.agrona.concurrent.SystemEpochClock");

    private static final String INNER = ".internal";

    private Rules() {}

    /**
     * The engine knows no futures and no executors.
     *
     * @param adapters the classes, by name, that may know executors, as to adapt one is all they do; futures of stages they may not
     */
    static ArchRule engineKnowsNoFutureNorExecutor(String engine, Set<String> adapters) {
        DescribedPredicate<JavaClass> futuresAndExecutors = describe(
                "futures and executors",
                type -> type.isAssignableTo(CompletionStage.class)
                        || type.isAssignableTo(Future.class)
                        || type.isAssignableTo(Executor.class));
        DescribedPredicate<JavaClass> stages = describe("stages", type -> type.isAssignableTo(CompletionStage.class));
        return CompositeArchRule.of(noClasses()
                        .that(describe(
                                "are in the engine and adapt no executor",
                                type -> in(engine, type) && !adapters.contains(outermost(type))))
                        .should()
                        .dependOnClassesThat(futuresAndExecutors))
                .and(inPackage(engine).should().dependOnClassesThat(stages));
    }

    static ArchRule engineKnowsNoApi(String engine, String root) {
        return inPackage(engine)
                .should()
                .dependOnClassesThat(
                        describe("our classes outside the engine", type -> in(root, type) && !in(engine, type)));
    }

    static ArchRule apiUsesOnlyExportedPackagesOfEngine(String api, String engine, Set<String> exported) {
        return noClasses()
                .that(describe("are of the api", type -> in(api, type) && !in(engine, type)))
                .should()
                .dependOnClassesThat(describe(
                        "the engine's inner packages",
                        type -> in(engine, type) && !exported.contains(type.getPackageName())))
                .allowEmptyShould(true);
    }

    /** An inner package implements what its parent shows, and its parent makes its classes, so the two count as one. */
    static ArchRule noPackageCycles() {
        SliceAssignment byPackage = new SliceAssignment() {
            @Override
            public String getDescription() {
                return "packages";
            }

            @Override
            public SliceIdentifier getIdentifierOf(JavaClass type) {
                String name = type.getPackageName();
                return name.isEmpty()
                        ? SliceIdentifier.ignore()
                        : SliceIdentifier.of(
                                name.endsWith(INNER) ? name.substring(0, name.length() - INNER.length()) : name);
            }
        };
        return SlicesRuleDefinition.slices()
                .assignedFrom(byPackage)
                .should()
                .beFreeOfCycles()
                .allowEmptyShould(true);
    }

    static ArchRule noInternalsOfTheJdk() {
        return noClasses().should().dependOnClassesThat().resideInAnyPackage("sun..", "jdk.internal..", "com.sun..");
    }

    static ArchRule noLocks() {
        return noClasses()
                .should()
                .dependOnClassesThat(describe(
                        "locks",
                        type -> type.getPackageName().equals("java.util.concurrent.locks")
                                && !type.getSimpleName().equals("LockSupport")));
    }

    static ArchRule nothingPrinted() {
        return noAccess(
                "to the standard streams",
                access -> access.getTargetOwner().isEquivalentTo(System.class)
                                && Set.of("out", "err").contains(access.getName())
                        || access.getName().equals("printStackTrace")
                                && access.getTarget() instanceof CodeUnitAccessTarget call
                                && call.getRawParameterTypes().isEmpty());
    }

    /** Nobody uses the common pool: it has one thread on two cores, and it is the user's, not ours. */
    static ArchRule noCommonPool() {
        return noAccess("that runs on the common pool", access -> {
            JavaClass owner = access.getTargetOwner();
            String name = access.getName();
            if (owner.isAssignableTo(ForkJoinPool.class) && name.equals("commonPool")) {
                return true;
            }
            if (owner.isAssignableTo(BaseStream.class) && name.equals("parallel") || name.equals("parallelStream")) {
                return true;
            }
            if (!owner.isAssignableTo(CompletionStage.class)) {
                return false;
            }
            return name.equals("orTimeout")
                    || name.equals("completeOnTimeout")
                    || (name.endsWith("Async") || name.equals("delayedExecutor")) && !takesExecutor(access);
        });
    }

    /** Only what needs no JVM flag and prints no warning: the clocks of Agrona, the atomic queues of JCTools. */
    static ArchRule onlyTheHarmlessPartsOfDependencies() {
        return noClasses()
                .should()
                .dependOnClassesThat(describe(
                        "other parts of Agrona and JCTools",
                        type -> in("org.agrona", type) && !CLOCKS.contains(type.getName())
                                || in("org.jctools", type)
                                        && !in("org.jctools.queues.atomic", type)
                                        && !type.getName().startsWith("org.jctools.queues.MessagePassingQueue")));
    }

    static ArchRule noForeignTypeInPublicSignatures(Set<String> exported) {
        return classes()
                .that(describe(
                        "are public and exported",
                        type -> exported.contains(type.getPackageName()) && visible(type.getModifiers())))
                .should(new ArchCondition<>("name no type of a dependency in a public signature") {
                    @Override
                    public void check(JavaClass type, ConditionEvents events) {
                        Stream.of(
                                        type.getSuperclass().stream().flatMap(t -> t.getAllInvolvedRawTypes().stream()),
                                        type.getInterfaces().stream().flatMap(t -> t.getAllInvolvedRawTypes().stream()),
                                        type.getTypeParameters().stream()
                                                .flatMap(t -> t.getAllInvolvedRawTypes().stream()),
                                        type.getFields().stream()
                                                .filter(field -> visible(field.getModifiers()))
                                                .flatMap(Rules::types),
                                        type.getCodeUnits().stream()
                                                .filter(unit -> visible(unit.getModifiers()))
                                                .flatMap(Rules::types))
                                .flatMap(types -> types)
                                .filter(named -> in("org.agrona", named) || in("org.jctools", named))
                                .distinct()
                                .forEach(named -> events.add(SimpleConditionEvent.violated(
                                        type, type.getName() + " names " + named.getName())));
                    }
                })
                .allowEmptyShould(true);
    }

    private static GivenClassesConjunction inPackage(String root) {
        return noClasses().that(describe("are in " + root, type -> in(root, type)));
    }

    private static ArchRule noAccess(String what, Predicate<JavaAccess<?>> forbidden) {
        return classes().should(new ArchCondition<>("make no access " + what) {
            @Override
            public void check(JavaClass type, ConditionEvents events) {
                for (JavaAccess<?> access : type.getAccessesFromSelf()) {
                    if (forbidden.test(access)) {
                        events.add(SimpleConditionEvent.violated(access, access.getDescription()));
                    }
                }
            }
        });
    }

    private static boolean takesExecutor(JavaAccess<?> access) {
        return access.getTarget() instanceof CodeUnitAccessTarget target
                && target.getRawParameterTypes().stream().anyMatch(type -> type.isEquivalentTo(Executor.class));
    }

    private static String outermost(JavaClass type) {
        String name = type.getName();
        int nested = name.indexOf('$');
        return nested < 0 ? name : name.substring(0, nested);
    }

    private static boolean in(String root, JavaClass type) {
        String name = type.getPackageName();
        return name.equals(root) || name.startsWith(root + ".");
    }

    private static boolean visible(Set<JavaModifier> modifiers) {
        return modifiers.contains(JavaModifier.PUBLIC) || modifiers.contains(JavaModifier.PROTECTED);
    }

    private static Stream<JavaClass> types(JavaField field) {
        return field.getType().getAllInvolvedRawTypes().stream();
    }

    private static Stream<JavaClass> types(JavaCodeUnit unit) {
        return Stream.of(
                        unit.getReturnType().getAllInvolvedRawTypes().stream(),
                        unit.getParameterTypes().stream().flatMap(type -> type.getAllInvolvedRawTypes().stream()),
                        unit.getTypeParameters().stream().flatMap(type -> type.getAllInvolvedRawTypes().stream()),
                        unit.getExceptionTypes().stream())
                .flatMap(types -> types);
    }
}

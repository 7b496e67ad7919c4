package io.weir.jcstress;

import java.io.IOException;
import java.io.PrintStream;
import java.util.Collection;
import java.util.List;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.infra.Status;
import org.openjdk.jcstress.infra.collectors.DiskReadCollector;
import org.openjdk.jcstress.infra.collectors.InProcessCollector;
import org.openjdk.jcstress.infra.collectors.TestResult;
import org.openjdk.jcstress.infra.grading.GradingResult;
import org.openjdk.jcstress.infra.runners.TestList;

/**
 * Reads the file of results that a jcstress run left, and says whether the run showed what it had to: no test failed, or, of the broken
 * twins, each one did. A test that was selected and has no result fails too: jcstress leaves out, without a word in its exit code, what it
 * can't schedule on this machine.
 */
public final class StressVerdict {
    private static final String TWIN = "BrokenTwin";

    private StressVerdict() {}

    /**
     * Exits with 0 if all is well, 1 if not, 2 on bad usage.
     *
     * @param args {@code run} or {@code selfcheck}, the file of results, and the regular expression that selected the tests
     */
    public static void main(String[] args) throws IOException, ClassNotFoundException {
        if (args.length != 3 || !List.of("run", "selfcheck").contains(args[0])) {
            System.err.println("usage: StressVerdict run|selfcheck RESULTS REGEX");
            System.exit(2);
        }
        boolean ok = judge(args[0].equals("selfcheck"), read(args[1]), Pattern.compile(args[2]), System.out);
        System.exit(ok ? 0 : 1);
    }

    private static Collection<TestResult> read(String file) throws IOException, ClassNotFoundException {
        InProcessCollector results = new InProcessCollector();
        DiskReadCollector reader = new DiskReadCollector(file, results);
        try {
            reader.dump();
        } finally {
            reader.close();
        }
        return results.getTestResults();
    }

    private static boolean judge(boolean selfcheck, Collection<TestResult> results, Pattern selected, PrintStream out) {
        TreeMap<String, Tally> tests = new TreeMap<>();
        for (String test : TestList.tests()) {
            if (selected.matcher(test).find()) {
                tests.put(test, new Tally());
            }
        }
        for (TestResult result : results) {
            tests.computeIfAbsent(result.getConfig().name, name -> new Tally()).add(result);
        }
        int passed = 0;
        for (var test : tests.entrySet()) {
            boolean twin = test.getKey().contains(TWIN);
            Tally tally = test.getValue();
            boolean ok = twin == selfcheck && (selfcheck ? tally.caught() : tally.clean());
            passed += ok ? 1 : 0;
            out.printf("  %-10s %s%s%n", word(selfcheck, ok), test.getKey(), tally);
        }
        if (selfcheck) {
            TestList.tests().stream()
                    .filter(test -> !test.contains(TWIN) && !TestList.tests().contains(test + TWIN))
                    .filter(test -> selected.matcher(test + TWIN).find())
                    .sorted()
                    .forEach(test -> out.println("  (no twin of its own: " + test + ")"));
        }
        out.printf("%d passed, %d failed%n", passed, tests.size() - passed);
        if (tests.isEmpty()) {
            out.println("No test matches " + selected);
        }
        return !tests.isEmpty() && passed == tests.size();
    }

    private static String word(boolean selfcheck, boolean ok) {
        if (selfcheck) {
            return ok ? "caught" : "NOT caught";
        }
        return ok ? "passed" : "FAILED";
    }

    /** What all configurations of one test showed together. */
    private static final class Tally {
        private int configurations;
        private int unfinished;
        private int failed;
        private long samples;
        private long forbidden;

        void add(TestResult result) {
            configurations++;
            if (result.status() != Status.NORMAL) {
                unfinished++;
                return;
            }
            failed += result.grading().isPassed ? 0 : 1;
            for (GradingResult outcome : result.grading().gradingResults.values()) {
                samples += outcome.count;
                forbidden += outcome.expect == Expect.FORBIDDEN ? outcome.count : 0;
            }
        }

        boolean clean() {
            return configurations > 0 && unfinished == 0 && failed == 0 && samples > 0;
        }

        /** Only a forbidden outcome counts: a twin that crashes or hangs shows nothing about the invariant. */
        boolean caught() {
            return forbidden > 0;
        }

        @Override
        public String toString() {
            if (configurations == 0) {
                return ": not run on this machine";
            }
            String errors = unfinished == 0 ? "" : ", " + unfinished + " configurations crashed or timed out";
            return String.format(
                    ": %,d samples, %,d forbidden, %d configurations%s", samples, forbidden, configurations, errors);
        }
    }
}

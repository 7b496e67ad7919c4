package io.weir.examples;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * The main job, {@code bin/demo}: reads the arguments, wires a run, and ends with its exit code. 0: all is well. 1: the numbers don't add up,
 * or the demo could not run. 2: a bad argument. 130, as shells have it: ended by Ctrl-C, with the report written.
 */
public final class Demo {
    /** Held, or its level could be collected with it. The live view shows each transition; as log lines they would tear it. */
    private static final Logger QUIET = Logger.getLogger("io.weir");

    private static final long PATIENCE_SECONDS = 10;

    private Demo() {}

    public static void main(String[] args) {
        Terminal terminal = Terminal.detect(System.getenv());
        int code = run(List.of(args), terminal, System.err);
        terminal.out().flush();
        System.exit(code);
    }

    static int run(List<String> args, Terminal terminal, PrintStream err) {
        PrintStream out = terminal.out();
        DemoOptions options;
        try {
            options = DemoOptions.parse(args, Path.of(System.getProperty("weir.home", "")));
        } catch (DemoOptions.BadArgument e) {
            err.println("bin/demo: " + e.getMessage());
            return 2;
        }
        if (options.help()) {
            out.print(DemoOptions.HELP);
            return 0;
        }
        try {
            Report.prepare(options.report());
        } catch (IOException e) {
            // Before the run: nobody wants to learn after it that there will be no report.
            err.println("bin/demo: --report = '" + options.report() + "': allowed is a file that can be written (" + e
                    + ")");
            return 2;
        }
        QUIET.setLevel(Level.WARNING);
        DemoRun run = new DemoRun(
                options,
                (target, tuning) -> terminal.live() && !options.plain()
                        ? new LiveView(terminal, target, tuning, options.duration())
                        : new PlainView(out));
        CountDownLatch finished = new CountDownLatch(1);
        AtomicBoolean unsound = new AtomicBoolean();
        Thread hook = new Thread(() -> endEarly(run, finished, unsound), "demo-end");
        Runtime.getRuntime().addShutdownHook(hook);
        try {
            Result result = run.run();
            Summary.print(result, out);
            Path report = Report.write(result, options.report());
            out.println("report    " + report);
            out.flush();
            unsound.set(!result.sound());
            return result.sound() ? 0 : 1;
        } catch (IOException | InterruptedException e) {
            err.println("bin/demo: " + e);
            unsound.set(true);
            return 1;
        } finally {
            finished.countDown();
            removeHook(hook);
        }
    }

    /** On Ctrl-C: the run ends, the main thread writes the report, and the JVM then exits with 130 by itself. */
    private static void endEarly(DemoRun run, CountDownLatch finished, AtomicBoolean unsound) {
        run.stop();
        try {
            boolean inTime = finished.await(PATIENCE_SECONDS, TimeUnit.SECONDS);
            if (!inTime || unsound.get()) {
                Runtime.getRuntime().halt(1);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void removeHook(Thread hook) {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // It is running: somebody pressed Ctrl-C.
        }
    }
}

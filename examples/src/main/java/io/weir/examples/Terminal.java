package io.weir.examples;

import java.io.Console;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What standard output can do.
 *
 * @param live whether it is a terminal that can be drawn on
 * @param colour whether colours are wanted
 * @param unicode whether it can show blocks and bullets
 * @param out buffered, to be flushed
 */
record Terminal(boolean live, boolean colour, boolean unicode, PrintStream out) {

    @SuppressWarnings(
            "SystemConsoleNull") // before 22 it says that there is no terminal; for later ones, isTerminal does
    static Terminal detect(Map<String, String> environment) {
        Console console = System.console();
        boolean terminal = console != null && isTerminal(console);
        String term = environment.getOrDefault("TERM", "");
        boolean roomy = atLeast(environment.get("LINES"), LiveView.LINES + 1)
                && atLeast(environment.get("COLUMNS"), LiveView.COLUMNS + 1);
        boolean live = terminal && roomy && !term.isEmpty() && !term.equals("dumb");
        boolean colour = live && environment.getOrDefault("NO_COLOR", "").isEmpty();
        Charset charset = console == null ? StandardCharsets.UTF_8 : console.charset();
        boolean unicode = charset.canEncode() && charset.newEncoder().canEncode("\u2581\u2588\u25cf");
        PrintStream out = new PrintStream(new FileOutputStream(FileDescriptor.out), false, charset);
        return new Terminal(live, colour, unicode, out);
    }

    /** Whether a size is large enough, or unknown. */
    private static boolean atLeast(@Nullable String size, int needed) {
        return size == null || !size.matches("[1-9]\\d{0,6}") || Integer.parseInt(size) >= needed;
    }

    /** Since 22, a console may be there without a terminal and then says so; before, it is only there with one. */
    private static boolean isTerminal(Console console) {
        try {
            MethodHandle isTerminal = MethodHandles.publicLookup()
                    .findVirtual(Console.class, "isTerminal", MethodType.methodType(boolean.class));
            return (boolean) isTerminal.invokeExact(console);
        } catch (NoSuchMethodException | IllegalAccessException e) {
            return true;
        } catch (Throwable e) {
            return false;
        }
    }
}

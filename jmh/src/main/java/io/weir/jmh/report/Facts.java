package io.weir.jmh.report;

import java.util.List;

/** What a header says of this machine and JVM, for reports of other packages. */
public final class Facts {
    private Facts() {}

    /** Machine and date, and the JVM. */
    public static List<String> here() {
        return About.here(List.of(System.getProperty("java.vm.name") + " " + System.getProperty("java.vm.version")))
                .facts();
    }
}

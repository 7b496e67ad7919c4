package io.weir.examples;

import java.io.IOException;
import java.lang.module.ModuleReader;
import java.util.List;

/**
 * Run by {@link ModulePathTest} in a fresh JVM with engine and api on the module path: loads and initializes every class of both, so that
 * each static initializer (a VarHandle's look-up, a queue's probing of the platform) runs under the module system's rules.
 */
public final class ModulePathMain {
    private ModulePathMain() {}

    public static void main(String[] args) throws IOException, ClassNotFoundException {
        for (String name : List.of("io.weir.engine", "io.weir.api")) {
            Module module = ModuleLayer.boot().findModule(name).orElseThrow();
            System.out.println(name + " " + initializeAll(module));
        }
    }

    private static int initializeAll(Module module) throws IOException, ClassNotFoundException {
        int count = 0;
        try (ModuleReader files = module.getLayer()
                .configuration()
                .findModule(module.getName())
                .orElseThrow()
                .reference()
                .open()) {
            for (String file : (Iterable<String>) files.list()::iterator) {
                if (file.endsWith(".class") && !file.endsWith("-info.class")) {
                    String type =
                            file.substring(0, file.length() - ".class".length()).replace('/', '.');
                    Class<?> loaded = Class.forName(type, true, module.getClassLoader());
                    if (loaded.getModule() != module) {
                        throw new IllegalStateException(type + " came from " + loaded.getModule());
                    }
                    count++;
                }
            }
        }
        return count;
    }
}

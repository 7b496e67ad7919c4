package io.weir.engine.time;

import java.util.List;
import java.util.ResourceBundle;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Keeps what is logged in a test as a warning with its cause. Outside such tests warnings go to System.err. */
final class CapturedLog implements BeforeEachCallback, AfterEachCallback {
    private static volatile @Nullable List<String> captured;

    private final List<String> warnings = new CopyOnWriteArrayList<>();

    List<String> warnings() {
        return warnings;
    }

    @Override
    public void beforeEach(ExtensionContext context) {
        captured = warnings;
    }

    @Override
    public void afterEach(ExtensionContext context) {
        captured = null;
    }

    /** Found through META-INF/services, so that the tests need no logging module. */
    public static final class Finder extends System.LoggerFinder {
        @Override
        public System.Logger getLogger(String name, Module module) {
            return new Logger(name);
        }
    }

    private record Logger(String name) implements System.Logger {
        @Override
        public String getName() {
            return name;
        }

        @Override
        public boolean isLoggable(Level level) {
            return level.compareTo(Level.WARNING) >= 0;
        }

        @Override
        public void log(Level level, @Nullable ResourceBundle bundle, String message, @Nullable Throwable thrown) {
            List<String> sink = captured;
            if (sink != null && level == Level.WARNING && thrown != null) {
                sink.add(message);
            } else if (isLoggable(level)) {
                System.err.println(level + " " + name + ": " + message + " " + thrown);
            }
        }

        @Override
        public void log(Level level, @Nullable ResourceBundle bundle, String format, Object... parameters) {
            log(level, bundle, format, (Throwable) null);
        }
    }
}

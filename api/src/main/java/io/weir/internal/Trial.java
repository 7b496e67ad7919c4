package io.weir.internal;

import io.weir.CallOptions;
import org.jspecify.annotations.Nullable;

/** A slot that must be asked before each invocation of the innermost call; a list, innermost first. */
record Trial(Stage stage, long token, @Nullable Trial outer) {

    /** Asks every slot in the list; the refusal of the first that is good no longer, or null. */
    static @Nullable Failed begin(@Nullable Trial innermost, CallOptions options) {
        for (Trial trial = innermost; trial != null; trial = trial.outer) {
            if (!trial.stage.begin(trial.token)) {
                return trial.stage.refused(options);
            }
        }
        return null;
    }
}

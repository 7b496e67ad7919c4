package io.weir;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/** A suspended process; {@code -Dweir.stopped.seconds=5} runs it. */
class StoppedProcessTest {
    @Test
    void aProcessThatWasStoppedUnderLoadBringsNoBurstAfterwardsAndItsTimersGoOn() throws Exception {
        int seconds = Integer.getInteger("weir.stopped.seconds", 0);
        Assumptions.assumeTrue(seconds > 0, "takes its time: in the long form only");
        Process process = new ProcessBuilder(
                        System.getProperty("java.home") + "/bin/java",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Stopped.class.getName(),
                        String.valueOf(seconds + 4))
                .redirectErrorStream(true)
                .start();
        try (BufferedReader out =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            assertThat(out.readLine()).isEqualTo("runs");
            assertThat(process.waitFor(1, TimeUnit.SECONDS)).isFalse();
            signal("STOP", process);
            assertThat(process.waitFor(seconds, TimeUnit.SECONDS)).isFalse();
            signal("CONT", process);
            assertThat(out.readLine()).startsWith("kept, ");
        } finally {
            process.destroyForcibly();
        }
    }

    private static void signal(String name, Process process) throws Exception {
        assertThat(new ProcessBuilder("kill", "-" + name, String.valueOf(process.pid()))
                        .start()
                        .waitFor())
                .isZero();
    }
}

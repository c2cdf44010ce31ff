package dev.derp4j.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/// Sends signals to a process that takes its time to stop.
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ProcessSignalsTest {
  private Process process;
  private BufferedReader lines;

  /// Waits for a signal, says which, and then stops only when its input ends.
  static final class SlowToStop {
    private SlowToStop() {}

    public static void main(String[] arguments) throws IOException {
      ProcessSignals signals = ProcessSignals.install();
      signals.onReload(() -> System.out.println("reload"));
      System.out.println("ready");
      System.out.println(signals.await());
      System.exit(System.in.read() < 0 ? 7 : 8);
    }
  }

  @BeforeEach
  void start() throws IOException {
    process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                SlowToStop.class.getName())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    lines = process.inputReader();
    assertThat(lines.readLine()).isEqualTo("ready");
  }

  @AfterEach
  void end() {
    process.destroyForcibly();
  }

  private void send(String signal) throws IOException, InterruptedException {
    new ProcessBuilder("kill", "-" + signal, Long.toString(process.pid())).start().waitFor();
  }

  @ParameterizedTest
  @ValueSource(strings = {"TERM", "INT"})
  void theFirstSignalLeavesTheTimeToStop(String signal) throws Exception {
    send(signal);
    assertThat(lines.readLine()).isEqualTo("SIG" + signal);
    process.outputWriter().close();
    assertThat(process.waitFor()).as("its own exit status").isEqualTo(7);
  }

  @Test
  void aSecondSignalEndsTheProcessAtOnceWithStatus0() throws Exception {
    send("TERM");
    assertThat(lines.readLine()).isEqualTo("SIGTERM");
    send("INT");
    assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).isZero();
  }

  @Test
  void hupReadsAgainAndStopsNothing() throws Exception {
    send("HUP");
    assertThat(lines.readLine()).isEqualTo("reload");
    send("HUP");
    assertThat(lines.readLine()).isEqualTo("reload");
    send("TERM");
    assertThat(lines.readLine()).isEqualTo("SIGTERM");
  }
}

package dev.derp4j.bench.load.report;

import java.io.IOException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// Reads the server's accounts at begin and end of the counted time; where no process is known,
/// nothing.
public final class ServerWatch {
  private final @Nullable ServerProcess process;
  private final String settle;
  private double cpu;
  private long beganAt;
  private @Nullable Memory before;

  /// @param pid the server's process, 0 if unknown
  /// @param settle a shell command to run before memory is read when [#settledMemory] is asked for;
  ///     may be empty
  public ServerWatch(long pid, String settle) {
    this.process = pid == 0 ? null : new ServerProcess(pid);
    this.settle = settle;
  }

  /// Counts from here.
  public void begin() throws IOException {
    if (process != null) {
      before = process.memory();
      beganAt = System.nanoTime();
      cpu = process.cpuSeconds();
    }
  }

  /// What was used since [#begin].
  public @Nullable ServerReport end() throws IOException {
    if (process == null || before == null) {
      return null;
    }
    double used = process.cpuSeconds() - cpu;
    double elapsed = (System.nanoTime() - beganAt) / 1e9;
    int processors = process.processors();
    return new ServerReport(
        used, used / elapsed / processors, processors, before, process.memory());
  }

  /// Memory now, as it is.
  public @Nullable Memory memory() throws IOException {
    return process == null ? null : process.memory();
  }

  /// Memory after the settle command, such as one that collects the server's garbage.
  public @Nullable Memory settledMemory() throws IOException, InterruptedException {
    if (process != null && !settle.isEmpty()) {
      Process command =
          new ProcessBuilder("sh", "-c", settle)
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      if (!command.waitFor(60, TimeUnit.SECONDS) || command.exitValue() != 0) {
        throw new IOException("the settle command failed: " + settle);
      }
    }
    return memory();
  }
}

package dev.derp4j.bench.load.report;

import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// Reads the accounts of the server's process, or of all processes of a region, at begin and end
/// of the counted time; where no process is known, nothing.
public final class ServerWatch {
  private final List<ServerProcess> processes;
  private final String settle;
  private List<Double> cpu = List.of();
  private long beganAt;
  private @Nullable Memory before;

  /// @param pids the server's processes, none if unknown
  /// @param settle a shell command to run before memory is read when [#settledMemory] is asked for;
  ///     may be empty
  public ServerWatch(List<Long> pids, String settle) {
    this.processes = pids.stream().map(ServerProcess::new).toList();
    this.settle = settle;
  }

  /// Counts from here.
  public void begin() throws IOException {
    before = memory();
    beganAt = System.nanoTime();
    cpu = cpuSeconds();
  }

  /// What was used since [#begin].
  public @Nullable ServerReport end() throws IOException {
    if (before == null) {
      return null;
    }
    List<Double> now = cpuSeconds();
    double elapsed = (System.nanoTime() - beganAt) / 1e9;
    double used = 0;
    double busiest = 0;
    BitSet allowed = new BitSet();
    for (int i = 0; i < processes.size(); i++) {
      BitSet own = processes.get(i).allowed();
      double one = now.get(i) - cpu.get(i);
      used += one;
      busiest = Math.max(busiest, one / elapsed / own.cardinality());
      allowed.or(own);
    }
    // Two that share a processor are at their limit together, two with one each when one of them
    // is.
    double share = Math.max(busiest, used / elapsed / allowed.cardinality());
    Memory after = memory();
    return new ServerReport(
        used, share, allowed.cardinality(), before, after == null ? before : after);
  }

  private List<Double> cpuSeconds() throws IOException {
    List<Double> seconds = new ArrayList<>();
    for (ServerProcess process : processes) {
      seconds.add(process.cpuSeconds());
    }
    return seconds;
  }

  /// Memory now, as it is.
  ///
  /// @throws IOException if a process has ended
  public @Nullable Memory memory() throws IOException {
    Memory sum = null;
    for (ServerProcess process : processes) {
      try {
        Memory one = process.memory();
        sum = sum == null ? one : sum.plus(one);
      } catch (NoSuchFileException e) {
        throw new IOException("no process " + process + " on this machine", e);
      }
    }
    return sum;
  }

  /// The fewest files that any of the processes may have open.
  public long openFileLimit() throws IOException {
    long least = Long.MAX_VALUE;
    for (ServerProcess process : processes) {
      least = Math.min(least, process.openFileLimit());
    }
    return least;
  }

  /// Memory after the settle command, such as one that collects the server's garbage.
  public @Nullable Memory settledMemory() throws IOException, InterruptedException {
    if (!processes.isEmpty() && !settle.isEmpty()) {
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

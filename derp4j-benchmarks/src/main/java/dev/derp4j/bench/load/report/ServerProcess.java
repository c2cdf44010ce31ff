package dev.derp4j.bench.load.report;

import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.List;

/// The server's process as the kernel accounts for it. Linux only; the server must run on this
/// machine.
public final class ServerProcess {
  /// `USER_HZ`, in which the kernel states processor times to programs; 100 on every Linux that
  /// Java runs on.
  private static final double TICKS_PER_SECOND = 100;

  private final Path directory;

  /// @param pid as seen from here
  public ServerProcess(long pid) {
    this(Path.of("/proc", Long.toString(pid)));
  }

  ServerProcess(Path directory) {
    this.directory = directory;
  }

  /// Processor time used so far, user and system, of all its threads, dead ones too.
  public double cpuSeconds() throws IOException {
    String stat = Files.readString(directory.resolve("stat"));
    // The second field is the program's name in parentheses and may hold anything, so count from
    // its end.
    List<String> fields = List.of(stat.substring(stat.lastIndexOf(')') + 2).split(" "));
    long userTicks = Long.parseLong(fields.get(11));
    long systemTicks = Long.parseLong(fields.get(12));
    return (userTicks + systemTicks) / TICKS_PER_SECOND;
  }

  /// Memory in use now.
  public Memory memory() throws IOException {
    long rss = 0;
    long pss = 0;
    long uss = 0;
    for (String line : Files.readAllLines(directory.resolve("smaps_rollup"))) {
      if (line.startsWith("Rss:")) {
        rss = kilobytes(line);
      } else if (line.startsWith("Pss:")) {
        pss = kilobytes(line);
      } else if (line.startsWith("Private_Clean:") || line.startsWith("Private_Dirty:")) {
        uss += kilobytes(line);
      }
    }
    return new Memory(rss, pss, uss);
  }

  /// The processors that it may run on, by number.
  public BitSet allowed() throws IOException {
    BitSet allowed = new BitSet();
    for (String line : Files.readAllLines(directory.resolve("status"))) {
      if (line.startsWith("Cpus_allowed:")) {
        String mask = line.substring(line.indexOf(':') + 1).strip().replace(",", "");
        BigInteger bits = new BigInteger(mask, 16);
        for (int i = 0; i < bits.bitLength(); i++) {
          allowed.set(i, bits.testBit(i));
        }
      }
    }
    if (allowed.isEmpty()) {
      allowed.set(0, Runtime.getRuntime().availableProcessors());
    }
    return allowed;
  }

  /// How many files it may have open; connections are files.
  public long openFileLimit() throws IOException {
    for (String line : Files.readAllLines(directory.resolve("limits"))) {
      if (line.startsWith("Max open files")) {
        String soft = line.substring("Max open files".length()).strip().split(" +")[0];
        return soft.equals("unlimited") ? Long.MAX_VALUE : Long.parseLong(soft);
      }
    }
    return Long.MAX_VALUE;
  }

  @Override
  public String toString() {
    return String.valueOf(directory.getFileName());
  }

  private static long kilobytes(String line) {
    return Long.parseLong(line.replaceAll("\\D", ""));
  }
}

package dev.derp4j.metrics;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/// Facts about this process from Linux' `/proc`; sources: proc(5). Everything here throws
/// [IllegalStateException] or [UncheckedIOException] where the file is not as that page says.
final class ProcFiles {
  private static final Path SELF = Path.of("/proc/self");

  /// `sysconf(_SC_CLK_TCK)`: 100 on every Linux that Java runs on.
  private static final double TICKS_PER_SECOND = 100;

  /// Behind the process' name, which may hold anything: field 3, the state, is the first that can
  /// be split off.
  private static final int FIRST_STAT_FIELD = 3;

  private ProcFiles() {}

  static boolean present() {
    return Files.isReadable(SELF.resolve("stat"));
  }

  static double cpuSeconds() {
    return (statField(14) + statField(15)) / TICKS_PER_SECOND;
  }

  static long virtualBytes() {
    return statField(23);
  }

  static long residentBytes() {
    return kibibytes("VmRSS:");
  }

  static long anonymousBytes() {
    return kibibytes("RssAnon:");
  }

  /// Unix seconds, with the fraction that the clock ticks give.
  static double startSeconds() {
    return bootSeconds() + statField(22) / TICKS_PER_SECOND;
  }

  static long bootSeconds() {
    return Long.parseLong(lineOf(Path.of("/proc/stat"), "btime ").trim());
  }

  static long openFileDescriptors() {
    try (Stream<Path> descriptors = Files.list(SELF.resolve("fd"))) {
      return descriptors.count();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// The soft limit; −1 if there is none.
  static long maxFileDescriptors() {
    String soft = words(lineOf(SELF.resolve("limits"), "Max open files"))[0];
    return soft.equals("unlimited") ? -1 : Long.parseLong(soft);
  }

  /// A counter of IP traffic of the network namespace.
  static long networkBytes(String field) {
    List<String> lines =
        lines(SELF.resolve("net/netstat")).filter(line -> line.startsWith("IpExt:")).toList();
    if (lines.size() != 2) {
      throw new IllegalStateException("netstat without IpExt");
    }
    int column = List.of(words(lines.getFirst())).indexOf(field);
    if (column < 0) {
      throw new IllegalStateException("netstat without " + field);
    }
    return Long.parseLong(words(lines.getLast())[column]);
  }

  private static long statField(int number) {
    String stat = lineOf(SELF.resolve("stat"), "");
    String[] fields = words(stat.substring(stat.lastIndexOf(')') + 1));
    return Long.parseLong(fields[number - FIRST_STAT_FIELD]);
  }

  private static long kibibytes(String prefix) {
    return Long.parseLong(words(lineOf(SELF.resolve("status"), prefix))[0]) * 1024;
  }

  private static String[] words(String text) {
    return text.trim().split("\\s+", -1);
  }

  /// What stands behind the prefix in the first line that starts with it.
  private static String lineOf(Path file, String prefix) {
    return lines(file)
        .filter(line -> line.startsWith(prefix))
        .findFirst()
        .map(line -> line.substring(prefix.length()))
        .orElseThrow(() -> new IllegalStateException(file + " without " + prefix));
  }

  private static Stream<String> lines(Path file) {
    try {
      return Files.readAllLines(file).stream();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}

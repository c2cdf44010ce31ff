package dev.derp4j.bench.load.report;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// How busy all processors of this machine are, from the first line of `/proc/stat`.
///
/// What neither server nor generator used was taken by somebody else, and by the host of a virtual
/// machine; with more than a little of it no figure is worth much.
final class Machine {
  private static final double TICKS_PER_SECOND = 100;
  private static final int IDLE = 3;
  private static final int WAITING_FOR_DISK = 4;
  private static final int STOLEN = 7;

  private Machine() {}

  /// Processor seconds used since the machine started, over all processors; negative if unknown.
  static double busySeconds() {
    try {
      return busySeconds(Files.readAllLines(Path.of("/proc/stat")).getFirst());
    } catch (IOException e) {
      return -1;
    }
  }

  /// Reads `cpu  user nice system idle iowait irq softirq steal guest …`; guests count as user too.
  static double busySeconds(String line) {
    List<String> fields = List.of(line.split(" +"));
    double ticks = 0;
    for (int i = 0; i <= STOLEN; i++) {
      if (i != IDLE && i != WAITING_FOR_DISK) {
        ticks += Double.parseDouble(fields.get(i + 1));
      }
    }
    return ticks / TICKS_PER_SECOND;
  }
}

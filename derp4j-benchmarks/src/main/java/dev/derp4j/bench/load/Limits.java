package dev.derp4j.bench.load;

import com.sun.management.UnixOperatingSystemMXBean;
import java.io.IOException;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/// What the system allows that stands in the way of very many connections, said before the first.
final class Limits {
  /// Files that a process has open beside its connections.
  private static final int OTHER_FILES = 100;

  /// Ports of an address where Linux is not asked, those of RFC 6335 §6.
  private static final int USUAL_PORTS = 16_384;

  private static final Path PORT_RANGE = Path.of("/proc/sys/net/ipv4/ip_local_port_range");

  private Limits() {}

  /// @param serverFiles how many files the server may have open
  /// @param addresses local addresses to connect from; 0 leaves the choice to the kernel, which
  ///     takes one
  static void check(int connections, long serverFiles, int addresses) throws IOException {
    check(connections, ownFiles(), serverFiles, addresses, ports());
  }

  static void check(int connections, long ownFiles, long serverFiles, int addresses, int ports)
      throws IOException {
    long files = connections + (long) OTHER_FILES;
    if (ownFiles < files) {
      throw new IOException(
          connections + " connections need as many open files, but " + limit(ownFiles));
    }
    if (serverFiles < files) {
      throw new IOException(
          connections
              + " connections need as many open files in the server, but there "
              + limit(serverFiles));
    }
    int from = Math.max(1, addresses);
    if ((long) from * ports < connections) {
      throw new IOException(
          "%d connections need more local addresses: one has %d ports, and there %s; see --sources"
              .formatted(connections, ports, from == 1 ? "is 1" : "are " + from));
    }
  }

  private static String limit(long files) {
    return "the limit is " + files + ": see ulimit -n";
  }

  private static long ownFiles() {
    return ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean system
        ? system.getMaxFileDescriptorCount()
        : Long.MAX_VALUE;
  }

  private static int ports() {
    // Such files give all of themselves to the first read and nothing to a second one, and
    // Files.readString begins with a byte.
    try (InputStream file = Files.newInputStream(PORT_RANGE)) {
      byte[] text = new byte[64];
      int length = Math.max(0, file.read(text));
      String[] range = new String(text, 0, length, StandardCharsets.US_ASCII).strip().split("\\s+");
      return range.length == 2
          ? Integer.parseInt(range[1]) - Integer.parseInt(range[0]) + 1
          : USUAL_PORTS;
    } catch (IOException e) {
      return USUAL_PORTS;
    }
  }
}

package dev.derp4j.server;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Assumptions;

/// What this process holds of the system: sockets, and the descriptors that event loops wait on.
final class OpenSockets {
  private static final Path DESCRIPTORS = Path.of("/proc/self/fd");

  private OpenSockets() {}

  /// How many there are; where that cannot be found out, the test is skipped.
  static int count() throws IOException {
    Assumptions.assumeTrue(Files.isDirectory(DESCRIPTORS), "only Linux tells open descriptors");
    int count = 0;
    try (DirectoryStream<Path> all = Files.newDirectoryStream(DESCRIPTORS)) {
      for (Path each : all) {
        if (isOfNetwork(each)) {
          count++;
        }
      }
    }
    return count;
  }

  private static boolean isOfNetwork(Path descriptor) throws IOException {
    try {
      String target = Files.readSymbolicLink(descriptor).toString();
      return target.startsWith("socket:") || target.startsWith("anon_inode:");
    } catch (NoSuchFileException closedMeanwhile) {
      return false;
    }
  }

  /// The names of a relay's threads that are alive.
  static List<String> relayThreads() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(Thread::isAlive)
        .map(Thread::getName)
        .filter(name -> name.startsWith("relay-") || name.equals("stun"))
        .toList();
  }
}

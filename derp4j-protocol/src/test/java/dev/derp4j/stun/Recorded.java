package dev.derp4j.stun;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;

/// Lines of the files that interop/vectors/stun recorded from the original, split at blanks;
/// comments are left out.
final class Recorded {
  private Recorded() {}

  static List<String[]> lines(String file) {
    try (InputStream in = Recorded.class.getResourceAsStream(file)) {
      return new String(in.readAllBytes(), StandardCharsets.US_ASCII)
          .lines()
          .filter(line -> !line.startsWith("#"))
          .map(line -> line.split(" ", -1))
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static byte[] bytes(String hex) {
    return HexFormat.of().parseHex(hex);
  }

  static TransactionId id(String hex) {
    return TransactionId.read(bytes(hex), 0);
  }

  static InetSocketAddress address(String ip, String port) {
    try {
      return new InetSocketAddress(InetAddress.getByName(ip), Integer.parseInt(port));
    } catch (UnknownHostException e) {
      throw new AssertionError(e);
    }
  }
}

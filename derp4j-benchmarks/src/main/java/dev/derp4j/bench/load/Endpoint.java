package dev.derp4j.bench.load;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.net.UnknownHostException;

/// Reads `HOST:PORT`, and says a word of warning where that is another machine.
final class Endpoint {
  /// The block that is set aside for benchmarks, 198.18.0.0/15 (RFC 2544).
  private static final int BENCHMARK_NET = 198;

  private Endpoint() {}

  static InetSocketAddress parse(String option, String text) throws UnknownHostException {
    int colon = text.lastIndexOf(':');
    if (colon < 1) {
      throw new IllegalArgumentException(option + " wants HOST:PORT, not " + text);
    }
    int port = Check.number(option, text.substring(colon + 1));
    Check.between("the port of " + option, port, 1, 65535);
    String host = text.substring(0, colon).replace("[", "").replace("]", "");
    try {
      return new InetSocketAddress(InetAddress.getByName(host), port);
    } catch (UnknownHostException e) {
      UnknownHostException clear = new UnknownHostException("no such host: " + host);
      clear.initCause(e);
      throw clear;
    }
  }

  /// The warning for an address that is not on this machine; empty for one that is.
  static String warning(InetSocketAddress server) {
    InetAddress address = server.getAddress();
    return isHere(address)
        ? ""
        : "bench: WARNING: "
            + address.getHostAddress()
            + " is another machine; loading a server that is not yours is an attack on it and"
            + " those who use it";
  }

  private static boolean isHere(InetAddress address) {
    byte[] bytes = address.getAddress();
    boolean benchmark =
        bytes.length == 4 && (bytes[0] & 0xFF) == BENCHMARK_NET && (bytes[1] & 0xFE) == 18;
    try {
      return benchmark
          || address.isLoopbackAddress()
          || address.isAnyLocalAddress()
          || NetworkInterface.getByInetAddress(address) != null;
    } catch (SocketException e) {
      return false;
    }
  }
}

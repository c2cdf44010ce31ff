package dev.derp4j.cli;

import dev.derp4j.cli.flags.UsageException;
import dev.derp4j.server.DerpRelay;
import dev.derp4j.server.RelayConfig;
import dev.derp4j.server.RelayStartException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/// Starts a relay on loopback, asks it for a page and for an upgrade, and stops it.
///
/// The launcher has the JVM record this once, so that every later start finds its classes read,
/// verified and linked. What is not done here is loaded as usual when it is needed. TLS is left
/// out: recorded classes are all loaded at each start, so that a relay without TLS would take 14 MB
/// more, for 0.15 s of CPU time that one with TLS would save.
final class Rehearsal {
  private static final String PROBE = "GET /derp/probe HTTP/1.1\r\nHost: localhost\r\n\r\n";
  private static final String UPGRADE =
      """
      GET /derp HTTP/1.1\r
      Host: localhost\r
      Upgrade: DERP\r
      Connection: Upgrade\r
      \r
      """;

  private Rehearsal() {}

  static int run(Console console) {
    try {
      Path directory = Files.createTempDirectory("derp4j");
      try {
        play(console, directory.resolve("derper.key").toString());
      } finally {
        delete(directory);
      }
      return 0;
    } catch (IOException | UsageException | StartException | RelayStartException e) {
      console.err().println("derp4j: " + e);
      return 1;
    }
  }

  private static void play(Console console, String keyFile)
      throws IOException, UsageException, StartException, RelayStartException {
    DerperFlags flags = new DerperFlags(console.environment());
    flags.set().parse(List.of("-a=127.0.0.1:0", "-stun-port=0", "-c", keyFile));
    RelayConfig config = new DerperSetup(flags, console.environment()).configure();
    try (DerpRelay relay = DerpRelay.start(config)) {
      ask(relay.derpAddress(), PROBE);
      ask(relay.derpAddress(), UPGRADE);
    }
  }

  /// Reads the first bytes of the answer: the rest takes the same way.
  private static void ask(InetSocketAddress address, String request) throws IOException {
    try (Socket socket = new Socket(address.getAddress(), address.getPort())) {
      socket.setSoTimeout(10_000);
      socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
      if (socket.getInputStream().readNBytes(12).length < 12) {
        throw new IOException("no answer from " + address);
      }
    }
  }

  private static void delete(Path directory) throws IOException {
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}

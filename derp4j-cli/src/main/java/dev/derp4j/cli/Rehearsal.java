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
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/// Starts a relay on loopback as it is run in earnest, with TLS, has a load generator in a process
/// of its own connect clients and relay packets through it, and stops it.
///
/// The launcher has the JVM record this once. Every later start then finds its classes read,
/// verified and linked, and knows from the recorded profiles what to compile. What is not done here
/// is loaded as usual when it is needed.
final class Rehearsal {
  private static final String PROBE = "GET /generate_204 HTTP/1.1\r\nHost: localhost\r\n\r\n";
  private static final String METRICS = "GET /debug/varz HTTP/1.1\r\nHost: localhost\r\n\r\n";

  /// Beyond it the load generator is stuck.
  private static final int LOAD_SECONDS = 60;

  private Rehearsal() {}

  static int run(Console console) {
    try {
      Path directory = Files.createTempDirectory("derp4j");
      try {
        play(console, directory);
      } finally {
        delete(directory);
      }
      return 0;
    } catch (IOException
        | InterruptedException
        | UsageException
        | StartException
        | RelayStartException e) {
      console.err().println("derp4j: " + e);
      return 1;
    }
  }

  private static void play(Console console, Path directory)
      throws IOException,
          InterruptedException,
          UsageException,
          StartException,
          RelayStartException {
    DerperFlags flags = new DerperFlags(console.environment());
    flags
        .set()
        .parse(
            List.of(
                "-a=127.0.0.1:0",
                "-http-port=0",
                "-stun-port=0",
                "-c=" + directory.resolve("derper.key"),
                "-certmode=manual",
                "-certdir=" + directory,
                "-hostname=127.0.0.1"));
    RelayConfig config = new DerperSetup(flags, console.environment()).configure();
    try (DerpRelay relay = DerpRelay.start(config)) {
      InetSocketAddress http = relay.httpAddress().orElseThrow();
      ask(http, PROBE);
      ask(http, METRICS);
      load(relay.derpAddress(), "storm", "--warmup", "0", "--duration", "2", "--rest", "0");
      load(relay.derpAddress(), "closed", "--pairs", "4", "--warmup", "0", "--duration", "1");
    }
  }

  /// Runs `derp4j bench load MODE` against the relay, in a JVM that is not recorded.
  private static void load(InetSocketAddress relay, String mode, String... options)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"));
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.addAll(List.of(Derp4j.class.getName(), "bench", "load", mode));
    command.addAll(List.of("--server", "127.0.0.1:" + relay.getPort()));
    command.addAll(List.of(options));
    Process process = new ProcessBuilder(command).inheritIO().start();
    try {
      if (!process.waitFor(LOAD_SECONDS, TimeUnit.SECONDS) || process.exitValue() != 0) {
        throw new IOException("bench load " + mode + " failed");
      }
    } finally {
      process.destroyForcibly();
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

package dev.derp4j.systemtests;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;

/// The Go original's relay as a process, on a free port of loopback.
final class OriginalDerper implements AutoCloseable {
  private static final String NAME = "DERP4J_ORIGINAL_DERPER";
  private static final Duration START = Duration.ofSeconds(30);

  private final Process process;
  private final InetSocketAddress address;

  private OriginalDerper(Process process, InetSocketAddress address) {
    this.process = process;
    this.address = address;
  }

  /// The binary that the system property `derp4j.original.derper` or the environment names.
  static Optional<Path> binary() {
    String named = System.getProperty("derp4j.original.derper", System.getenv(NAME));
    return named == null || named.isEmpty() ? Optional.empty() : Optional.of(Path.of(named));
  }

  /// @param hostname what `<hostname>.crt` in the directory is for; empty for plain HTTP
  static OriginalDerper start(Path directory, String meshKey, String hostname) throws IOException {
    InetSocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), freePort());
    Path meshFile = Files.writeString(directory.resolve("mesh.key"), meshKey);
    List<String> command =
        new ArrayList<>(
            List.of(
                binary().orElseThrow().toString(),
                "-a",
                "127.0.0.1:" + address.getPort(),
                "-c",
                directory.resolve("derper.key").toString(),
                "-stun=false",
                "-http-port",
                "-1",
                "-mesh-psk-file",
                meshFile.toString()));
    if (!hostname.isEmpty()) {
      command.addAll(
          List.of("-certmode", "manual", "-certdir", directory.toString(), "-hostname", hostname));
    }
    Path log = directory.resolve("derper.log");
    Process process =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile()).start();
    OriginalDerper derper = new OriginalDerper(process, address);
    try {
      Awaitility.await("the original's start").atMost(START).until(derper::answers);
    } catch (RuntimeException late) {
      derper.close();
      throw new AssertionError("the original said: " + Files.readString(log), late);
    }
    return derper;
  }

  /// The original takes no port 0.
  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private boolean answers() {
    if (!process.isAlive()) {
      throw new IllegalStateException("it ended with status " + process.exitValue());
    }
    try (Socket socket = new Socket()) {
      socket.connect(address, 1000);
      return true;
    } catch (IOException notYet) {
      return false;
    }
  }

  InetSocketAddress address() {
    return address;
  }

  @Override
  public void close() {
    process.destroyForcibly();
    try {
      process.waitFor(10, TimeUnit.SECONDS);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}

package dev.derp4j.admission;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;

/// Listens on a unix socket and answers each request with the bytes that the test chooses.
public final class FakeTailscaled implements AutoCloseable {
  private final Path directory;
  private final Path socket;
  private final ServerSocketChannel server;
  private final List<String> requests = new CopyOnWriteArrayList<>();
  private final List<SocketChannel> connections = new CopyOnWriteArrayList<>();
  private volatile Function<String, byte[]> answers;

  /// @param answers from a request's text to what is answered; null leaves it waiting
  public FakeTailscaled(Function<String, byte[]> answers) throws IOException {
    this.answers = answers;
    // Not a test's own folder, whose path can be too long for a socket.
    directory = Files.createTempDirectory("ts");
    socket = directory.resolve("s");
    server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    server.bind(UnixDomainSocketAddress.of(socket));
    Thread.ofVirtual().start(this::serve);
  }

  public Path socket() {
    return socket;
  }

  public List<String> requests() {
    return requests;
  }

  public void answer(Function<String, byte[]> otherwise) {
    answers = otherwise;
  }

  public static byte[] http(int status, String body) {
    return ("HTTP/1.0 " + status + " Text\r\nContent-Type: text/plain\r\n\r\n" + body)
        .getBytes(StandardCharsets.UTF_8);
  }

  private void serve() {
    try {
      while (true) {
        SocketChannel connection = server.accept();
        connections.add(connection);
        Thread.ofVirtual().start(() -> talk(connection));
      }
    } catch (IOException closed) {
      // The end.
    }
  }

  private void talk(SocketChannel connection) {
    try {
      ByteBuffer in = ByteBuffer.allocate(4096);
      while (!text(in).endsWith("\r\n\r\n") && connection.read(in) >= 0) {
        // On.
      }
      requests.add(text(in));
      byte[] answer = answers.apply(text(in));
      if (answer != null) {
        ByteBuffer out = ByteBuffer.wrap(answer);
        while (out.hasRemaining()) {
          connection.write(out);
        }
        connection.close();
      }
    } catch (IOException gone) {
      // The asker left.
    }
  }

  private static String text(ByteBuffer in) {
    return new String(in.array(), 0, in.position(), StandardCharsets.US_ASCII);
  }

  @Override
  public void close() throws IOException {
    server.close();
    for (SocketChannel connection : connections) {
      connection.close();
    }
    Files.deleteIfExists(socket);
    Files.delete(directory);
  }
}

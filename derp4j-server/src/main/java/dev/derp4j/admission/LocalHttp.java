package dev.derp4j.admission;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;

/// GET requests to a program on this machine over its unix socket: one connection each, HTTP/1.0,
/// so that the answer ends where the connection does.
///
/// ```text
/// GET /path HTTP/1.0 CRLF Host: … CRLF CRLF
/// HTTP/1.x 200 OK CRLF header CRLF … CRLF CRLF body
/// ```
///
/// Thread-safe. Blocks its caller, which should be a virtual thread.
final class LocalHttp {
  /// More than the headers and any message about an error need.
  static final int MAX_ANSWER = 256 * 1024;

  private final Path socket;
  private final String host;
  private final Watchdog watchdog;

  /// @param status the number in the first line
  record Answer(int status, String body) {}

  LocalHttp(Path socket, String host, Watchdog watchdog) {
    this.socket = socket;
    this.host = host;
    this.watchdog = watchdog;
  }

  /// @param headOnlyFor a status whose answer needs no body: it is not read then
  /// @param limit from the connecting to the last byte
  /// @throws TimeoutException if that was not enough
  /// @throws IOException if nobody listens, or what it says is no HTTP or too long; the message is
  ///     fit for the log
  Answer get(String target, int headOnlyFor, Duration limit) throws IOException, TimeoutException {
    if (!Files.exists(socket)) {
      throw new IOException(socket + ": no such socket");
    }
    AtomicBoolean late = new AtomicBoolean();
    try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      Future<?> end =
          watchdog.after(
              limit,
              () -> {
                late.set(true);
                close(channel);
              });
      try {
        channel.connect(UnixDomainSocketAddress.of(socket));
        String request = "GET " + target + " HTTP/1.0\r\nHost: " + host + "\r\n\r\n";
        ByteBuffer out = StandardCharsets.US_ASCII.encode(request);
        while (out.hasRemaining()) {
          channel.write(out);
        }
        return read(channel, headOnlyFor);
      } finally {
        end.cancel(false);
      }
    } catch (IOException failed) {
      if (late.get()) {
        throw new TimeoutException(socket + ": no answer in time");
      }
      throw new IOException(socket + ": " + failed.getMessage(), failed);
    }
  }

  private static void close(SocketChannel channel) {
    try {
      channel.close();
    } catch (IOException ignored) {
      // Its reader notices all the same.
    }
  }

  /// It took too long.
  static final class TimeoutException extends Exception {
    private static final long serialVersionUID = 1;

    TimeoutException(String message) {
      super(message);
    }
  }

  private static Answer read(SocketChannel channel, int headOnlyFor) throws IOException {
    ByteArrayOutputStream gathered = new ByteArrayOutputStream();
    ByteBuffer in = ByteBuffer.allocate(4096);
    int status = -1;
    while (channel.read(in) >= 0) {
      gathered.write(in.array(), 0, in.position());
      in.clear();
      if (gathered.size() > MAX_ANSWER) {
        throw new IOException("answer longer than " + MAX_ANSWER + " bytes");
      }
      if (status < 0) {
        status = status(gathered.toString(StandardCharsets.ISO_8859_1));
      }
      if (status == headOnlyFor) {
        return new Answer(status, "");
      }
    }
    return parse(gathered.toString(StandardCharsets.UTF_8));
  }

  /// The status as soon as the first line is there; negative before.
  private static int status(String begun) throws IOException {
    int end = begun.indexOf('\n');
    if (end < 0) {
      return -1;
    }
    String[] words = begun.substring(0, end).strip().split(" ", 3);
    if (words.length < 2 || !words[0].startsWith("HTTP/1.") || !words[1].matches("[1-9]\\d\\d")) {
      throw new IOException("the answer is no HTTP");
    }
    return Integer.parseInt(words[1]);
  }

  /// Takes a whole answer apart.
  ///
  /// @throws IOException if it is none, or ends within its head
  static Answer parse(String text) throws IOException {
    if (text.isEmpty()) {
      throw new EOFException("closed without an answer");
    }
    int status = status(text);
    int crlf = text.indexOf("\r\n\r\n");
    if (status < 0 || crlf < 0) {
      throw new EOFException("the answer ends within its head");
    }
    return new Answer(status, text.substring(crlf + 4));
  }
}

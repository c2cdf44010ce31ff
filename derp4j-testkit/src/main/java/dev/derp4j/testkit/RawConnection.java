package dev.derp4j.testkit;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSocket;

/// A TCP or TLS connection for sending what no decent client would send, and for seeing what comes
/// back.
///
/// It reads only when it is asked to, so a connection that nobody reads from fills up, as that of a
/// frozen peer does. Reads end at their deadline with an [AssertionError]; a write that blocks for
/// more than [#WRITE_LIMIT] closes the connection and ends in an [IOException].
///
/// Not thread-safe, except that one thread may write while another one reads.
public final class RawConnection implements AutoCloseable {
  /// How long connecting, a TLS handshake or a single write may take.
  public static final Duration WRITE_LIMIT = Duration.ofSeconds(10);

  private static final ScheduledExecutorService WATCHDOG =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("testkit-watchdog").factory());

  private final Socket transport;
  private final Socket socket;
  private final InputStream in;
  private final OutputStream out;

  private RawConnection(Socket transport, Socket socket) throws IOException {
    this.transport = transport;
    this.socket = socket;
    this.in = socket.getInputStream();
    this.out = socket.getOutputStream();
  }

  /// Connects without TLS.
  public static RawConnection connect(InetSocketAddress address) throws IOException {
    return connect(address, 0);
  }

  /// Connects without TLS, with a receive buffer of about so many bytes; 0 leaves it to the system.
  /// A small one makes a peer that does not read show sooner.
  public static RawConnection connect(InetSocketAddress address, int receiveBuffer)
      throws IOException {
    Socket plain = open(address, receiveBuffer);
    return new RawConnection(plain, plain);
  }

  /// Connects with TLS; the handshake is done when this returns.
  public static RawConnection connect(InetSocketAddress address, int receiveBuffer, TlsSettings tls)
      throws IOException {
    Socket plain = open(address, receiveBuffer);
    try {
      return new RawConnection(plain, tls.handshake(plain, WRITE_LIMIT));
    } catch (IOException | RuntimeException e) {
      plain.close();
      throw e;
    }
  }

  private static Socket open(InetSocketAddress address, int receiveBuffer) throws IOException {
    Socket socket = new Socket();
    try {
      if (receiveBuffer > 0) {
        socket.setReceiveBufferSize(receiveBuffer);
      }
      socket.setTcpNoDelay(true);
      socket.connect(address, (int) WRITE_LIMIT.toMillis());
      return socket;
    } catch (IOException e) {
      socket.close();
      throw e;
    }
  }

  /// Writes all bytes, in one call to the socket.
  public void write(byte[] bytes) throws IOException {
    ScheduledFuture<?> watch =
        WATCHDOG.schedule(this::closeQuietly, WRITE_LIMIT.toMillis(), TimeUnit.MILLISECONDS);
    try {
      out.write(bytes);
      out.flush();
    } finally {
      watch.cancel(false);
    }
  }

  /// Writes text as ISO 8859-1, one byte per character.
  public void write(String text) throws IOException {
    write(text.getBytes(StandardCharsets.ISO_8859_1));
  }

  /// Writes in pieces of `size` bytes with a pause behind each.
  public void writeInPieces(byte[] bytes, int size, Duration pause) throws IOException {
    for (int from = 0; from < bytes.length; from += size) {
      write(Arrays.copyOfRange(bytes, from, Math.min(bytes.length, from + size)));
      pause(pause);
    }
  }

  /// Writes one byte at a time with a pause behind each, over and over, until the peer has had
  /// enough or the time is over. Returns whether the peer closed the connection.
  public boolean dribble(byte[] bytes, Duration pause, Duration limit) {
    long deadline = System.nanoTime() + limit.toNanos();
    for (int i = 0; System.nanoTime() < deadline; i++) {
      try {
        write(new byte[] {bytes[i % bytes.length]});
        if (closedWithin(pause)) {
          return true;
        }
      } catch (IOException closed) {
        return true;
      }
    }
    return false;
  }

  /// Waits so long for the peer to close; what it sends meanwhile is thrown away.
  private boolean closedWithin(Duration wait) throws IOException {
    long deadline = System.nanoTime() + wait.toNanos();
    byte[] away = new byte[4096];
    do {
      int count = readSome(away, Math.max(1, deadline - System.nanoTime()));
      if (count < 0) {
        return true;
      }
    } while (System.nanoTime() < deadline);
    return false;
  }

  /// Reads what is there into `buffer`, waiting for at most the time until something is. Returns
  /// the number of bytes, 0 if the time ran out, -1 if the peer closed or reset the connection.
  int readSome(byte[] buffer, long nanoseconds) throws IOException {
    int milliseconds = Math.clamp(TimeUnit.NANOSECONDS.toMillis(nanoseconds), 1, Integer.MAX_VALUE);
    try {
      socket.setSoTimeout(milliseconds);
      return in.read(buffer);
    } catch (SocketTimeoutException nothingCame) {
      return 0;
    } catch (SocketException reset) {
      return -1;
    }
  }

  /// Reads exactly so many bytes.
  public byte[] read(int count, Duration limit) throws IOException {
    long deadline = System.nanoTime() + limit.toNanos();
    byte[] bytes = new byte[count];
    int have = 0;
    while (have < count) {
      byte[] rest = new byte[count - have];
      int step = readSome(rest, remaining(deadline, limit, have + " of " + count + " bytes"));
      if (step < 0) {
        throw new AssertionError("connection closed after " + have + " of " + count + " bytes");
      }
      System.arraycopy(rest, 0, bytes, have, step);
      have += step;
    }
    return bytes;
  }

  /// Reads an HTTP head, up to and with its blank line, and not a byte of what follows it.
  public String readHead(Duration limit) throws IOException {
    long deadline = System.nanoTime() + limit.toNanos();
    StringBuilder head = new StringBuilder();
    byte[] one = new byte[1];
    while (head.indexOf("\r\n\r\n") < 0) {
      int step = readSome(one, remaining(deadline, limit, "an HTTP head, but this: " + head));
      if (step < 0) {
        throw new AssertionError("connection closed after this of an HTTP head: " + head);
      }
      if (step > 0) {
        head.append((char) (one[0] & 0xff));
      }
    }
    return head.toString();
  }

  /// Reads until the peer closes or resets the connection, and returns all that came before.
  public byte[] readUntilClosed(Duration limit) throws IOException {
    long deadline = System.nanoTime() + limit.toNanos();
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    byte[] buffer = new byte[16384];
    while (true) {
      int step = readSome(buffer, remaining(deadline, limit, "the end of the connection"));
      if (step < 0) {
        return all.toByteArray();
      }
      all.write(buffer, 0, step);
    }
  }

  private static long remaining(long deadline, Duration limit, String what) {
    long left = deadline - System.nanoTime();
    if (left <= 0) {
      throw new AssertionError("within " + limit + " came no more than " + what);
    }
    return left;
  }

  /// Ends our side of the stream; the peer reads its end and may still send.
  public void shutdownOutput() throws IOException {
    socket.shutdownOutput();
  }

  /// Breaks the connection off with a TCP reset, without TLS's goodbye.
  public void reset() throws IOException {
    transport.setSoLinger(true, 0);
    transport.close();
  }

  /// Our end's address.
  public InetSocketAddress localAddress() {
    return (InetSocketAddress) socket.getLocalSocketAddress();
  }

  /// The chain that the server showed, leaf first; empty without TLS.
  public List<X509Certificate> peerCertificates() {
    try {
      return socket instanceof SSLSocket tls
          ? Arrays.stream(tls.getSession().getPeerCertificates())
              .map(X509Certificate.class::cast)
              .toList()
          : List.of();
    } catch (SSLPeerUnverifiedException none) {
      return List.of();
    }
  }

  /// The TLS version, such as `TLSv1.3`; empty without TLS.
  public String tlsVersion() {
    return socket instanceof SSLSocket tls ? tls.getSession().getProtocol() : "";
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }

  private void closeQuietly() {
    try {
      socket.close();
    } catch (IOException alreadyBroken) {
      // the writer that we free sees an exception of its own
    }
  }

  private static void pause(Duration pause) {
    try {
      Thread.sleep(pause);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted", e);
    }
  }
}

package dev.derp4j.bench.load;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;

/// Asks a server that is starting for a page, over and over, until it answers.
///
/// With the JDK's own sockets: nothing here is to need time that would count as the server's, and
/// the first start, which is not counted, has loaded all of it.
final class FirstAnswer {
  private static final int TIMEOUT_MILLIS = 10_000;
  private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

  private final InetSocketAddress address;
  private final @Nullable SSLContext tls;
  private final byte[] request;

  FirstAnswer(InetSocketAddress address, boolean tls, String path) throws IOException {
    this.address = address;
    this.tls = tls ? trusting() : null;
    this.request =
        ("GET " + path + " HTTP/1.1\r\nHost: " + address.getHostString() + "\r\n\r\n")
            .getBytes(StandardCharsets.US_ASCII);
  }

  private static SSLContext trusting() throws IOException {
    try {
      SSLContext context = SSLContext.getInstance("TLSv1.3");
      context.init(null, new TrustManager[] {new Anyone()}, null);
      return context;
    } catch (GeneralSecurityException e) {
      throw new IOException("no TLS: " + e.getMessage(), e);
    }
  }

  /// Whether something listens there.
  boolean isTaken() {
    try (Socket socket = new Socket()) {
      socket.connect(address, TIMEOUT_MILLIS);
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  /// Returns when the answer has begun.
  ///
  /// @throws IOException if the server has ended, or has not answered by the deadline, given in
  ///     terms of [System#nanoTime]
  void await(Process server, long deadline) throws IOException {
    while (true) {
      String failure;
      try {
        String status = ask();
        if (status.startsWith("HTTP/1.1 200 ") || status.startsWith("HTTP/1.1 204 ")) {
          return;
        }
        failure = status;
      } catch (IOException e) {
        failure = String.valueOf(e.getMessage());
      }
      if (!server.isAlive()) {
        throw new IOException("the server ended with status " + server.exitValue());
      }
      if (System.nanoTime() - deadline > 0) {
        throw new IOException("no answer in time: " + failure);
      }
      LockSupport.parkNanos(PAUSE_NANOS);
    }
  }

  private String ask() throws IOException {
    try (Socket plain = new Socket()) {
      plain.connect(address, TIMEOUT_MILLIS);
      plain.setSoTimeout(TIMEOUT_MILLIS);
      if (tls == null) {
        return ask(plain);
      }
      try (SSLSocket socket =
          (SSLSocket)
              tls.getSocketFactory()
                  .createSocket(plain, address.getHostString(), address.getPort(), false)) {
        SSLParameters parameters = socket.getSSLParameters();
        parameters.setEndpointIdentificationAlgorithm(null);
        socket.setSSLParameters(parameters);
        return ask(socket);
      }
    }
  }

  private String ask(Socket socket) throws IOException {
    socket.getOutputStream().write(request);
    InputStream in = socket.getInputStream();
    StringBuilder line = new StringBuilder();
    for (int next = in.read(); next >= 0 && next != '\n'; next = in.read()) {
      line.append((char) next);
    }
    return line.toString().strip();
  }

  /// Takes every certificate: nothing secret is asked, and the server is our own.
  private static final class Anyone implements X509TrustManager {
    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType) {}

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }
}

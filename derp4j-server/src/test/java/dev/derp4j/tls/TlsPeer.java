package dev.derp4j.tls;

import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.KeyStore;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedKeyManager;
import org.jspecify.annotations.Nullable;

/// A stock TLS client, Java's own, that verifies the chain against one root as any client would.
final class TlsPeer {
  final AtomicBoolean askedForCertificate = new AtomicBoolean();
  private final SSLContext context = SSLContext.getInstance("TLS");
  private @Nullable String name;
  private List<String> protocols = List.of("TLSv1.3", "TLSv1.2");
  private List<String> applicationProtocols = List.of();
  private List<String> ciphers = List.of();

  TlsPeer(X509Certificate trusted) throws Exception {
    KeyStore roots = KeyStore.getInstance(KeyStore.getDefaultType());
    roots.load(null, null);
    roots.setCertificateEntry("root", trusted);
    TrustManagerFactory trust =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(roots);
    context.init(new KeyManager[] {new Asked()}, trust.getTrustManagers(), null);
  }

  TlsPeer asking(@Nullable String serverName) {
    name = serverName;
    return this;
  }

  TlsPeer speaking(String... versions) {
    protocols = List.of(versions);
    return this;
  }

  TlsPeer offering(String... alpn) {
    applicationProtocols = List.of(alpn);
    return this;
  }

  TlsPeer with(String... suites) {
    ciphers = List.of(suites);
    return this;
  }

  /// Connects and completes the handshake.
  SSLSocket connect(int port) throws IOException {
    Socket plain = new Socket();
    plain.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 10_000);
    plain.setSoTimeout(10_000);
    // Layered over a socket without a host name, so that Java does not put one into SNI by itself.
    SSLSocket socket = (SSLSocket) context.getSocketFactory().createSocket(plain, null, port, true);
    SSLParameters parameters = socket.getSSLParameters();
    parameters.setProtocols(protocols.toArray(String[]::new));
    if (name != null) {
      parameters.setServerNames(List.of(new SNIHostName(name.getBytes(StandardCharsets.US_ASCII))));
    }
    if (!applicationProtocols.isEmpty()) {
      parameters.setApplicationProtocols(applicationProtocols.toArray(String[]::new));
    }
    if (!ciphers.isEmpty()) {
      parameters.setCipherSuites(ciphers.toArray(String[]::new));
    }
    socket.setSSLParameters(parameters);
    try {
      socket.startHandshake();
      return socket;
    } catch (IOException failed) {
      socket.close();
      throw failed;
    }
  }

  /// What the server presented, in its order.
  List<X509Certificate> chain(int port) throws IOException {
    try (SSLSocket socket = connect(port)) {
      return chain(socket);
    }
  }

  static List<X509Certificate> chain(SSLSocket socket) throws IOException {
    return Arrays.stream(socket.getSession().getPeerCertificates())
        .map(X509Certificate.class::cast)
        .toList();
  }

  /// Sends the text and waits until it came back.
  static String echo(SSLSocket socket, String text) throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    socket.getOutputStream().write(bytes);
    byte[] answer = new byte[bytes.length];
    new DataInputStream(socket.getInputStream()).readFully(answer);
    return new String(answer, StandardCharsets.UTF_8);
  }

  /// Notes whether the server asked for a certificate; has none.
  private final class Asked extends X509ExtendedKeyManager {
    @Override
    public String @Nullable [] getClientAliases(String keyType, Principal @Nullable [] issuers) {
      return null;
    }

    @Override
    public @Nullable String chooseClientAlias(
        String[] keyTypes, Principal @Nullable [] issuers, Socket socket) {
      askedForCertificate.set(true);
      return null;
    }

    @Override
    public String @Nullable [] getServerAliases(String keyType, Principal @Nullable [] issuers) {
      return null;
    }

    @Override
    public @Nullable String chooseServerAlias(
        String keyType, Principal @Nullable [] issuers, Socket socket) {
      return null;
    }

    @Override
    public X509Certificate @Nullable [] getCertificateChain(String alias) {
      return null;
    }

    @Override
    public @Nullable PrivateKey getPrivateKey(String alias) {
      return null;
    }
  }
}

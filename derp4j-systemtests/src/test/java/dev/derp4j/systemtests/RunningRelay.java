package dev.derp4j.systemtests;

import dev.derp4j.client.DerpClient;
import dev.derp4j.client.DerpClientBuilder;
import dev.derp4j.client.dial.CertificateCheck;
import dev.derp4j.client.dial.DerpEndpoint;
import dev.derp4j.client.dial.DialSettings;
import dev.derp4j.client.dial.ProxyEnvironment;
import dev.derp4j.key.MeshKey;
import dev.derp4j.key.NodePrivateKey;
import dev.derp4j.server.DerpRelay;
import dev.derp4j.server.RelayConfig;
import dev.derp4j.server.RelayStartException;
import dev.derp4j.testkit.ConnectProxy;
import dev.derp4j.testkit.TestCertificates;
import dev.derp4j.testkit.TestIdentity;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.MessageDigest;
import java.security.cert.X509Certificate;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;

/// A relay of one kind, and clients that reach it in one way.
final class RunningRelay implements AutoCloseable {
  /// The relay's name in its certificate. No DNS knows it.
  static final String HOST = "derp.test";

  private static final String ADDRESS = "127.0.0.1";
  private static final String USER = "user";
  private static final String PASSWORD = "secret";

  final MeshKey meshKey = MeshKey.generate();
  private final Way way;
  private final Path directory;
  private final TestCertificates authority = TestCertificates.create();
  private @Nullable TestIdentity pinned;
  private final AutoCloseable server;
  private final InetSocketAddress address;
  private final @Nullable ConnectProxy proxy;
  private final DialSettings settings;

  RunningRelay(Way way) throws Exception {
    this.way = way;
    this.directory = Files.createTempDirectory("derp4j-systemtests");
    String hostname = writeCertificate();
    if (way.original()) {
      OriginalDerper derper = OriginalDerper.start(directory, meshKey.secretText(), hostname);
      server = derper;
      address = derper.address();
    } else {
      DerpRelay relay = startOurs(hostname);
      server = relay;
      address = relay.derpAddress();
    }
    proxy = way.proxied() ? startProxy() : null;
    settings = settings().build();
  }

  private String writeCertificate() throws IOException {
    switch (way.security()) {
      case PLAIN -> {
        return "";
      }
      case NAME -> {
        authority.issue(HOST).writeTo(directory, HOST, TestIdentity.KeyForm.PKCS8);
        return HOST;
      }
      case PIN -> {
        TestIdentity identity = TestCertificates.selfSigned(ADDRESS);
        identity.writeTo(directory, ADDRESS, TestIdentity.KeyForm.PKCS8);
        pinned = identity;
        return ADDRESS;
      }
    }
    throw new AssertionError(way);
  }

  private DerpRelay startOurs(String hostname) throws RelayStartException {
    RelayConfig.Builder config =
        RelayConfig.builder(NodePrivateKey.generate())
            .listen(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            .stun(false)
            .eventLoops(2)
            .meshKey(meshKey);
    if (!hostname.isEmpty()) {
      config.certificate(directory, hostname).hostname(hostname);
    }
    return DerpRelay.start(config.build());
  }

  private ConnectProxy startProxy() throws IOException {
    return ConnectProxy.start()
        .requireBasic(USER, PASSWORD)
        .route(HOST + ":" + address.getPort(), address);
  }

  /// What clients here dial with: they find the name, trust the authority, take the way's turns.
  DialSettings.Builder settings() throws GeneralSecurityException, IOException {
    DialSettings.Builder builder =
        DialSettings.builder()
            .fastStart(way.fastStart())
            .webSocket(way.webSocket())
            .roots(trust())
            .resolver(
                (host, loop) ->
                    CompletableFuture.completedFuture(
                        host.equals(HOST) ? List.of(InetAddress.getLoopbackAddress()) : List.of()));
    if (proxy != null) {
      builder.proxies(
          new ProxyEnvironment(
              Map.of(
                  "HTTPS_PROXY",
                  "http://" + USER + ":" + PASSWORD + "@127.0.0.1:" + proxy.address().getPort())));
    }
    return builder;
  }

  private X509TrustManager trust() throws GeneralSecurityException, IOException {
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    store.setCertificateEntry("authority", authority.certificate());
    TrustManagerFactory factory =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    factory.init(store);
    return (X509TrustManager) factory.getTrustManagers()[0];
  }

  DerpEndpoint endpoint() throws GeneralSecurityException {
    TestIdentity identity = pinned;
    if (identity != null) {
      return DerpEndpoint.of(ADDRESS, address.getPort())
          .withCertificate(new CertificateCheck.Pin(sha256(identity.leaf())));
    }
    DerpEndpoint endpoint = DerpEndpoint.of(HOST, address.getPort());
    return way.security() == Way.Security.PLAIN ? endpoint.withoutTls() : endpoint;
  }

  static String sha256(X509Certificate certificate) throws GeneralSecurityException {
    return HexFormat.of()
        .formatHex(MessageDigest.getInstance("SHA-256").digest(certificate.getEncoded()));
  }

  /// A client to be, with a fresh key.
  DerpClientBuilder builder() throws GeneralSecurityException {
    return builder(NodePrivateKey.generate());
  }

  DerpClientBuilder builder(NodePrivateKey key) throws GeneralSecurityException {
    return DerpClient.builder(key).endpoint(endpoint()).dialSettings(settings);
  }

  DerpClientBuilder meshBuilder() throws GeneralSecurityException {
    return builder().meshKey(meshKey);
  }

  int port() {
    return address.getPort();
  }

  boolean usesTls() {
    return way.security() != Way.Security.PLAIN;
  }

  /// How many connections went through the proxy, if there is one.
  int proxied() {
    return proxy == null ? 0 : proxy.requests().size();
  }

  @Override
  public void close() throws Exception {
    if (proxy != null) {
      proxy.close();
    }
    server.close();
    try (Stream<Path> files = Files.list(directory)) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
    }
    Files.delete(directory);
  }
}

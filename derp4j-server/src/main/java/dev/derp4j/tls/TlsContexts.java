package dev.derp4j.tls;

import dev.derp4j.key.NodePublicKey;
import io.netty.handler.ssl.ApplicationProtocolNames;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SSLException;

/// Makes contexts of certificates, all with the same engine. Immutable, for any thread.
///
/// @param relayKey goes into the meta certificate behind each chain
/// @param handshakeTimeout how long a handshake may take
record TlsContexts(TlsEngine engine, NodePublicKey relayKey, Duration handshakeTimeout) {
  /// A context that serves the relay: the chain, and the meta certificate behind it. The list is
  /// made anew each time, so that no chain grows with the contexts that were made of it.
  RelayTlsContext serving(ServerName server, ServerCertificate certificate, Instant now)
      throws SSLException {
    List<X509Certificate> chain = new ArrayList<>(certificate.chain());
    chain.add(MetaCertificate.create(relayKey, now));
    return make(server, chain, certificate, ApplicationProtocolNames.HTTP_1_1);
  }

  /// A context that serves the certificate alone, to those who speak one protocol.
  RelayTlsContext bare(ServerName server, ServerCertificate certificate, String protocol)
      throws SSLException {
    return make(server, certificate.chain(), certificate, protocol);
  }

  private RelayTlsContext make(
      ServerName server,
      List<X509Certificate> chain,
      ServerCertificate certificate,
      String protocol)
      throws SSLException {
    X509Certificate[] presented = chain.toArray(new X509Certificate[0]);
    return switch (engine) {
      case BORINGSSL ->
          new BoringSslContext(server, presented, certificate.key(), protocol, handshakeTimeout);
      case JDK ->
          new JdkTlsContext(server, presented, certificate.key(), protocol, handshakeTimeout);
    };
  }
}

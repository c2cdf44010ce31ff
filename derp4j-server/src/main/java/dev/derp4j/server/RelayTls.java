package dev.derp4j.server;

import dev.derp4j.metrics.Metrics;
import dev.derp4j.tls.AcmeMode;
import dev.derp4j.tls.ServerTls;
import dev.derp4j.tls.ServerTlsConfig;
import dev.derp4j.tls.TlsConfigException;
import dev.derp4j.tls.acme.ChallengeKind;
import java.time.Duration;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Makes the relay's TLS of its configuration.
final class RelayTls {
  private static final Logger LOG = LoggerFactory.getLogger(DerpRelay.class);

  /// Where authorities knock, whatever the port that we listen on.
  private static final int HTTPS_PORT = 443;

  private static final int HTTP_PORT = 80;

  private RelayTls() {}

  static ServerTls start(
      RelayConfig config,
      RelayConfig.Certificate certificate,
      Duration handshakeTimeout,
      Metrics metrics)
      throws TlsConfigException {
    ServerTlsConfig tls =
        switch (certificate) {
          case RelayConfig.ManualCertificate manual ->
              ServerTlsConfig.manual(manual.directory(), manual.hostname());
          case RelayConfig.IssuedCertificate issued ->
              ServerTlsConfig.acme(
                  issued.directory(),
                  issued.hostname(),
                  new AcmeMode(
                      issued.authority(),
                      challenges(config),
                      issued.addresses(),
                      issued.publicAddresses()));
        };
    return ServerTls.start(
        tls.withPort(config.listen().getPort()).withHandshakeTimeout(handshakeTimeout),
        config.privateKey().publicKey(),
        metrics,
        LOG::info);
  }

  /// TLS first, as in the original, unless only HTTP is where an authority looks: a failed attempt
  /// counts against the authority's limits.
  private static List<ChallengeKind> challenges(RelayConfig config) {
    if (config.httpPort().isEmpty()) {
      return List.of(ChallengeKind.TLS_ALPN);
    }
    boolean httpAlone =
        config.listen().getPort() != HTTPS_PORT && config.httpPort().getAsInt() == HTTP_PORT;
    return httpAlone
        ? List.of(ChallengeKind.HTTP, ChallengeKind.TLS_ALPN)
        : List.of(ChallengeKind.TLS_ALPN, ChallengeKind.HTTP);
  }
}

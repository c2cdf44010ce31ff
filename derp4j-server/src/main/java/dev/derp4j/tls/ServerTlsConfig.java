package dev.derp4j.tls;

import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;

/// What [ServerTls] is to serve: made by [#manual], then refined by the `with…` methods.
///
/// @param certDir where `<hostname>.crt` and `<hostname>.key` lie
/// @param hostname the DNS name or address that clients connect to
/// @param port the port clients connect to, for the DERP-map line in the log; 0 where not known
/// @param engine null lets the machine decide
/// @param handshakeTimeout from the accept to the end of the TLS handshake; a connection that takes
///     longer is closed
/// @param clock what time it is; tests travel with it
public record ServerTlsConfig(
    Path certDir,
    String hostname,
    int port,
    @Nullable TlsEngine engine,
    Duration handshakeTimeout,
    InstantSource clock) {
  /// How long a handshake may take where nothing else is said.
  public static final Duration HANDSHAKE_TIMEOUT = Duration.ofSeconds(10);

  /// Certificates that the operator puts into a directory (`-certmode manual`).
  public static ServerTlsConfig manual(Path certDir, String hostname) {
    return new ServerTlsConfig(
        certDir, hostname, 0, null, HANDSHAKE_TIMEOUT, InstantSource.system());
  }

  public ServerTlsConfig withPort(int number) {
    return new ServerTlsConfig(certDir, hostname, number, engine, handshakeTimeout, clock);
  }

  public ServerTlsConfig withEngine(TlsEngine choice) {
    return new ServerTlsConfig(certDir, hostname, port, choice, handshakeTimeout, clock);
  }

  public ServerTlsConfig withHandshakeTimeout(Duration limit) {
    return new ServerTlsConfig(certDir, hostname, port, engine, limit, clock);
  }

  public ServerTlsConfig withClock(InstantSource source) {
    return new ServerTlsConfig(certDir, hostname, port, engine, handshakeTimeout, source);
  }
}

package dev.derp4j.tls;

import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;

/// What [ServerTls] is to serve: made by [#manual] or [#acme], then refined by the `with…` methods.
///
/// @param certDir where certificates lie
/// @param hostname the DNS name or address that clients connect to
/// @param port the port clients connect to, for the DERP-map line in the log; 0 where not known
/// @param engine null lets the machine decide
/// @param handshakeTimeout from the accept to the end of the TLS handshake; a connection that takes
///     longer is closed
/// @param clock what time it is; tests travel with it
/// @param acme null for certificates that the operator puts into the directory
public record ServerTlsConfig(
    Path certDir,
    String hostname,
    int port,
    @Nullable TlsEngine engine,
    Duration handshakeTimeout,
    InstantSource clock,
    @Nullable AcmeMode acme) {
  /// How long a handshake may take where nothing else is said.
  public static final Duration HANDSHAKE_TIMEOUT = Duration.ofSeconds(10);

  /// Certificates that the operator puts into a directory (`-certmode manual`).
  public static ServerTlsConfig manual(Path certDir, String hostname) {
    return new ServerTlsConfig(
        certDir, hostname, 0, null, HANDSHAKE_TIMEOUT, InstantSource.system(), null);
  }

  /// Certificates that an authority issues (`-certmode letsencrypt`, `gcp`), kept in a directory.
  public static ServerTlsConfig acme(Path certDir, String hostname, AcmeMode mode) {
    return new ServerTlsConfig(
        certDir, hostname, 0, null, HANDSHAKE_TIMEOUT, InstantSource.system(), mode);
  }

  public ServerTlsConfig withPort(int number) {
    return new ServerTlsConfig(certDir, hostname, number, engine, handshakeTimeout, clock, acme);
  }

  public ServerTlsConfig withEngine(TlsEngine choice) {
    return new ServerTlsConfig(certDir, hostname, port, choice, handshakeTimeout, clock, acme);
  }

  public ServerTlsConfig withHandshakeTimeout(Duration limit) {
    return new ServerTlsConfig(certDir, hostname, port, engine, limit, clock, acme);
  }

  public ServerTlsConfig withClock(InstantSource source) {
    return new ServerTlsConfig(certDir, hostname, port, engine, handshakeTimeout, source, acme);
  }
}

package dev.derp4j.tls;

import java.util.Optional;

/// Where one issued certificate is kept over restarts. Reads and writes files; not for an event
/// loop.
interface CertificateStore {
  /// What is kept; empty if there is nothing, or nothing that is complete and for this name.
  ///
  /// @throws TlsConfigException if there is something that cannot be read
  Optional<ServerCertificate> read() throws TlsConfigException;

  /// Keeps a certificate in place of what was there.
  ///
  /// @throws TlsConfigException if it cannot be written
  void write(ServerCertificate certificate) throws TlsConfigException;
}

package dev.derp4j.tls;

import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;

/// A certificate as the relay presents it, with the key that proves it.
///
/// @param chain leaf first, then intermediates; never empty
record ServerCertificate(List<X509Certificate> chain, PrivateKey key) {
  ServerCertificate {
    chain = List.copyOf(chain);
  }

  X509Certificate leaf() {
    return chain.getFirst();
  }

  /// The last moment at which clients accept it.
  Instant end() {
    return leaf().getNotAfter().toInstant();
  }

  /// Without the key.
  @Override
  public String toString() {
    return "ServerCertificate[" + leaf().getSubjectX500Principal() + "]";
  }
}

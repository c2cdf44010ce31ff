package dev.derp4j.tls.acme;

/// How control over a name is proved.
public enum ChallengeKind {
  /// A file on port 80 (RFC 8555 §8.3).
  HTTP("http-01"),
  /// A certificate on port 443, for those who ask for the protocol `acme-tls/1` (RFC 8737).
  TLS_ALPN("tls-alpn-01");

  private final String type;

  ChallengeKind(String type) {
    this.type = type;
  }

  /// Its name in the protocol.
  public String type() {
    return type;
  }
}

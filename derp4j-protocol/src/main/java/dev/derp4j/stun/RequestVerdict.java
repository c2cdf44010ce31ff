package dev.derp4j.stun;

/// What a [RequestChecker] found. A server answers [#VALID] and is silent about the rest.
public enum RequestVerdict {
  /// A Binding request of a Tailscale client.
  VALID,
  /// Shorter than a header, top bits set, or another cookie.
  NOT_STUN,
  /// STUN, but an answer, an indication or another method.
  NOT_A_BINDING_REQUEST,
  /// An attribute reaches over the end of the datagram, or bytes are left that cannot be one.
  MALFORMED_ATTRIBUTES,
  /// No SOFTWARE attribute says `tailnode`.
  OTHER_SOFTWARE,
  /// The last attribute is not a FINGERPRINT of four bytes.
  NO_FINGERPRINT,
  /// The FINGERPRINT does not fit the bytes before it.
  WRONG_FINGERPRINT
}

package dev.derp4j.client.dial;

import java.util.Locale;

/// What a server must show to be taken for the one that was meant.
///
/// The meta certificate at a chain's end never counts.
public sealed interface CertificateCheck {
  /// A chain to a trusted root, for the endpoint's host.
  record ForHost() implements CertificateCheck {}

  /// A chain to a trusted root, for this name instead of the endpoint's host, which still is the
  /// name asked for (SNI).
  record ForName(String name) implements CertificateCheck {}

  /// Exactly one certificate, whose whole DER form has this SHA-256 in hexadecimal digits, and
  /// which is valid now and for the endpoint's host if that is not empty. Who signed it does not
  /// matter.
  record Pin(String sha256) implements CertificateCheck {
    /// Digits in either letter case. Text that is no SHA-256 matches no certificate.
    public Pin {
      sha256 = sha256.toLowerCase(Locale.ROOT);
    }
  }

  /// Anything. For tests: whoever stands in between can pretend to be the server.
  record None() implements CertificateCheck {}

  /// How a `CertName` begins that is a pin.
  String PIN_PREFIX = "sha256-raw:";

  /// The check that a node of a DERP map asks for. A `CertName` takes precedence over
  /// `InsecureForTests`, unless it only repeats the host name, as in the original.
  ///
  /// @param hostName the node's `HostName`
  /// @param certName its `CertName`, empty if it has none
  /// @param insecureForTests its `InsecureForTests`
  static CertificateCheck ofNode(String hostName, String certName, boolean insecureForTests) {
    if (certName.startsWith(PIN_PREFIX)) {
      return new Pin(certName.substring(PIN_PREFIX.length()));
    }
    if (!certName.isEmpty() && !certName.equals(hostName)) {
      return new ForName(certName);
    }
    return insecureForTests ? new None() : new ForHost();
  }
}

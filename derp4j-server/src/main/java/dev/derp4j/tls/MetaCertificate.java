package dev.derp4j.tls;

import dev.derp4j.key.NodePublicKey;
import java.math.BigInteger;
import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;

/// The note that travels behind the certificate chain and tells a client the relay's key before any
/// DERP byte.
///
/// It proves nothing and needs not: the client believes it only inside a TLS connection that the
/// real chain vouches for. Its own key is thrown away once it is signed. It spares DERP clients a
/// round trip (fast start); verifiers of the chain step over it.
///
/// ```
/// subject = issuer   CN=derpkey<64 hex digits of the relay's key>
/// serial             the DERP protocol version
/// validity           30 days either side of when it was made, for clients whose clock is off
/// key, signature     Ed25519
/// ```
final class MetaCertificate {
  private static final String PREFIX = "derpkey";
  private static final BigInteger PROTOCOL_VERSION = BigInteger.TWO;
  private static final Duration VALIDITY = Duration.ofDays(30);
  private static final int ED25519_BITS = 255;

  /// How old one may get before a new one takes its place: it has then two thirds of its life left.
  static final Duration RENEWAL = Duration.ofDays(10);

  private MetaCertificate() {}

  static X509Certificate create(NodePublicKey relay, Instant now) {
    KeyPair keys = SelfSigned.newKeys("Ed25519", ED25519_BITS);
    return new SelfSigned(
            PREFIX + relay.toHex(), PROTOCOL_VERSION, now.minus(VALIDITY), now.plus(VALIDITY))
        .sign(keys.getPublic(), keys.getPrivate(), "Ed25519");
  }
}

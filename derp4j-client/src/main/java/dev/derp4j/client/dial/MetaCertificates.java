package dev.derp4j.client.dial;

import dev.derp4j.key.NodePublicKey;
import java.math.BigInteger;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.security.auth.x500.X500Principal;
import org.jspecify.annotations.Nullable;

/// The note behind a server's chain that tells its DERP key: a certificate with the common name
/// `derpkey<64 hexadecimal digits>` and the protocol version as its serial number.
///
/// It vouches for nothing, and nothing vouches for it: what it says is believed because it came
/// inside TLS with a server that has been verified.
final class MetaCertificates {
  private static final Pattern MARKED = Pattern.compile("(?:^|,)CN=derpkey");
  private static final Pattern NAMED = Pattern.compile("(?:^|,)CN=derpkey([0-9a-fA-F]{64})(?:,|$)");
  private static final BigInteger HIGHEST_VERSION = BigInteger.valueOf(255);

  private MetaCertificates() {}

  /// The key that the first note of a chain names; null if there is none that can be used.
  static @Nullable NodePublicKey serverKey(Certificate[] chain) {
    for (Certificate certificate : chain) {
      if (certificate instanceof X509Certificate x509) {
        NodePublicKey key = named(x509);
        if (key != null) {
          return key;
        }
      }
    }
    return null;
  }

  private static @Nullable NodePublicKey named(X509Certificate certificate) {
    Matcher name = NAMED.matcher(subject(certificate));
    BigInteger version = certificate.getSerialNumber();
    if (version.signum() <= 0 || version.compareTo(HIGHEST_VERSION) > 0 || !name.find()) {
      return null;
    }
    NodePublicKey key = NodePublicKey.parseHex(name.group(1));
    return key.isZero() ? null : key;
  }

  /// The chain without such notes, as it is to be verified.
  static X509Certificate[] without(X509Certificate[] chain) {
    return Arrays.stream(chain)
        .filter(certificate -> !MARKED.matcher(subject(certificate)).find())
        .toArray(X509Certificate[]::new);
  }

  private static String subject(X509Certificate certificate) {
    return certificate.getSubjectX500Principal().getName(X500Principal.RFC2253);
  }
}

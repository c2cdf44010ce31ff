package dev.derp4j.tls;

import dev.derp4j.key.NodePublicKey;
import java.math.BigInteger;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

final class MetaCertificateTest {
  private static final String HEX = "00112233445566778899aabbccddeeff".repeat(2);
  private final Instant now = Instant.now().truncatedTo(ChronoUnit.SECONDS);
  private final X509Certificate certificate =
      MetaCertificate.create(NodePublicKey.of(HexFormat.of().parseHex(HEX)), now);

  @Test
  void it_names_the_relay_s_key_and_the_protocol_version() {
    assertThat(certificate.getSubjectX500Principal().getName()).isEqualTo("CN=derpkey" + HEX);
    assertThat(certificate.getIssuerX500Principal())
        .isEqualTo(certificate.getSubjectX500Principal());
    assertThat(certificate.getSerialNumber()).isEqualTo(BigInteger.TWO);
  }

  @Test
  void it_is_valid_for_thirty_days_either_side_of_now() {
    assertThat(certificate.getNotBefore().toInstant()).isEqualTo(now.minus(Duration.ofDays(30)));
    assertThat(certificate.getNotAfter().toInstant()).isEqualTo(now.plus(Duration.ofDays(30)));
  }

  @Test
  void it_is_signed_with_its_own_ed25519_key_and_says_that_it_is_no_authority() throws Exception {
    certificate.verify(certificate.getPublicKey());
    assertThat(certificate.getSigAlgName()).isEqualTo("Ed25519");
    assertThat(certificate.getVersion()).isEqualTo(3);
    assertThat(certificate.getCriticalExtensionOIDs()).containsExactly("2.5.29.19");
    assertThat(certificate.getBasicConstraints()).isEqualTo(-1);
  }

  @Test
  void each_has_a_key_of_its_own() {
    X509Certificate other =
        MetaCertificate.create(NodePublicKey.of(HexFormat.of().parseHex(HEX)), now);
    assertThat(other.getPublicKey()).isNotEqualTo(certificate.getPublicKey());
  }
}

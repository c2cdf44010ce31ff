package dev.derp4j.tls;

import java.security.cert.X509Certificate;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;

final class CertificateNamesTest {
  private final TestAuthority authority;

  CertificateNamesTest() throws Exception {
    authority = new TestAuthority();
  }

  @ParameterizedTest
  @CsvSource({
    "derp.example.com, derp.example.com, true",
    "DERP.example.com, derp.EXAMPLE.com, true",
    "derp.example.com, derp.example.com., true",
    "*.example.com, derp.example.com, true",
    "*.example.com, a.derp.example.com, false",
    "*.example.com, example.com, false",
    "*.example.com, .example.com, false",
    "d*.example.com, derp.example.com, false",
    "derp.*.com, derp.example.com, false",
    "*, derp, false",
    "192.0.2.7, 192.0.2.7, true",
    "192.0.2.7, ::ffff:192.0.2.7, true",
    "192.0.2.7, 192.0.2.8, false",
    "2001:db8::1, 2001:DB8:0::1, true",
    "derp.example.com, 192.0.2.7, false"
  })
  void a_certificate_covers_what_clients_take_it_for(
      String inCertificate, String hostname, boolean covered) throws Exception {
    X509Certificate certificate =
        authority.certify(
            TestAuthority.keys("EC", 256).getPublic(),
            TestAuthority.Validity.days(-1, 1),
            inCertificate);

    assertThat(CertificateNames.of(certificate).cover(ServerName.of(hostname))).isEqualTo(covered);
  }

  @ParameterizedTest
  @CsvSource({"192.0.2.7, 192.0.2.7"})
  void an_address_written_as_a_dns_name_does_not_count(String inCertificate, String hostname)
      throws Exception {
    assertThat(
            new CertificateNames(java.util.List.of(inCertificate), java.util.List.of())
                .cover(ServerName.of(hostname)))
        .isFalse();
  }
}

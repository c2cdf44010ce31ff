package dev.derp4j.client.dial;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class SystemRootsTest {
  private static X509Certificate[] known;

  @TempDir Path directory;

  @BeforeAll
  static void takeCertificatesOfTheJdk() throws Exception {
    TrustManagerFactory factory =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    factory.init((KeyStore) null);
    known = ((X509TrustManager) factory.getTrustManagers()[0]).getAcceptedIssuers();
  }

  @Test
  void theNamedFileTakesThePlaceOfTheSystemsFilesButNotOfItsDirectories() throws Exception {
    Path own = write("own.pem", pem(known[0]) + "text between\n" + pem(known[1]));
    Path system = write("system.pem", pem(known[2]));
    Path certs = Files.createDirectory(directory.resolve("certs"));
    Files.writeString(certs.resolve("a"), pem(known[3]));
    assertThat(
            SystemRoots.certificates(
                Map.of("SSL_CERT_FILE", own.toString()), List.of(system), List.of(certs)))
        .containsExactly(known[0], known[1], known[3]);
  }

  @Test
  void exactlyTheRootsThatWereFoundAreTrusted() throws Exception {
    assertThat(SystemRoots.trusting(Set.of(known[0], known[1])).getAcceptedIssuers())
        .containsExactlyInAnyOrder(known[0], known[1]);
  }

  @Test
  void namedDirectoriesAreReadBesideTheFirstReadableFile() throws Exception {
    Path file = write("system.pem", pem(known[0]));
    Path later = write("later.pem", pem(known[3]));
    Path one = Files.createDirectory(directory.resolve("one"));
    Path two = Files.createDirectory(directory.resolve("two"));
    Files.writeString(one.resolve("a"), pem(known[1]));
    Files.writeString(two.resolve("b"), pem(known[2]));
    assertThat(
            SystemRoots.certificates(
                Map.of("SSL_CERT_DIR", one + ":" + two),
                List.of(directory.resolve("missing"), file, later),
                List.of()))
        .containsExactly(known[0], known[1], known[2]);
  }

  @Test
  void aSystemCertificateThatCannotBeReadIsPassedOver() throws Exception {
    String broken = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    Path file = write("system.pem", broken + pem(known[0]));
    assertThat(SystemRoots.certificates(Map.of(), List.of(file), List.of()))
        .containsExactly(known[0]);
  }

  @Test
  void aSystemWithoutRootsFallsBackToThoseOfTheJdk() throws Exception {
    assertThat(SystemRoots.certificates(Map.of(), List.of(), List.of())).isEmpty();
    assertThat(SystemRoots.trusting(Set.of()).getAcceptedIssuers())
        .containsExactlyInAnyOrder(known);
  }

  @Test
  void aNamedFileThatIsMissingOrEmptyIsAnErrorOfOneLine() throws Exception {
    Path missing = directory.resolve("missing");
    assertThatThrownBy(() -> SystemRoots.trustManager(Map.of("SSL_CERT_FILE", missing.toString())))
        .isInstanceOf(IOException.class)
        .hasMessage("SSL_CERT_FILE: cannot read " + missing);
    Path empty = write("empty.pem", "nothing here\n");
    assertThatThrownBy(() -> SystemRoots.trustManager(Map.of("SSL_CERT_DIR", empty.toString())))
        .isInstanceOf(IOException.class)
        .hasMessage("SSL_CERT_DIR: no certificate in " + empty);
  }

  private Path write(String name, String text) throws IOException {
    return Files.writeString(directory.resolve(name), text);
  }

  private static String pem(X509Certificate certificate) throws Exception {
    return "-----BEGIN CERTIFICATE-----\n"
        + Base64.getMimeEncoder().encodeToString(certificate.getEncoded())
        + "\n-----END CERTIFICATE-----\n";
  }
}

package dev.derp4j.server;

import dev.derp4j.key.NodePublicKey;
import dev.derp4j.testkit.TestCertificates;
import dev.derp4j.testkit.TestIdentity;
import dev.derp4j.testkit.TestIdentity.KeyForm;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.CopyOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

import static dev.derp4j.server.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/// What keeps a relay from starting: said in one line, with nothing left open.
class DerpRelayStartTest {
  private static final String HOST = "derp.example.com";
  private static final TestCertificates AUTHORITY = TestCertificates.create();
  private static final CopyOption REPLACE = StandardCopyOption.REPLACE_EXISTING;

  @TempDir Path directory;

  @ParameterizedTest
  @MethodSource("dev.derp4j.server.DerpRelayLifeTest#wirings")
  void aPortInUseIsSaidInOneLine(Wiring wiring) throws Exception {
    try (ServerSocket occupied = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      int port = occupied.getLocalPort();
      assertThat(failure(wiring, config -> config.listen(loopback(port)).stun(true).stunPort(0)))
          .isEqualTo("listen tcp 127.0.0.1:" + port + ": address already in use");
    }
  }

  @ParameterizedTest
  @MethodSource("dev.derp4j.server.DerpRelayLifeTest#nativeAndJava")
  void thePlainPortBesideTlsInUseLeavesTheTlsPortClosed(Wiring wiring) throws Exception {
    try (ServerSocket occupied = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      int port = occupied.getLocalPort();
      assertThat(failure(wiring, config -> config.httpPort(port)))
          .isEqualTo("listen tcp 127.0.0.1:" + port + ": address already in use");
    }
  }

  @ParameterizedTest
  @MethodSource("dev.derp4j.server.DerpRelayLifeTest#nativeAndJava")
  void theStunPortInUseLeavesTheDerpPortsClosed(Wiring wiring) throws Exception {
    try (DatagramSocket occupied = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
      int port = occupied.getLocalPort();
      assertThat(failure(wiring, config -> config.httpPort(0).stun(true).stunPort(port)))
          .isEqualTo("stun: listen udp 127.0.0.1:" + port + ": address already in use");
    }
  }

  @Test
  void anAddressOfAnotherMachineIsSaidInOneLine() throws Exception {
    assertThat(
            failure(Wiring.plain(), config -> config.listen(new InetSocketAddress(foreign(), 0))))
        .isEqualTo("listen tcp 192.0.2.1:0: cannot assign requested address");
  }

  /// From the block that is for documentation.
  private static InetAddress foreign() {
    return InetAddress.ofLiteral("192.0.2.1");
  }

  static Stream<Arguments> environments() {
    return Stream.of(
        Arguments.of("TS_DEBUG_VERBOSE_DROPS", "no key"),
        Arguments.of("TS_DEBUG_TRUSTED_CIDRS", "10.0.0.0/33"));
  }

  @ParameterizedTest
  @MethodSource("environments")
  void aSettingThatMakesNoSenseIsFoundBeforeAnyPortIsTried(String name, String value)
      throws Exception {
    try (ServerSocket occupied = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      int port = occupied.getLocalPort();
      assertThat(
              failure(
                  Wiring.plain(),
                  config -> config.listen(loopback(port)).environment(Map.of(name, value))))
          .contains(name);
    }
  }

  @Test
  void destinationsOfVerboseDropsMayBeAnyNumberOfKeys() {
    String keys = NodePublicKey.of(new byte[32]).toHex() + ", ," + "11".repeat(32);
    TestRelay.start(
            Wiring.plain(), config -> config.environment(Map.of("TS_DEBUG_VERBOSE_DROPS", keys)))
        .close();
  }

  /// What is done to a directory with a good certificate and its key.
  interface Mishap {
    void befall(Path certificate, Path key) throws IOException;
  }

  static Stream<Arguments> mishaps() {
    TestIdentity other = AUTHORITY.issue("derp.example.org");
    return Stream.of(
        mishap(".crt: cannot be read: no such file", (certificate, _) -> Files.delete(certificate)),
        mishap(".key: cannot be read: no such file", (_, key) -> Files.delete(key)),
        mishap(".crt: cannot be read: ", (certificate, _) -> replaceByDirectory(certificate)),
        mishap(".key: cannot be read: ", (_, key) -> replaceByDirectory(key)),
        mishap(".crt: holds no cert", (certificate, _) -> Files.writeString(certificate, "")),
        mishap(".key: holds no private key", (_, key) -> Files.writeString(key, "")),
        mishap(".crt: holds no cert", (certificate, _) -> Files.write(certificate, garbage())),
        mishap(".key: holds no private key", (_, key) -> Files.write(key, garbage())),
        mishap(".crt: malformed PEM: ", (certificate, _) -> truncate(certificate)),
        mishap(".key: malformed PEM: ", (_, key) -> truncate(key)),
        mishap(".crt: certificate 1 is malformed: ", (certificate, _) -> spoil(certificate)),
        mishap(".key: not a private key", (_, key) -> spoil(key)),
        mishap(".crt: holds no cert", (certificate, key) -> Files.copy(key, certificate, REPLACE)),
        mishap(
            ".key: holds no private key",
            (certificate, key) -> Files.copy(certificate, key, REPLACE)),
        mishap(
            ".key: this private key does not belong",
            (_, key) -> Files.writeString(key, other.keyPem(KeyForm.PKCS8))),
        mishap(
            "not for hostname \"" + HOST + "\"",
            (certificate, key) -> {
              Files.writeString(certificate, other.certificatePem());
              Files.writeString(key, other.keyPem(KeyForm.PKCS8));
            }));
  }

  private static Arguments mishap(String said, Mishap mishap) {
    return Arguments.of(said, mishap);
  }

  private static void replaceByDirectory(Path file) throws IOException {
    Files.delete(file);
    Files.createDirectory(file);
  }

  private static byte[] garbage() {
    byte[] garbage = new byte[5000];
    new Random(1).nextBytes(garbage);
    return garbage;
  }

  private static void truncate(Path pem) throws IOException {
    String text = Files.readString(pem);
    Files.writeString(pem, text.substring(0, text.indexOf("-----END") / 2));
  }

  /// Damages the first line behind the header, where the structure begins.
  private static void spoil(Path pem) throws IOException {
    List<String> lines = Files.readAllLines(pem);
    lines.set(1, "A" + lines.get(1).substring(1));
    Files.write(pem, lines);
  }

  @ParameterizedTest(name = "{index}: {0}")
  @MethodSource("mishaps")
  void aCertificateThatCannotServeIsFoundBeforeAnyPortIsTried(String said, Mishap mishap)
      throws Exception {
    AUTHORITY.issue(HOST).writeTo(directory, HOST, KeyForm.PKCS8);
    mishap.befall(directory.resolve(HOST + ".crt"), directory.resolve(HOST + ".key"));
    assertThat(failureOfCertificate(HOST)).contains(said).contains(HOST);
  }

  @Test
  void aKeyThatMayNotBeReadIsFoundBeforeAnyPortIsTried() throws Exception {
    AUTHORITY.issue(HOST).writeTo(directory, HOST, KeyForm.PKCS8);
    Path key = directory.resolve(HOST + ".key");
    Files.setPosixFilePermissions(key, PosixFilePermissions.fromString("---------"));
    Assumptions.assumeFalse(Files.isReadable(key), "root may read everything");
    assertThat(failureOfCertificate(HOST)).contains(key + ": permission denied");
  }

  @Test
  void aDirectoryThatIsNotThereIsFoundBeforeAnyPortIsTried() throws Exception {
    directory = directory.resolve("nowhere");
    assertThat(failureOfCertificate(HOST)).contains(directory.toString());
  }

  @Test
  void anAddressCannotUseTheCertificateOfAName() throws Exception {
    AUTHORITY.issue(HOST).writeTo(directory, "127.0.0.1", KeyForm.PKCS8);
    assertThat(failureOfCertificate("127.0.0.1")).contains("not for hostname \"127.0.0.1\"");
  }

  /// The port is in use too: that this is not what is said shows that it was not tried.
  private String failureOfCertificate(String hostname) throws Exception {
    try (ServerSocket occupied = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      int port = occupied.getLocalPort();
      return failure(
          Wiring.overTls(),
          config -> config.listen(loopback(port)).certificate(directory, hostname));
    }
  }

  private static InetSocketAddress loopback(int port) {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
  }

  /// Why a relay does not start, having made sure that it is one line and that nothing is left.
  private static String failure(Wiring wiring, Consumer<RelayConfig.Builder> changes)
      throws Exception {
    RelayConfig.Builder config = TestRelay.config(wiring);
    changes.accept(config);
    RelayConfig built = config.build();
    int before = OpenSockets.count();
    String[] said = {""};
    assertThatThrownBy(() -> wiring.start(built, PhaseDeadlines.STANDARD))
        .isInstanceOf(RelayStartException.class)
        .satisfies(e -> said[0] = String.valueOf(e.getMessage()));
    eventually(() -> assertThat(OpenSockets.count()).isLessThanOrEqualTo(before));
    assertThat(OpenSockets.relayThreads()).isEmpty();
    assertThat(said[0]).matches("[ -~]+").hasSizeLessThan(300);
    return said[0];
  }
}

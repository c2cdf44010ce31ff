package dev.derp4j.cli;

import dev.derp4j.admission.AdmissionConfig;
import dev.derp4j.http.HttpConfig;
import dev.derp4j.http.names.BootstrapEntry;
import dev.derp4j.limits.AcceptLimit;
import dev.derp4j.limits.LimitsConfig;
import dev.derp4j.server.RelayConfig;
import dev.derp4j.server.RelayConfig.IssuedCertificate;
import dev.derp4j.server.RelayConfig.ManualCertificate;
import dev.derp4j.tls.acme.AcmeAuthority;
import java.net.InetAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class DerperSetupTest {
  private static final String MESH_KEY =
      "00000000000000000000000000000000000000000000000000000000000000af";

  @TempDir Path directory;

  private RelayConfig configure(Map<String, String> environment, String... arguments)
      throws Exception {
    DerperFlags flags = new DerperFlags(environment);
    List<String> all = new ArrayList<>(List.of("-c", keyFile().toString()));
    all.addAll(List.of(arguments));
    flags.set().parse(all);
    return new DerperSetup(flags, environment).configure();
  }

  private RelayConfig configure(String... arguments) throws Exception {
    return configure(Map.of(), arguments);
  }

  private Path keyFile() {
    return directory.resolve("derper.key");
  }

  @Test
  void aPlainRelayHasTheOriginalsDefaults() throws Exception {
    RelayConfig config = configure("-a", ":8080");
    assertThat(config.listenText()).isEqualTo(":8080");
    assertThat(config.tls()).isFalse();
    assertThat(config.httpPort()).as("only beside TLS").isEmpty();
    assertThat(config.stun()).isTrue();
    assertThat(config.stunPort()).isEqualTo(3478);
    assertThat(config.derp()).isTrue();
    assertThat(config.home()).isEmpty();
    assertThat(config.hostname()).isEqualTo("derp.tailscale.com");
    assertThat(config.dev()).isFalse();
    assertThat(config.mesh().keys().read()).isEmpty();
    assertThat(config.tcpKeepaliveTime()).isEqualTo(Duration.ofMinutes(10));
    assertThat(config.tcpUserTimeout()).isEqualTo(Duration.ofSeconds(15));
    assertThat(config.tcpWriteTimeout()).isEqualTo(Duration.ofSeconds(2));
    assertThat(config.sendQueueDepth()).isEqualTo(32);
  }

  @Test
  void theKeyIsMadeOnceAndKept() throws Exception {
    RelayConfig first = configure("-a", ":8080");
    RelayConfig second = configure("-a", ":8080");
    assertThat(second.privateKey().publicKey()).isEqualTo(first.privateKey().publicKey());
  }

  @Test
  void manualCertificatesMeanTlsOnAnyPortAndAnHttpPortBesideIt() throws Exception {
    RelayConfig config =
        configure("-a", ":8443", "-certmode", "manual", "-certdir", "/c", "-hostname", "d.example");
    assertThat(config.certificate()).contains(new ManualCertificate(Path.of("/c"), "d.example"));
    assertThat(config.httpPort()).hasValue(80);
    assertThat(configure("-certmode=manual", "-certdir=/c", "-http-port=-1").httpPort()).isEmpty();
  }

  @Test
  void aDevelopersRelayNeedsNoFilesAndListensOnItsOwnPort() throws Exception {
    RelayConfig config = configure("-dev", "-mesh-psk-file", "/no/such/file");
    assertThat(config.listenText()).isEqualTo(":3340");
    assertThat(config.dev()).isTrue();
    assertThat(config.mesh().keys().read()).isEmpty();
    assertThat(keyFile()).doesNotExist();
    assertThat(configure("-dev").privateKey().publicKey())
        .isNotEqualTo(config.privateKey().publicKey());
  }

  @Test
  void aDevelopersRelayListensWhereItIsTold() throws Exception {
    assertThat(configure("-dev", "-a", "127.0.0.1:0").listenText()).isEqualTo("127.0.0.1:0");
  }

  @Test
  void aDevelopersRelayTakesItsMeshKeyFromTheEnvironmentAndPassesItToNobody() throws Exception {
    RelayConfig config =
        configure(Map.of("TAILSCALE_DERPER_MESH_KEY", MESH_KEY, "TS_X", "y", "PATH", "z"), "-dev");
    assertThat(config.mesh().keys().read()).hasSize(1);
    assertThat(config.environment()).containsExactly(Map.entry("TS_X", "y"));
  }

  @Test
  void otherRelaysTakeTheirMeshKeyFromTheFile() throws Exception {
    Path file = Files.writeString(directory.resolve("mesh.key"), MESH_KEY);
    RelayConfig config = configure("-a", ":8080", "-mesh-psk-file", file.toString());
    assertThat(config.mesh().keys().read().getFirst().secretText()).isEqualTo(MESH_KEY);
  }

  @Test
  void theMeshKeyFileInTheHomeDirectoryIsTakenIfItIsThere() throws Exception {
    Path file = directory.resolve("keys/derp-mesh.key");
    Map<String, String> environment = Map.of("HOME", directory.toString());
    assertThat(configure(environment, "-a", ":8080").mesh().keys().read()).isEmpty();
    Files.createDirectories(file.getParent());
    Files.writeString(file, MESH_KEY);
    assertThat(configure(environment, "-a", ":8080").mesh().keys().read()).hasSize(1);
    assertThat(configure(environment, "-a", ":8080", "-mesh-psk-file=").mesh().keys().read())
        .isEmpty();
  }

  @Test
  void appNamesAreTakenAsTheyStandAndAnEmptyOneIsIgnored() throws Exception {
    assertThat(configure("-a", ":8080").admission()).isEqualTo(AdmissionConfig.NONE);
    assertThat(configure("-a", ":8080", "-disallow-app-names", "a,, b,").admission())
        .isEqualTo(AdmissionConfig.NONE.withDisallowedAppNames(Set.of("a", " b")));
    assertThat(configure("-a", ":8080", "-disallow-app-names", ",").admission())
        .isEqualTo(AdmissionConfig.NONE);
  }

  @Test
  void whoIsAskedAboutClientsComesFromTheFlags() throws Exception {
    assertThat(configure("-a", ":8080").admission().tailscaledSocket()).isEmpty();
    assertThat(configure("-a", ":8080", "-verify-clients").admission().tailscaledSocket())
        .contains(Path.of("/var/run/tailscale/tailscaled.sock"));
    assertThat(
            configure("-a", ":8080", "-verify-clients", "-socket", "/s")
                .admission()
                .tailscaledSocket())
        .contains(Path.of("/s"));
    AdmissionConfig.Controllers one =
        configure("-a", ":8080", "-verify-client-url", "https://c.example/a,b?x=1,2")
            .admission()
            .controllers();
    assertThat(one.urls()).containsExactly(URI.create("https://c.example/a,b?x=1,2"));
    assertThat(one.failOpen()).isTrue();
    assertThat(one.cacheTime()).isZero();
    assertThat(one.recheckTime()).isZero();
    AdmissionConfig.Controllers several =
        configure(
                "-a=:8080",
                "-verify-client-url=http://a/x,https://b",
                "-verify-client-url-fail-open=false",
                "-verify-client-cache=10m",
                "-verify-client-recheck=1h")
            .admission()
            .controllers();
    assertThat(several.urls()).containsExactly(URI.create("http://a/x"), URI.create("https://b"));
    assertThat(several.failOpen()).isFalse();
    assertThat(several.cacheTime()).isEqualTo(Duration.ofMinutes(10));
    assertThat(several.recheckTime()).isEqualTo(Duration.ofHours(1));
  }

  @Test
  void acceptLimitsAreFiniteUnlessSomebodySaysOtherwise() throws Exception {
    assertThat(configure("-a", ":8080").limits()).isEqualTo(LimitsConfig.STANDARD);
    assertThat(configure("-a=:8080", "-accept-connection-limit=+Inf").limits().accepts())
        .contains(AcceptLimit.NONE);
    assertThat(configure("-a=:8080", "-accept-connection-limit=2.5").limits().accepts())
        .contains(new AcceptLimit(2.5, 3));
    assertThat(
            configure("-a=:8080", "-accept-connection-limit=10", "-accept-connection-burst=7")
                .limits()
                .accepts())
        .contains(new AcceptLimit(10, 7));
    assertThat(configure("-a=:8080", "-rate-config=/r").limits().rateFile())
        .contains(Path.of("/r"));
  }

  @ParameterizedTest
  @CsvSource({"0s, PT15S", "-1s, PT0S", "1m, PT1M"})
  void keepaliveTimesMeanWhatTheyMeanInGo(String flag, Duration expected) throws Exception {
    assertThat(configure("-a", ":8080", "-tcp-keepalive-time", flag).tcpKeepaliveTime())
        .isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource({"'', 32", "0, 32", "-5, 32", "7, 7"})
  void theQueueDepthComesFromTheEnvironmentIfItIsPositive(String depth, int expected)
      throws Exception {
    Map<String, String> environment = Map.of("TS_DEBUG_DERP_PER_CLIENT_SEND_QUEUE_DEPTH", depth);
    assertThat(configure(environment, "-a", ":8080").sendQueueDepth()).isEqualTo(expected);
  }

  @Test
  void aQueueDepthThatIsNoNumberIsRefused() {
    Map<String, String> environment = Map.of("TS_DEBUG_DERP_PER_CLIENT_SEND_QUEUE_DEPTH", "x");
    assertThatThrownBy(() -> configure(environment, "-a", ":8080"))
        .isInstanceOf(StartException.class)
        .hasMessage(
            "invalid integer environment variable"
                + " TS_DEBUG_DERP_PER_CLIENT_SEND_QUEUE_DEPTH: \"x\"");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "-mesh-with a | -mesh-with requires -mesh-psk-file",
        "-verify-client-url ftp://a | the URL for verifying clients, ftp://a, is no http or https URL",
        "-verify-client-url http://a^b | -verify-client-url \"http://a^b\" is no URL",
        "-verify-client-recheck -1s | times of client verification must not be negative",
        "-accept-connection-limit 0 | accept limit 0.0 with burst 1.0 would accept nothing",
        "-accept-connection-limit NaN | accept limit NaN with burst NaN would accept nothing",
        "-a 8080 | invalid listen address \"8080\": missing port",
        "-bootstrap-dns-names a.example,b@c | -bootstrap-dns-names: \"b@c\" is no host name",
        "-unpublished-bootstrap-dns-names a/b/c | -unpublished-bootstrap-dns-names: \"b/c\" is no host name",
        "-proxy-protocol-from 10.0.0.0/33 | -proxy-protocol-from: \"10.0.0.0/33\": number of bits is not between 0 and 32",
        "-trust-forwarded-for-from proxy | -trust-forwarded-for-from: \"proxy\": no IP address",
        "-certmode manul | unknown -certmode \"manul\"",
        "-certmode manual -certdir= | -certmode manual needs -certdir",
        "-stun-port 65536 | -stun-port 65536 is not between 0 and 65535",
        "-stun-port -1 | -stun-port -1 is not between 0 and 65535",
        "-home elsewhere | unknown home value \"elsewhere\"",
        "-tcp-user-timeout -1s | TCP user timeout -1000ms is negative",
        "-tcp-write-timeout -1s | TCP write timeout -1000ms is negative",
      })
  void whatMakesNoSenseIsRefusedInOneLineAndMakesNoKeyFile(String line, String expected) {
    List<String> arguments = new ArrayList<>(List.of("-a", ":8080"));
    arguments.addAll(List.of(line.split(" ")));
    assertThatThrownBy(() -> configure(arguments.toArray(String[]::new)))
        .isInstanceOf(StartException.class)
        .hasMessage(expected);
    assertThat(keyFile()).doesNotExist();
  }

  @Test
  void whatIsServedOverHttpIsAsTheFlagsSay() throws Exception {
    HttpConfig http =
        configure(
                "-a=:8080",
                "-ace",
                "-bootstrap-dns-names=a.example, b.example,",
                "-unpublished-bootstrap-dns-names=c.example/percent.example",
                "-proxy-protocol-from=127.0.0.1,10.0.0.0/8",
                "-trust-forwarded-for-from=fd00::/8")
            .http();
    assertThat(http.ace()).isTrue();
    assertThat(http.bootstrapNames())
        .containsExactly(new BootstrapEntry("a.example", ""), new BootstrapEntry("b.example", ""));
    assertThat(http.hiddenBootstrapNames())
        .containsExactly(new BootstrapEntry("c.example", "percent.example"));
    assertThat(http.proxyProtocolFrom().test(InetAddress.ofLiteral("127.0.0.1"))).isTrue();
    assertThat(http.proxyProtocolFrom().test(InetAddress.ofLiteral("127.0.0.2"))).isFalse();
    assertThat(http.forwardedForFrom().test(InetAddress.ofLiteral("fd00::1"))).isTrue();
    assertThat(configure("-a=:8080").http().proxyProtocolFrom().isEmpty()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "-mesh-with=",
        "-secrets-path-prefix=prod/derp",
        "-certmode=letsencrypt",
      })
  void aFlagMayBeGivenItsDefault(String argument) throws Exception {
    assertThat(configure("-a", ":8080", argument).listenText()).isEqualTo(":8080");
  }

  @ParameterizedTest
  @ValueSource(strings = {"-a=:443", "-a=:https", "-tls -a=:8443", "-certmode=letsencrypt"})
  void onTheHttpsPortCertificatesAreIssuedUnlessTheyAreManual(String line) throws Exception {
    List<String> arguments = new ArrayList<>(List.of(line.split(" ")));
    arguments.addAll(List.of("-certdir=/c", "-hostname=d.example"));
    RelayConfig config = configure(arguments.toArray(String[]::new));

    IssuedCertificate issued = issued(config);
    assertThat(issued.directory()).isEqualTo(Path.of("/c"));
    assertThat(issued.hostname()).isEqualTo("d.example");
    assertThat(issued.authority().directory()).isEqualTo(AcmeAuthority.LETS_ENCRYPT);
    assertThat(issued.authority().externalAccount()).isEmpty();
    assertThat(issued.addresses()).isFalse();
    assertThat(config.httpPort()).hasValue(80);
  }

  private static IssuedCertificate issued(RelayConfig config) {
    return (IssuedCertificate) config.certificate().orElseThrow();
  }

  @Test
  void anotherPortWithoutTlsIsPlainHttpAsInTheOriginal() throws Exception {
    assertThat(configure("-a", ":8080", "-acme-ip-certs").certificate()).isEmpty();
    assertThat(configure("-a", ":8080", "-certmode", "gcp").certificate()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"-_-_", "+/+/", "-_-_-w==", "-_-_-w", "+/+/+w=="})
  void googleNeedsAnExternalAccountWhoseKeyMayBeInEitherAlphabet(String key) throws Exception {
    RelayConfig config =
        configure(
            "-certmode=gcp",
            "-certdir=/c",
            "-acme-eab-kid=kid",
            "-acme-eab-key=" + key,
            "-acme-email=ops@example.com");
    AcmeAuthority authority = issued(config).authority();
    assertThat(authority.directory()).isEqualTo(AcmeAuthority.GOOGLE);
    assertThat(authority.email()).isEqualTo("ops@example.com");
    assertThat(authority.externalAccount().orElseThrow().keyId()).isEqualTo("kid");
    assertThat(authority.externalAccount().orElseThrow().key().getEncoded())
        .startsWith(0xfb, 0xff, 0xbf);
  }

  @Test
  void anAuthorityOfOnesOwnAndPublicAddressesAreTaken() throws Exception {
    Map<String, String> surroundings =
        Map.of("SSL_CERT_FILE", "/ca.pem", "HTTPS_PROXY", "http://proxy:3128", "SECRET", "x");
    RelayConfig config =
        configure(
            surroundings,
            "-certdir=/c",
            "-acme-directory=https://ca.example/acme",
            "-acme-eab-kid=kid",
            "-acme-eab-key=AAAA",
            "-acme-ip-certs",
            "-acme-ip-addresses=203.0.113.7, 2001:db8::7");
    IssuedCertificate issued = issued(config);
    assertThat(issued.authority().directory()).hasToString("https://ca.example/acme");
    assertThat(issued.authority().externalAccount()).isPresent();
    assertThat(issued.authority().environment()).containsOnlyKeys("SSL_CERT_FILE", "HTTPS_PROXY");
    assertThat(issued.addresses()).isTrue();
    assertThat(issued.publicAddresses())
        .extracting(InetAddress::getHostAddress)
        .containsExactly("203.0.113.7", "2001:db8:0:0:0:0:0:7");
  }

  @Test
  void letsEncryptIsNotBotheredWithAnExternalAccount() throws Exception {
    RelayConfig config = configure("-certdir=/c", "-acme-eab-kid=kid", "-acme-eab-key=AAAA");
    assertThat(issued(config).authority().externalAccount()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "-certdir= | -certmode letsencrypt needs -certdir",
        "-certmode=gcp | -certmode gcp needs -acme-eab-kid",
        "-certmode=gcp -acme-eab-kid=k | -certmode gcp needs -acme-eab-key",
        "-certmode=gcp -acme-eab-kid=k -acme-eab-key=AAAA | -certmode gcp needs -acme-email",
        "-certmode=gcp -acme-ip-certs | -acme-ip-certs needs -certmode letsencrypt",
        "-certmode=manual -acme-ip-certs | -acme-ip-certs needs -certmode letsencrypt",
        "-acme-eab-kid=k | -acme-eab-kid and -acme-eab-key need each other",
        "-acme-directory=https://a/b -acme-eab-kid=k -acme-eab-key=? | -acme-eab-key is no base64",
        "-acme-email=nobody | -acme-email \"nobody\" is no address",
        "-acme-directory=ftp://a/b | -acme-directory \"ftp://a/b\" is no http or https URL",
        "-acme-ip-addresses=192.0.2.1 | -acme-ip-addresses needs -acme-ip-certs",
        "-acme-ip-certs -acme-ip-addresses=x | -acme-ip-addresses: \"x\" is no IP address",
        "-acme-ip-certs -http-port=-1 | certificates for addresses need an HTTP port: the authority looks there",
      })
  void whatMakesNoSenseOfIssuedCertificatesIsRefusedInOneLine(String line, String expected) {
    List<String> arguments = new ArrayList<>(List.of("-certdir=/c"));
    arguments.addAll(List.of(line.split(" ")));
    assertThatThrownBy(() -> configure(arguments.toArray(String[]::new)))
        .isInstanceOf(StartException.class)
        .hasMessage(expected);
    assertThat(keyFile()).doesNotExist();
  }
}

package dev.derp4j.server;

import dev.derp4j.admission.AdmissionConfig;
import dev.derp4j.http.HttpConfig;
import dev.derp4j.key.MeshKey;
import dev.derp4j.key.NodePrivateKey;
import dev.derp4j.limits.LimitsConfig;
import dev.derp4j.mesh.MeshConfig;
import dev.derp4j.reload.Source;
import dev.derp4j.routing.DuplicatePolicy;
import dev.derp4j.tls.acme.AcmeAuthority;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/// Everything that a relay is told at its start. Immutable; made with [#builder(NodePrivateKey)]:
///
/// ```java
/// RelayConfig config = RelayConfig.builder(NodePrivateKey.generate())
///     .listen(new InetSocketAddress(8080))
///     .stunPort(0)
///     .build();
/// ```
///
/// A value that makes no sense ends [Builder#build()] with an [IllegalArgumentException] whose
/// message is one line fit for an operator.
///
/// @param privateKey the relay's identity
/// @param mesh the other relays of the region, and the key that they share; without a key every
///     mesh request is refused
/// @param listen where DERP is served. A wildcard address means both address families, port 0 any
///     free port
/// @param certificate the certificate to serve TLS with; empty means plain HTTP
/// @param httpPort a plain HTTP port on the same address, only beside TLS
/// @param stun whether STUN is answered
/// @param stunPort its UDP port, on the same address; 0 means any free one
/// @param derp whether `/derp` relays; false leaves everything else in service
/// @param home what `/` answers: empty for the home page, `blank` for none, or the URL to
///     redirect to
/// @param hostname the name that the relay knows itself by
/// @param dev whether this is a developer's relay, which explains more to its visitors
/// @param tcpKeepaliveTime idle time before TCP keepalive probes; zero means no keepalive
/// @param tcpUserTimeout how long sent bytes may stay unacknowledged; zero leaves it to the system
/// @param tcpWriteTimeout how long a write to a client may take; zero means without end. Mesh
///     peers have their own
/// @param sendQueueDepth packets that wait for one client, in each of its two lanes
/// @param http what is served over HTTP beyond the usual
/// @param admission who may come in
/// @param limits how many and how fast
/// @param duplicatePolicy what happens when several connections have the same key
/// @param eventLoops threads that own connections; 0 means one per core
/// @param drainTime how long a graceful stop may take
/// @param environment the settings that have no flag: debug access, `TS_DEBUG_VERBOSE_DROPS` and
///     their kin
/// @param versionText the version shown in metrics and on pages
public record RelayConfig(
    NodePrivateKey privateKey,
    MeshConfig mesh,
    InetSocketAddress listen,
    Optional<Certificate> certificate,
    OptionalInt httpPort,
    boolean stun,
    int stunPort,
    boolean derp,
    String home,
    String hostname,
    boolean dev,
    Duration tcpKeepaliveTime,
    Duration tcpUserTimeout,
    Duration tcpWriteTimeout,
    int sendQueueDepth,
    AdmissionConfig admission,
    HttpConfig http,
    LimitsConfig limits,
    DuplicatePolicy duplicatePolicy,
    int eventLoops,
    Duration drainTime,
    Map<String, String> environment,
    String versionText) {

  /// Where the certificate comes from.
  public sealed interface Certificate {
    /// Where certificates are kept.
    Path directory();

    /// The name that clients connect to, or an IP address.
    String hostname();
  }

  /// A certificate that an authority issues when the first client asks for it, and again before it
  /// ends.
  ///
  /// @param directory keeps certificates and accounts, as the original has them
  /// @param hostname the only name that one is ordered for; an IP address only with `addresses`
  /// @param authority who issues it
  /// @param addresses whether the addresses that clients connect to get certificates too. Needs an
  ///     HTTP port that the authority reaches as port 80
  /// @param publicAddresses those under which the host is reached through a NAT
  public record IssuedCertificate(
      Path directory,
      String hostname,
      AcmeAuthority authority,
      boolean addresses,
      List<InetAddress> publicAddresses)
      implements Certificate {
    public IssuedCertificate {
      publicAddresses = List.copyOf(publicAddresses);
      require(!hostname.isBlank(), "a certificate needs a hostname");
    }
  }

  /// A certificate that the operator provides.
  ///
  /// @param directory holds `<hostname>.crt` and `<hostname>.key`, PEM both
  /// @param hostname the name the certificate is for, or an IP address
  public record ManualCertificate(Path directory, String hostname) implements Certificate {
    public ManualCertificate {
      require(!hostname.isBlank(), "a certificate needs a hostname");
    }
  }

  public RelayConfig {
    environment = Map.copyOf(environment);
    require(!listen.isUnresolved(), "cannot resolve listen address " + listen.getHostString());
    require(
        httpPort.isEmpty() || certificate.isPresent(),
        "an HTTP port beside the relay's own needs TLS on the latter");
    require(
        httpPort.isPresent()
            || !(certificate.orElse(null) instanceof IssuedCertificate issued
                && issued.addresses()),
        "certificates for addresses need an HTTP port: the authority looks there");
    requirePort("HTTP port", httpPort.orElse(0));
    requirePort("STUN port", stunPort);
    require(isHome(home), "unknown home value \"" + home + "\"");
    requireNotNegative("TCP keepalive time", tcpKeepaliveTime);
    requireNotNegative("TCP user timeout", tcpUserTimeout);
    requireNotNegative("TCP write timeout", tcpWriteTimeout);
    requireNotNegative("drain time", drainTime);
    require(sendQueueDepth > 0, "send queue depth " + sendQueueDepth + " is less than 1");
    require(eventLoops >= 0, "number of event loops " + eventLoops + " is negative");
  }

  /// Starts from the defaults of a relay on port 443 of all addresses, serving plain HTTP, with
  /// STUN on port 3478.
  public static Builder builder(NodePrivateKey privateKey) {
    return new Builder(privateKey);
  }

  /// Whether DERP is served over TLS.
  public boolean tls() {
    return certificate.isPresent();
  }

  /// The listen address as operators write it: `:443` for all addresses, else `ip:port` or
  /// `[ip]:port`.
  public String listenText() {
    if (listen.getAddress().isAnyLocalAddress()) {
      return ":" + listen.getPort();
    }
    String ip = listen.getAddress().getHostAddress().toLowerCase(Locale.ROOT);
    return (listen.getAddress() instanceof Inet6Address ? "[" + ip + "]" : ip)
        + ":"
        + listen.getPort();
  }

  /// Names neither keys nor the environment, which holds secrets.
  @Override
  public String toString() {
    return "RelayConfig["
        + listenText()
        + (tls() ? " with TLS" : "")
        + (stun ? ", STUN on " + stunPort : "")
        + "]";
  }

  private static boolean isHome(String home) {
    return home.isEmpty()
        || home.equals("blank")
        || home.startsWith("http://")
        || home.startsWith("https://");
  }

  private static void requirePort(String what, int port) {
    require(port >= 0 && port <= 65535, what + " " + port + " is not between 0 and 65535");
  }

  private static void requireNotNegative(String what, Duration time) {
    require(!time.isNegative(), what + " " + time.toMillis() + "ms is negative");
  }

  private static void require(boolean holds, String orElse) {
    if (!holds) {
      throw new IllegalArgumentException(orElse);
    }
  }

  /// Collects what differs from the defaults.
  public static final class Builder {
    private final NodePrivateKey privateKey;
    private MeshConfig mesh = MeshConfig.NONE;
    private InetSocketAddress listen = new InetSocketAddress(443);
    private Optional<Certificate> certificate = Optional.empty();
    private OptionalInt httpPort = OptionalInt.empty();
    private boolean stun = true;
    private int stunPort = 3478;
    private boolean derp = true;
    private String home = "";
    private String hostname = "localhost";
    private boolean dev;
    private Duration tcpKeepaliveTime = Duration.ofMinutes(10);
    private Duration tcpUserTimeout = Duration.ofSeconds(15);
    private Duration tcpWriteTimeout = Duration.ofSeconds(2);
    private int sendQueueDepth = 32;
    private HttpConfig http = HttpConfig.STANDARD;
    private AdmissionConfig admission = AdmissionConfig.NONE;
    private LimitsConfig limits = LimitsConfig.STANDARD;
    private DuplicatePolicy duplicatePolicy = DuplicatePolicy.LAST_WRITER_ACTIVE;
    private int eventLoops;
    private Duration drainTime = Duration.ofSeconds(5);
    private Map<String, String> environment = Map.of();
    private String versionText = "unknown";

    private Builder(NodePrivateKey privateKey) {
      this.privateKey = privateKey;
    }

    public Builder meshKey(MeshKey meshKey) {
      return mesh(mesh.withKeys(Source.fixed(List.of(meshKey))));
    }

    public Builder mesh(MeshConfig mesh) {
      this.mesh = mesh;
      return this;
    }

    public Builder listen(InetSocketAddress listen) {
      this.listen = listen;
      return this;
    }

    /// Serves TLS with `<hostname>.crt` and `<hostname>.key` of a directory.
    public Builder certificate(Path directory, String hostname) {
      return certificate(new ManualCertificate(directory, hostname));
    }

    /// Serves TLS with a certificate from wherever it says.
    public Builder certificate(Certificate certificate) {
      this.certificate = Optional.of(certificate);
      return this;
    }

    public Builder httpPort(int httpPort) {
      this.httpPort = OptionalInt.of(httpPort);
      return this;
    }

    public Builder stun(boolean stun) {
      this.stun = stun;
      return this;
    }

    public Builder stunPort(int stunPort) {
      this.stunPort = stunPort;
      return this;
    }

    public Builder derp(boolean derp) {
      this.derp = derp;
      return this;
    }

    public Builder home(String home) {
      this.home = home;
      return this;
    }

    public Builder hostname(String hostname) {
      this.hostname = hostname;
      return this;
    }

    public Builder dev(boolean dev) {
      this.dev = dev;
      return this;
    }

    public Builder tcpKeepaliveTime(Duration tcpKeepaliveTime) {
      this.tcpKeepaliveTime = tcpKeepaliveTime;
      return this;
    }

    public Builder tcpUserTimeout(Duration tcpUserTimeout) {
      this.tcpUserTimeout = tcpUserTimeout;
      return this;
    }

    public Builder tcpWriteTimeout(Duration tcpWriteTimeout) {
      this.tcpWriteTimeout = tcpWriteTimeout;
      return this;
    }

    public Builder sendQueueDepth(int sendQueueDepth) {
      this.sendQueueDepth = sendQueueDepth;
      return this;
    }

    public Builder http(HttpConfig http) {
      this.http = http;
      return this;
    }

    public Builder admission(AdmissionConfig admission) {
      this.admission = admission;
      return this;
    }

    public Builder limits(LimitsConfig limits) {
      this.limits = limits;
      return this;
    }

    public Builder duplicatePolicy(DuplicatePolicy duplicatePolicy) {
      this.duplicatePolicy = duplicatePolicy;
      return this;
    }

    public Builder eventLoops(int eventLoops) {
      this.eventLoops = eventLoops;
      return this;
    }

    public Builder drainTime(Duration drainTime) {
      this.drainTime = drainTime;
      return this;
    }

    public Builder environment(Map<String, String> environment) {
      this.environment = environment;
      return this;
    }

    public Builder versionText(String versionText) {
      this.versionText = versionText;
      return this;
    }

    public RelayConfig build() {
      return new RelayConfig(
          privateKey,
          mesh,
          listen,
          certificate,
          httpPort,
          stun,
          stunPort,
          derp,
          home,
          hostname,
          dev,
          tcpKeepaliveTime,
          tcpUserTimeout,
          tcpWriteTimeout,
          sendQueueDepth,
          admission,
          http,
          limits,
          duplicatePolicy,
          eventLoops,
          drainTime,
          environment,
          versionText);
    }
  }
}

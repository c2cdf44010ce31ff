package dev.derp4j.cli;

import dev.derp4j.cli.flags.Flag;
import dev.derp4j.cli.flags.GoText;
import dev.derp4j.key.MeshKey;
import dev.derp4j.key.NodePrivateKey;
import dev.derp4j.mesh.MeshConfig;
import dev.derp4j.reload.ReloadException;
import dev.derp4j.reload.Source;
import dev.derp4j.server.RelayConfig;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Makes a relay's configuration of flags, environment and key files.
///
/// A missing key file is made when all else is known to be right: a start that cannot succeed
/// leaves nothing behind.
final class DerperSetup {
  private static final Logger log = LoggerFactory.getLogger(DerperSetup.class);
  private static final String QUEUE_DEPTH = "TS_DEBUG_DERP_PER_CLIENT_SEND_QUEUE_DEPTH";
  private static final String DEV_LISTEN = ":3340";
  private static final List<String> RELAY_VARIABLES = List.of("TS_", "DERP_", "SSL_CERT_");
  private static final Path ROOT_KEY_FILE = Path.of("/var/lib/derper/derper.key");

  /// Go's keepalive time where a program asks for its default.
  private static final Duration DEFAULT_KEEPALIVE = Duration.ofSeconds(15);

  private final DerperFlags flags;
  private final Map<String, String> environment;
  private boolean hasMeshKey;

  DerperSetup(DerperFlags flags, Map<String, String> environment) {
    this.flags = flags;
    this.environment = environment;
  }

  /// @throws StartException if something is missing or makes no sense
  RelayConfig configure() throws StartException {
    Optional<KeyFile> keyFile = keyFile();
    Optional<NodePrivateKey> kept = keyFile.isPresent() ? keyFile.get().read() : Optional.empty();
    NodePrivateKey privateKey = kept.orElseGet(NodePrivateKey::generate);
    RelayConfig config = configure(privateKey);
    if (keyFile.isPresent() && kept.isEmpty()) {
      keyFile.get().write(privateKey);
    }
    log.info(hasMeshKey ? "DERP mesh key configured" : "No mesh key configured");
    return config;
  }

  private RelayConfig configure(NodePrivateKey privateKey) throws StartException {
    ListenAddress listen = listenAddress();
    RelayConfig.Builder relay = RelayConfig.builder(privateKey);
    Optional<RelayConfig.Certificate> certificate =
        flags.certificates.certificate(listen.isHttps(), environment);
    if (certificate.isPresent()) {
      relay.certificate(certificate.get());
      if (flags.httpPort.value() >= 0) {
        relay.httpPort(port(flags.httpPort));
      }
    }
    int queueDepth = queueDepth();
    if (queueDepth > 0) {
      relay.sendQueueDepth(queueDepth);
    }
    relay.mesh(mesh());
    try {
      return relay
          .listen(listen.resolve())
          .stun(flags.stun.value())
          .stunPort(port(flags.stunPort))
          .derp(flags.derp.value())
          .home(flags.home.value())
          .hostname(flags.certificates.hostname.value())
          .dev(flags.dev.value())
          .tcpKeepaliveTime(keepaliveTime())
          .tcpUserTimeout(flags.tcpUserTimeout.value())
          .tcpWriteTimeout(flags.tcpWriteTimeout.value())
          .limits(flags.limits.config())
          .admission(flags.admission.config(environment))
          .http(flags.http.config())
          .environment(relayEnvironment())
          .versionText(Version.text())
          .build();
    } catch (IllegalArgumentException e) {
      throw new StartException(String.valueOf(e.getMessage()));
    }
  }

  private ListenAddress listenAddress() throws StartException {
    boolean devDefault = flags.dev.value() && !flags.listen.given();
    return ListenAddress.parse(devDefault ? DEV_LISTEN : flags.listen.value());
  }

  private static int port(Flag<Long> flag) throws StartException {
    long port = flag.value();
    if (port < 0 || port > 65535) {
      throw new StartException("-" + flag.name() + " " + port + " is not between 0 and 65535");
    }
    return (int) port;
  }

  /// In Go, 0 asks for the default time and less for no keepalive at all.
  private Duration keepaliveTime() {
    Duration time = flags.tcpKeepaliveTime.value();
    return time.isZero() ? DEFAULT_KEEPALIVE : time.isNegative() ? Duration.ZERO : time;
  }

  /// 0 where the environment sets none.
  private int queueDepth() throws StartException {
    String text = environment.getOrDefault(QUEUE_DEPTH, "");
    if (text.isEmpty()) {
      return 0;
    }
    try {
      return Integer.parseInt(text);
    } catch (NumberFormatException e) {
      throw new StartException(
          "invalid integer environment variable " + QUEUE_DEPTH + ": " + GoText.quote(text));
    }
  }

  /// Everything is read once here already, so that a mistake in it leaves nothing behind.
  private MeshConfig mesh() throws StartException {
    Source<List<MeshKey>> keys = meshKeys();
    String file = flags.meshWithFile.value();
    MeshList targets =
        new MeshList(
            flags.meshWith.value(),
            file.isEmpty() ? List.of() : List.of(path("-mesh-with-file", file)));
    try {
      List<MeshKey> read = keys.read();
      hasMeshKey = !read.isEmpty();
      boolean dials = !targets.read().isEmpty();
      if (dials && !hasMeshKey) {
        throw new StartException("-mesh-with requires -mesh-psk-file");
      }
      return MeshConfig.NONE.withKeys(keys.beginningWith(read)).withTargets(targets);
    } catch (ReloadException bad) {
      throw new StartException(String.valueOf(bad.getMessage()));
    }
  }

  private Source<List<MeshKey>> meshKeys() throws StartException {
    if (flags.dev.value()) {
      return MeshKeys.inEnvironment(environment);
    }
    if (!flags.secretsUrl.value().isEmpty()) {
      if (flags.secretsCacheDir.value().isEmpty()) {
        throw new StartException("-secrets-url needs -secrets-cache-dir");
      }
      return new SetecKeys(
          flags.secretsUrl.value(),
          flags.secretsPrefix.value(),
          path("-secrets-cache-dir", flags.secretsCacheDir.value()),
          environment);
    }
    String file = flags.meshKeyFile.value();
    return file.isEmpty() ? Source.fixed(List.of()) : MeshKeys.inFile(path("-mesh-psk-file", file));
  }

  /// Empty for a developer's relay, which has another key each time.
  private Optional<KeyFile> keyFile() throws StartException {
    if (flags.dev.value()) {
      return Optional.empty();
    }
    if (!flags.keyFile.value().isEmpty()) {
      return Optional.of(new KeyFile(path("-c", flags.keyFile.value())));
    }
    if (!CurrentUser.isRoot()) {
      throw new StartException("-c <config path> not specified");
    }
    log.info("no config path specified; using {}", ROOT_KEY_FILE);
    return Optional.of(new KeyFile(ROOT_KEY_FILE));
  }

  private static Path path(String flag, String text) throws StartException {
    try {
      return Path.of(text);
    } catch (InvalidPathException e) {
      throw new StartException(flag + " " + GoText.quote(text) + " is no path");
    }
  }

  /// What the relay may look at; above all not the mesh key.
  private Map<String, String> relayEnvironment() {
    return environment.entrySet().stream()
        .filter(entry -> RELAY_VARIABLES.stream().anyMatch(entry.getKey()::startsWith))
        .collect(Collectors.toUnmodifiableMap(Map.Entry::getKey, Map.Entry::getValue));
  }
}

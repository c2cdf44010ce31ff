package dev.derp4j.cli;

import dev.derp4j.cli.flags.Flag;
import dev.derp4j.cli.flags.FlagSet;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/// The flags of `derper`: all that the Go original has, with its names, types and defaults, and
/// some of our own.
final class DerperFlags {
  private final FlagSet set = new FlagSet("derper");

  final Flag<Boolean> dev =
      set.bool(
          "dev",
          false,
          "developer's relay: plain HTTP on :3340 unless -a says otherwise, a fresh key each start, "
              + "and the mesh key from TAILSCALE_DERPER_MESH_KEY");
  final Flag<Boolean> version = set.bool("version", false, "print the version and exit");
  final Flag<String> listen =
      set.string(
          "a",
          ":443",
          "where to serve DERP: \":port\" for all addresses, \"ip:port\" or \"[ip6]:port\". TLS if "
              + "the port is 443, -certmode is manual, or with -tls; else plain HTTP");
  final Flag<Long> httpPort =
      set.integer("http-port", 80, "port for plain HTTP beside TLS, on the same IP; -1 for none");
  final Flag<Boolean> stun = set.bool("stun", true, "answer STUN over UDP, on the IP of -a");
  final Flag<Long> stunPort = set.integer("stun-port", 3478, "UDP port for STUN");
  final Flag<String> keyFile =
      set.string(
          "c",
          "",
          "file with the relay's private key, made if missing; for root "
              + "/var/lib/derper/derper.key if not given");
  final CertificateFlags certificates;
  final Flag<Boolean> derp =
      set.bool("derp", true, "relay packets; false answers /derp with 404 and keeps the rest up");
  final Flag<String> home =
      set.string(
          "home", "", "root page: empty for the usual one, \"blank\", or a URL to redirect to");
  final Flag<String> meshKeyFile;
  final Flag<String> meshWith =
      set.string(
          "mesh-with",
          "",
          "comma list of relays to mesh with: host, host/dialhost, each with a :port behind the "
              + "host if it is not 443; dns:name for every address of a name; http://host:port "
              + "without TLS");
  final Flag<String> meshWithFile =
      set.string(
          "mesh-with-file",
          "",
          "file that lists more of them, a line each; read again on SIGHUP and when it changes");
  final Flag<String> secretsUrl =
      set.string("secrets-url", "", "setec server that has the mesh key");
  final Flag<String> secretsPrefix =
      set.string(
          "secrets-path-prefix",
          "prod/derp",
          "what the name of the mesh key's secret begins with; /meshkey follows");
  final Flag<String> secretsCacheDir;
  final AdmissionFlags admission = new AdmissionFlags(set);
  final HttpFlags http = new HttpFlags(set);
  final LimitFlags limits = new LimitFlags(set);
  final Flag<Duration> tcpKeepaliveTime =
      set.duration(
          "tcp-keepalive-time",
          Duration.ofMinutes(10),
          "idle time before TCP keepalive probes; long, to spare batteries");
  final Flag<Duration> tcpUserTimeout =
      set.duration(
          "tcp-user-timeout",
          Duration.ofSeconds(15),
          "how long sent bytes may stay unacknowledged before the connection counts as dead");
  final Flag<Duration> tcpWriteTimeout =
      set.duration(
          "tcp-write-timeout",
          Duration.ofSeconds(2),
          "how long a write to a client may take; 0 for no limit");

  /// @param environment decides the defaults that lie in a home directory
  DerperFlags(Map<String, String> environment) {
    certificates = new CertificateFlags(set, environment);
    meshKeyFile =
        set.string(
            "mesh-psk-file",
            defaultMeshKeyFile(environment),
            "file with the key that the region's relays share, 64 hexadecimal digits; a second line "
                + "may hold another that is accepted too; empty for none");
    secretsCacheDir =
        set.string(
            "secrets-cache-dir",
            environment.getOrDefault("HOME", "") + "/.cache/derper-secrets",
            "file that keeps what setec answered, for a start without it");
  }

  /// The first of the usual places that has a file.
  private static String defaultMeshKeyFile(Map<String, String> environment) {
    Path own = Path.of(environment.getOrDefault("HOME", ""), "keys", "derp-mesh.key");
    for (Path place : List.of(Path.of("/home/derp/keys/derp-mesh.key"), own)) {
      if (Files.exists(place)) {
        return place.toString();
      }
    }
    return "";
  }

  FlagSet set() {
    return set;
  }
}

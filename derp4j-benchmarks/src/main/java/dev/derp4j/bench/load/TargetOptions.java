package dev.derp4j.bench.load;

import dev.derp4j.bench.load.report.ServerWatch;
import dev.derp4j.bench.load.wire.ClientTls;
import dev.derp4j.bench.load.wire.Dialer;
import dev.derp4j.bench.load.wire.Target;
import dev.derp4j.bench.load.wire.Transport;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// What every mode wants to know: which server, how to reach it, where to write the result.
final class TargetOptions {
  @Option(
      names = "--server",
      required = true,
      paramLabel = "HOST:PORT",
      description = "The server to load; [HOST]:PORT for IPv6.")
  String server = "";

  @Option(names = "--plain", description = "Speak plain HTTP instead of TLS 1.3.")
  boolean plain;

  @Option(
      names = "--fast-start",
      description = "Send upgrade request and introduction in one flight, as current clients do.")
  boolean fastStart;

  @Option(
      names = "--loops",
      paramLabel = "N",
      description = "Event loops. Default: one per processor that this process may use.")
  int loops = Runtime.getRuntime().availableProcessors();

  @Option(
      names = "--sources",
      split = ",",
      paramLabel = "ADDRESS",
      description =
          "Local addresses to connect from in turn; FIRST-LAST gives a range. One address has"
              + " ports for some 28,000 connections.")
  List<String> sources = List.of();

  @Option(
      names = "--groups",
      split = ",",
      paramLabel = "GROUP",
      description =
          "TLS key exchange groups, most wanted first. Default: those of a Go client of 2026,"
              + " X25519MLKEM768,X25519,P-256.")
  List<String> groups = ClientTls.DEFAULT_GROUPS;

  @Option(
      names = "--await",
      paramLabel = "SECONDS",
      description = "How long to wait for the server to come up. Default: ${DEFAULT-VALUE}.")
  int await = 5;

  @Option(
      names = "--server-pid",
      paramLabel = "PID",
      description =
          "The server's process on this machine, to read its processor time and memory from the"
              + " kernel.")
  long serverPid;

  @Option(
      names = "--settle",
      paramLabel = "COMMAND",
      defaultValue = "",
      description =
          "Shell command to run before an idle run reads memory, such as one that collects the"
              + " server's garbage.")
  String settle = "";

  @Option(
      names = "--seed",
      paramLabel = "N",
      description =
          "Makes packet sizes and schedules the same in every run. Default: ${DEFAULT-VALUE}.")
  long seed = 1;

  @Option(names = "--json", paramLabel = "FILE", description = "Write the result there as JSON.")
  @Nullable Path json;

  ServerWatch serverWatch() {
    return new ServerWatch(serverPid, settle);
  }

  /// @param recordPerWrite whether each write gets a TLS record of its own
  Dialer dialer(boolean recordPerWrite) throws IOException {
    ClientTls tls = new ClientTls(groups, recordPerWrite);
    return new Dialer(target(), tls, Transport.best(), loops);
  }

  private Target target() throws IOException {
    int colon = server.lastIndexOf(':');
    if (colon < 0) {
      throw new IllegalArgumentException("--server wants HOST:PORT, not " + server);
    }
    String host = server.substring(0, colon).replace("[", "").replace("]", "");
    InetSocketAddress address =
        new InetSocketAddress(
            InetAddress.getByName(host), Integer.parseInt(server.substring(colon + 1)));
    List<InetAddress> from = new ArrayList<>();
    for (String source : sources) {
      from.addAll(AddressRange.parse(source));
    }
    return new Target(address, !plain, fastStart, from);
  }

  /// What was asked for, for the report.
  Map<String, Object> settings() throws IOException {
    Map<String, Object> settings = new LinkedHashMap<>();
    settings.put("server", server);
    settings.put("tls", plain ? "none" : new ClientTls(groups, false).provider());
    settings.put("transport", Transport.best().name());
    settings.put("fastStart", fastStart);
    settings.put("loops", loops);
    settings.put("groups", String.join(",", groups));
    settings.put("seed", seed);
    return settings;
  }
}

package dev.derp4j.bench.load;

import dev.derp4j.bench.load.report.ServerWatch;
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

/// What every mode wants to know, whatever it speaks: which server, from where, and where to write
/// the result.
class MeasuredOptions {
  @Option(
      names = "--server",
      required = true,
      paramLabel = "HOST:PORT",
      description = "The server to load; [HOST]:PORT for IPv6.")
  String server = "";

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
      names = "--server-pid",
      split = ",",
      paramLabel = "PID",
      description =
          "The server's process on this machine, to read its processor time and memory from the"
              + " kernel; several are added up.")
  List<Long> serverPids = List.of();

  @Option(
      names = "--settle",
      paramLabel = "COMMAND",
      defaultValue = "",
      description =
          "Shell command to run before memory of a server at rest is read, such as one that"
              + " collects its garbage.")
  String settle = "";

  @Option(
      names = "--seed",
      paramLabel = "N",
      description =
          "Makes packet sizes and schedules the same in every run. Default: ${DEFAULT-VALUE}.")
  long seed = 1;

  @Option(names = "--json", paramLabel = "FILE", description = "Write the result there as JSON.")
  @Nullable Path json;

  ServerWatch serverWatch() throws IOException {
    if (!settle.isEmpty() && serverPids.isEmpty()) {
      throw new IllegalArgumentException("--settle is of no use without --server-pid");
    }
    ServerWatch watch = new ServerWatch(serverPids, settle);
    watch.memory();
    return watch;
  }

  /// Where the server is. Warns if that is another machine.
  InetSocketAddress address(String option, String text) throws IOException {
    Check.between("--loops", loops, 1, 1024);
    InetSocketAddress address = Endpoint.parse(option, text);
    String warning = Endpoint.warning(address);
    if (!warning.isEmpty()) {
      System.err.println(warning);
    }
    return address;
  }

  List<InetAddress> sourceAddresses() throws IOException {
    List<InetAddress> from = new ArrayList<>();
    for (String source : sources) {
      from.addAll(AddressRange.parse(source));
    }
    return from;
  }

  /// What was asked for, for the report.
  Map<String, Object> settings() throws IOException {
    Map<String, Object> settings = new LinkedHashMap<>();
    settings.put("server", server);
    settings.put("transport", Transport.best().name());
    settings.put("loops", loops);
    settings.put("seed", seed);
    return settings;
  }
}

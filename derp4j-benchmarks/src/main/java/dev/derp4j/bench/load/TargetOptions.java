package dev.derp4j.bench.load;

import dev.derp4j.bench.load.wire.ClientTls;
import dev.derp4j.bench.load.wire.Dialer;
import dev.derp4j.bench.load.wire.Target;
import dev.derp4j.bench.load.wire.Transport;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Option;

/// What every mode that speaks DERP wants to know beyond that: how to reach the server.
final class TargetOptions extends MeasuredOptions {
  @Option(names = "--plain", description = "Speak plain HTTP instead of TLS 1.3.")
  boolean plain;

  @Option(
      names = "--fast-start",
      description = "Send upgrade request and introduction in one flight, as current clients do.")
  boolean fastStart;

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

  /// @param recordPerWrite whether each write gets a TLS record of its own
  Dialer dialer(boolean recordPerWrite) throws IOException {
    ClientTls tls = new ClientTls(groups, recordPerWrite);
    return new Dialer(target("--server", server), tls, Transport.best(), loops);
  }

  /// One that is not to disturb another in the same process.
  ///
  /// @param loopCount event loops, in place of `--loops`
  Dialer dialerBeside(int loopCount) throws IOException {
    ClientTls tls = new ClientTls(groups, false);
    return Dialer.ofLowPriority(target("--server", server), tls, Transport.best(), loopCount);
  }

  /// The way to a server that is reached like the first one.
  Target target(String option, String text) throws IOException {
    return new Target(address(option, text), !plain, fastStart, sourceAddresses());
  }

  @Override
  Map<String, Object> settings() throws IOException {
    Map<String, Object> settings = super.settings();
    settings.put("tls", plain ? "none" : new ClientTls(groups, false).provider());
    settings.put("fastStart", fastStart);
    settings.put("groups", String.join(",", groups));
    return settings;
  }
}

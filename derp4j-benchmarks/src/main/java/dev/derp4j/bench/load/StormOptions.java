package dev.derp4j.bench.load;

import dev.derp4j.bench.load.wire.Dialer;
import dev.derp4j.key.NodePublicKey;
import java.util.Map;
import picocli.CommandLine.Option;

/// What a storm of connects is like.
final class StormOptions {
  @Option(
      names = "--at-once",
      paramLabel = "N",
      description = "Connects in progress. Default: ${DEFAULT-VALUE}.")
  int atOnce = 16;

  @Option(
      names = "--connect-rate",
      paramLabel = "N",
      description = "Most connects per second; 0 for as many as there can be. Default: 0.")
  int connectRate;

  @Option(
      names = "--identities",
      paramLabel = "N",
      description =
          "Different clients, their keys and boxes made before. Default: ${DEFAULT-VALUE}.")
  int identities = 500;

  void check() {
    Check.between("--at-once", atOnce, 1, 10_000);
    Check.atLeast("--connect-rate", connectRate, 0);
    Check.between("--identities", identities, 1, 1_000_000);
  }

  ConnectStorm storm(Dialer dialer, NodePublicKey server) {
    return new ConnectStorm(dialer, server, identities, atOnce, connectRate);
  }

  void describe(Map<String, Object> settings) {
    settings.put("atOnce", atOnce);
    settings.put("connectRate", connectRate);
    settings.put("identities", identities);
  }
}

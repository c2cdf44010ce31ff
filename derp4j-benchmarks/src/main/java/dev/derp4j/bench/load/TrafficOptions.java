package dev.derp4j.bench.load;

import dev.derp4j.bench.load.traffic.PacketShape;
import dev.derp4j.bench.load.traffic.PacketSizes;
import dev.derp4j.bench.load.traffic.TrafficPlan;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// What the modes that send packets have in common.
final class TrafficOptions {
  @Option(
      names = "--pairs",
      paramLabel = "N",
      description = "Senders, each with a receiver of its own. Default: ${DEFAULT-VALUE}.")
  int pairs = 10;

  @Option(
      names = "--size",
      paramLabel = "BYTES",
      description =
          "Packet size, or imix for 60, 260 and 1280 in the proportion 7:4:1."
              + " Default: ${DEFAULT-VALUE}.")
  String size = "1280";

  @Option(
      names = "--coalesce",
      description =
          "Packets that are due together share a write and its TLS records. Otherwise each has"
              + " its own, as with stock clients.")
  boolean coalesce;

  @Option(
      names = "--disco-share",
      paramLabel = "SHARE",
      description =
          "The share of packets, 0 to 1, that look like disco. Default: ${DEFAULT-VALUE}.")
  double discoShare;

  @Option(
      names = "--warmup",
      paramLabel = "SECONDS",
      description = "Traffic before the counting begins. Default: ${DEFAULT-VALUE}.")
  int warmup = 5;

  @Option(
      names = "--duration",
      paramLabel = "SECONDS",
      description = "How long is counted. Default: ${DEFAULT-VALUE}.")
  int duration = 10;

  @Option(
      names = "--late-after",
      paramLabel = "MILLISECONDS",
      description =
          "A packet delivered later than this after it was due counts as late."
              + " Default: ${DEFAULT-VALUE}.")
  int lateAfter = 100;

  @Option(
      names = "--second-server",
      paramLabel = "HOST:PORT",
      description =
          "Another server that is meshed with the first: receivers are its clients, so that every"
              + " packet passes both.")
  @Nullable String secondServer;

  void check() {
    Check.between("--pairs", pairs, 1, 100_000);
    Check.between("--disco-share", discoShare, 0, 1);
    Check.atLeast("--warmup", warmup, 0);
    Check.atLeast("--duration", duration, 1);
    Check.atLeast("--late-after", lateAfter, 0);
  }

  TrafficPlan plan(TrafficPlan.Pacing pacing, long seed) {
    check();
    return new TrafficPlan(
        pairs,
        new PacketShape(PacketSizes.parse(size), coalesce, discoShare),
        pacing,
        Duration.ofSeconds(warmup),
        Duration.ofSeconds(duration),
        Duration.ofMillis(lateAfter),
        seed);
  }

  void describe(Map<String, Object> settings) {
    settings.put("pairs", pairs);
    settings.put("size", size);
    settings.put("coalesce", coalesce);
    settings.put("discoShare", discoShare);
    if (secondServer != null) {
      settings.put("secondServer", secondServer);
    }
    settings.put("warmup", warmup);
    settings.put("duration", duration);
    settings.put("lateAfterMillis", lateAfter);
  }
}

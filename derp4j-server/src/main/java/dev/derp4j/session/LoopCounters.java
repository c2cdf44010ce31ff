package dev.derp4j.session;

import dev.derp4j.metrics.Metric;
import dev.derp4j.metrics.Metrics;
import dev.derp4j.metrics.PacketKind;

/// What one event loop counts for each packet: plain fields, added to the shared metrics once per
/// burst. Owned by the event loop.
final class LoopCounters {
  private final Metrics metrics;
  private long discoPackets;
  private long discoBytes;
  private long otherPackets;
  private long otherBytes;
  private long sentPackets;
  private long sentBytes;
  private long waitedNanos;
  private int waitedRuns;
  private long forwardedOut;
  private long forwardedIn;

  LoopCounters(Metrics metrics) {
    this.metrics = metrics;
  }

  void received(boolean disco, int packets, int payloadBytes) {
    if (disco) {
      discoPackets += packets;
      discoBytes += payloadBytes;
    } else {
      otherPackets += packets;
      otherBytes += payloadBytes;
    }
  }

  void sent(int packets, int payloadBytes) {
    sentPackets += packets;
    sentBytes += payloadBytes;
  }

  /// Packets were given to another node of the mesh.
  void forwardedOut(int packets) {
    forwardedOut += packets;
  }

  /// A packet came from another node of the mesh.
  void forwardedIn() {
    forwardedIn++;
  }

  /// A run went through a send queue and waited there this long.
  void sentAfter(long nanos) {
    waitedNanos += nanos;
    waitedRuns++;
  }

  /// A run was written as it came.
  void sentWithoutWaiting() {
    waitedRuns++;
  }

  /// Adds up what came since the last call.
  ///
  /// @return how many packets came in, from clients and from other nodes
  int publish() {
    int received = (int) (discoPackets + otherPackets + forwardedIn);
    if (discoPackets > 0) {
      metrics.received(PacketKind.DISCO, discoPackets, discoBytes);
      discoPackets = 0;
      discoBytes = 0;
    }
    if (otherPackets > 0) {
      metrics.received(PacketKind.OTHER, otherPackets, otherBytes);
      otherPackets = 0;
      otherBytes = 0;
    }
    if (sentPackets > 0) {
      metrics.add(Metric.DERP_PACKETS_SENT, sentPackets);
      metrics.add(Metric.DERP_BYTES_SENT, sentBytes);
      sentPackets = 0;
      sentBytes = 0;
    }
    if (forwardedOut > 0) {
      metrics.add(Metric.DERP_PACKETS_FORWARDED_OUT, forwardedOut);
      forwardedOut = 0;
    }
    if (forwardedIn > 0) {
      metrics.add(Metric.DERP_PACKETS_FORWARDED_IN, forwardedIn);
      forwardedIn = 0;
    }
    if (waitedRuns > 0) {
      metrics.queueDuration(waitedNanos / 1e6 / waitedRuns);
      waitedNanos = 0;
      waitedRuns = 0;
    }
    return received;
  }
}

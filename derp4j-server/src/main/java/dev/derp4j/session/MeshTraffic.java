package dev.derp4j.session;

import dev.derp4j.key.NodePublicKey;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;

/// What each node of the mesh forwarded to this one, by the node's key. Thread-safe.
///
/// Only those who showed the mesh key are in it. A node may have a new key at each of its starts,
/// so the oldest are forgotten.
public final class MeshTraffic {
  private static final int MAX_NODES = 1024;

  private final Map<NodePublicKey, Tally> tallies = new LinkedHashMap<>();

  /// Packets, and the bytes of their payloads.
  public record Tally(LongAdder packets, LongAdder bytes) {
    private Tally() {
      this(new LongAdder(), new LongAdder());
    }

    void add(int payloadBytes) {
      packets.increment();
      bytes.add(payloadBytes);
    }
  }

  /// The tally of one node, new if there was none.
  public synchronized Tally of(NodePublicKey node) {
    Tally tally = tallies.get(node);
    if (tally == null) {
      if (tallies.size() == MAX_NODES) {
        tallies.remove(tallies.keySet().iterator().next());
      }
      tally = new Tally();
      tallies.put(node, tally);
    }
    return tally;
  }
}

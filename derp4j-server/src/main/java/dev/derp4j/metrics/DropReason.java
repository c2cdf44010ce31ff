package dev.derp4j.metrics;

/// Why a packet was not delivered: the values of the label `reason`.
public enum DropReason {
  /// No connection and no forwarder has the destination's key.
  UNKNOWN_DEST("unknown_dest"),
  /// The same, for a packet that another node of the mesh forwarded to us.
  UNKNOWN_DEST_ON_FWD("unknown_dest_on_fwd"),
  /// The destination's connection closed with the packet still in its queue.
  GONE_DISCONNECTED("gone_disconnected"),
  /// The destination's queue was full and this was its oldest packet.
  QUEUE_HEAD("queue_head"),
  /// Kept for dashboards of older relays; always 0, since the newest packet always gets in.
  QUEUE_TAIL("queue_tail"),
  /// The packet was being written when the destination's connection failed.
  WRITE_ERROR("write_error"),
  /// The key has several connections and none of them is active.
  DUP_CLIENT("dup_client");

  private final String label;

  DropReason(String label) {
    this.label = label;
  }

  /// The label's value in metrics and log lines.
  public String label() {
    return label;
  }
}

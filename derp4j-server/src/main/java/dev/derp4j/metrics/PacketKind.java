package dev.derp4j.metrics;

/// The values of the label `kind`: path-discovery packets, and all others.
public enum PacketKind {
  DISCO("disco"),
  OTHER("other");

  private final String label;

  PacketKind(String label) {
    this.label = label;
  }

  /// The label's value in metrics.
  public String label() {
    return label;
  }
}

package dev.derp4j.routing;

import dev.derp4j.key.NodePublicKey;
import io.netty.buffer.ByteBuf;

/// A way to another node of the region, for keys that are connected there.
///
/// One object stands for one mesh connection: when that breaks, its successor is another object.
/// Compared by identity. Thread-safe.
public interface Forwarder {
  /// Takes a run of `packets` complete RecvPacket frames from `source`, all disco packets or all
  /// not, that are to reach `destination` over there. Takes over the reference to `run`; what the
  /// other node gets is this object's to make of it.
  ///
  /// The call returns at once and never fails: what cannot be sent is counted and dropped.
  void forward(
      NodePublicKey source, NodePublicKey destination, ByteBuf run, int packets, boolean disco);
}

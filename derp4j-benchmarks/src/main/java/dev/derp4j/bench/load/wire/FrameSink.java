package dev.derp4j.bench.load.wire;

import io.netty.buffer.ByteBuf;

/// Takes what arrives on a connection. All calls come on the connection's event loop.
public interface FrameSink {
  /// A sink for connections on which nothing is expected.
  FrameSink NONE = (bytes, index, length) -> {};

  /// A packet came in.
  ///
  /// @param bytes holds its first bytes; valid only during the call
  /// @param index where in `bytes` the packet begins, behind the source key
  /// @param length the packet's length
  void packet(ByteBuf bytes, int index, int length);

  /// All that one read brought has been handed over.
  default void readComplete() {}
}

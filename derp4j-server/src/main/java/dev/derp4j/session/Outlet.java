package dev.derp4j.session;

import dev.derp4j.key.NodePublicKey;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;

/// A connection that packets are written to, as its [RelayLoop] sees it: a client's, or one to
/// another node of the mesh.
///
/// All methods are called on the connection's own loop.
public interface Outlet {
  /// Writes or queues a run of `packets` complete RecvPacket frames from `source` for
  /// `destination`, all disco packets or all not. Takes over the reference to `run`. What goes
  /// wrong is this connection's affair and never thrown.
  void accept(
      NodePublicKey source, NodePublicKey destination, ByteBuf run, int packets, boolean disco);

  /// Sends what was written since the last flush to the kernel.
  void flush();

  /// Closes the connection after an exception.
  void failed(Throwable cause);

  /// Where the bytes go.
  Channel channel();

  /// How long the kernel may take nothing while data waits for it; zero for ever.
  long writeTimeoutNanos();

  /// The kernel took nothing for that long.
  void writeTimedOut();
}

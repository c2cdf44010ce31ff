package dev.derp4j.routing;

import dev.derp4j.key.NodePublicKey;
import io.netty.buffer.ByteBuf;
import java.net.InetSocketAddress;

/// One authenticated connection, as the registry and other connections see it.
///
/// All methods may be called from any thread. Those that the [Registry] calls
/// ([#peerGone], [#duplicateChanged], [#disconnect]) run under its lock: they must return at once
/// and leave I/O to the connection's own event loop.
public interface LocalPeer {
  /// The key this connection proved to own.
  NodePublicKey key();

  /// The client's address as the relay sees it; goes into PeerPresent frames.
  InetSocketAddress remoteAddress();

  /// The flags byte of this connection's PeerPresent frames.
  int presenceFlags();

  /// The application name from ClientInfo in ASCII, empty if none was given.
  String appName();

  /// Takes a run of `packets` complete RecvPacket frames that all come from `source` and are all
  /// disco packets or all not. Takes over the reference to `run`. On the connection's own event
  /// loop the run is written or queued at once; from another thread it is handed over.
  void deliver(NodePublicKey source, ByteBuf run, int packets, boolean disco);

  /// The peer left the region after this connection had received packets from it.
  void peerGone(NodePublicKey peer);

  /// This connection entered or left a set of connections that share its key.
  ///
  /// @param duplicate whether the key has other connections too
  void duplicateChanged(boolean duplicate);

  /// Ends the connection because a mesh peer asked for it.
  void disconnect();

  /// Tells the client that the relay goes down and when to come back, then closes.
  ///
  /// @param reconnectIn milliseconds until it should try to connect
  /// @param tryFor milliseconds that it should go on trying
  /// @param closeIn milliseconds until this end closes
  void restart(int reconnectIn, int tryFor, long closeIn);
}

package dev.derp4j.session;

import dev.derp4j.key.NodePublicKey;
import dev.derp4j.routing.LocalPeer;
import io.netty.buffer.ByteBuf;
import java.net.InetSocketAddress;

/// A connection of the registry that does nothing.
class SilentPeer implements LocalPeer {
  private final NodePublicKey key;
  private final String appName;

  SilentPeer(NodePublicKey key, String appName) {
    this.key = key;
    this.appName = appName;
  }

  @Override
  public NodePublicKey key() {
    return key;
  }

  @Override
  public InetSocketAddress remoteAddress() {
    return new InetSocketAddress("192.0.2.7", 7);
  }

  @Override
  public int presenceFlags() {
    return 1;
  }

  @Override
  public String appName() {
    return appName;
  }

  @Override
  public void deliver(NodePublicKey source, ByteBuf run, int packets, boolean disco) {
    run.release();
  }

  @Override
  public void peerGone(NodePublicKey peer) {}

  @Override
  public void duplicateChanged(boolean isDuplicate) {}

  @Override
  public void disconnect() {}

  @Override
  public void restart(int reconnectIn, int tryFor, long closeIn) {}
}

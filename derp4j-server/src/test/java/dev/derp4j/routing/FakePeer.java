package dev.derp4j.routing;

import dev.derp4j.key.NodePublicKey;
import io.netty.buffer.ByteBuf;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;

/// A connection without one: notes what the registry tells it.
final class FakePeer implements LocalPeer {
  final List<NodePublicKey> gone = new ArrayList<>();
  final List<Boolean> duplicate = new ArrayList<>();
  int disconnects;

  private final NodePublicKey key;

  FakePeer(int key) {
    this(TestKeys.key(key));
  }

  FakePeer(NodePublicKey key) {
    this.key = key;
  }

  @Override
  public NodePublicKey key() {
    return key;
  }

  @Override
  public InetSocketAddress remoteAddress() {
    return InetSocketAddress.createUnresolved("nowhere", 1);
  }

  @Override
  public int presenceFlags() {
    return 1;
  }

  @Override
  public String appName() {
    return "";
  }

  @Override
  public void deliver(NodePublicKey source, ByteBuf run, int packets, boolean disco) {
    run.release();
  }

  @Override
  public void peerGone(NodePublicKey peer) {
    gone.add(peer);
  }

  @Override
  public void duplicateChanged(boolean isDuplicate) {
    duplicate.add(isDuplicate);
  }

  @Override
  public void disconnect() {
    disconnects++;
  }

  @Override
  public void restart(int reconnectIn, int tryFor, long closeIn) {}
}

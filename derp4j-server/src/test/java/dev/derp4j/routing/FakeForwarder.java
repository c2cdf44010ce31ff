package dev.derp4j.routing;

import dev.derp4j.key.NodePublicKey;
import io.netty.buffer.ByteBuf;

/// A way to another node that leads nowhere.
final class FakeForwarder implements Forwarder {
  private final String name;

  FakeForwarder(String name) {
    this.name = name;
  }

  @Override
  public void forward(
      NodePublicKey source, NodePublicKey destination, ByteBuf run, int packets, boolean disco) {
    run.release();
  }

  @Override
  public String toString() {
    return name;
  }
}

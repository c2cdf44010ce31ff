package dev.derp4j.routing;

import dev.derp4j.key.NodePublicKey;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

/// Keys by number, so that a failing test names the same ones again.
public final class TestKeys {
  private TestKeys() {}

  /// The key with this number; different numbers give different keys.
  public static NodePublicKey key(int number) {
    long word = number + 1L;
    return NodePublicKey.ofWords(
        word * 0x9e3779b97f4a7c15L, ~word, (word << 40) ^ word, 0x6b65790000000000L + word);
  }

  /// The key's bytes behind some others, as it lies in a frame.
  static ByteBuf bytes(NodePublicKey key, int offset) {
    ByteBuf buf = Unpooled.buffer(offset + NodePublicKey.LENGTH).writeZero(offset);
    key.write(buf);
    return buf;
  }
}

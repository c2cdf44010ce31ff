package dev.derp4j.bench.load.wire;

import dev.derp4j.frame.FrameLimits;
import dev.derp4j.frame.FrameType;
import dev.derp4j.handshake.ClientInfo;
import dev.derp4j.handshake.HandshakeException;
import dev.derp4j.handshake.ServerInfo;
import dev.derp4j.handshake.SharedBox;
import dev.derp4j.key.NodePrivateKey;
import dev.derp4j.key.NodePublicKey;
import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/// Who a connection claims to be, with the introduction to one server ready-made.
///
/// The curve product and the sealed box cost more than all else in a connect but TLS; making them
/// before a connect storm keeps that work out of it. A box may be sent more than once: nobody
/// learns from it here what the server does not know. Not thread-safe while [#prepare] runs, free
/// to share afterwards.
public final class Identity {
  private final NodePrivateKey privateKey;
  private final NodePublicKey key;
  private @Nullable NodePublicKey server;
  private @Nullable SharedBox box;
  private byte[] introduction = new byte[0];

  private Identity(NodePrivateKey privateKey) {
    this.privateKey = privateKey;
    this.key = privateKey.publicKey();
  }

  /// A new identity with a random key.
  public static Identity generate() {
    return new Identity(NodePrivateKey.generate());
  }

  /// Makes the introduction to this server. The first server prepared for stays the one.
  public Identity prepare(NodePublicKey serverKey) {
    if (server == null) {
      SharedBox shared = SharedBox.between(privateKey, serverKey);
      byte[] sealed = shared.sealWithRandomNonce(ClientInfo.plain().toJson());
      int length = NodePublicKey.LENGTH + sealed.length;
      introduction =
          ByteBuffer.allocate(FrameLimits.HEADER_LENGTH + length)
              .put((byte) FrameType.CLIENT_INFO.code())
              .putInt(length)
              .put(key.toBytes())
              .put(sealed)
              .array();
      box = shared;
      server = serverKey;
    }
    return this;
  }

  /// The public key.
  public NodePublicKey key() {
    return key;
  }

  /// The server that this was prepared for.
  ///
  /// @throws IllegalStateException if there is none
  NodePublicKey server() {
    if (server == null) {
      throw new IllegalStateException("not prepared for a server");
    }
    return server;
  }

  /// The ClientInfo frame for the server that this was prepared for.
  byte[] introduction() {
    server();
    return introduction;
  }

  /// The ClientInfo frame for the server that has just shown its key.
  byte[] introduction(NodePublicKey serverKey) throws IOException {
    prepare(serverKey);
    if (!serverKey.equals(server)) {
      throw new IOException("the server's key has changed: another server answers here now");
    }
    return introduction;
  }

  /// Opens the box of a ServerInfo frame.
  void openServerInfo(ByteBuf payload) throws IOException {
    if (payload.readableBytes() < SharedBox.NONCE_LENGTH || box == null) {
      throw new IOException("ServerInfo of " + payload.readableBytes() + " bytes");
    }
    byte[] nonce = new byte[SharedBox.NONCE_LENGTH];
    payload.readBytes(nonce);
    byte[] sealed = new byte[payload.readableBytes()];
    payload.readBytes(sealed);
    byte[] json = box.open(nonce, sealed);
    if (json == null) {
      throw new IOException(
          "ServerInfo does not open: not sealed by the key that the server showed");
    }
    try {
      ServerInfo.parse(json);
    } catch (HandshakeException e) {
      throw new IOException("ServerInfo: " + e.getMessage(), e);
    }
  }
}

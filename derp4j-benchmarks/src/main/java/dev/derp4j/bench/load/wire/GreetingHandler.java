package dev.derp4j.bench.load.wire;

import dev.derp4j.frame.FrameLimits;
import dev.derp4j.frame.FrameType;
import dev.derp4j.key.NodePublicKey;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import java.io.IOException;
import java.util.List;

/// Second phase: the server's key comes in, our introduction goes out, the server's info comes in.
///
/// The info's box is opened, so that a run against something that only looks like a DERP server
/// fails here. Leaves the pipeline when done; the frames behind belong to the [DerpConnection].
final class GreetingHandler extends ByteToMessageDecoder {
  private static final int LARGEST = 64 * 1024;

  private final Identity identity;
  private final DerpConnection connection;
  private final boolean introduced;
  private boolean met;

  /// @param introduced whether the introduction has gone out with the upgrade request
  GreetingHandler(Identity identity, DerpConnection connection, boolean introduced) {
    this.identity = identity;
    this.connection = connection;
    this.introduced = introduced;
  }

  @Override
  protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out)
      throws IOException {
    if (in.readableBytes() < FrameLimits.HEADER_LENGTH) {
      return;
    }
    int start = in.readerIndex();
    int type = in.getUnsignedByte(start);
    int length = in.getInt(start + 1);
    if (length < 0 || length > LARGEST) {
      throw new IOException("not a DERP server: frame of " + length + " bytes in the handshake");
    }
    if (in.readableBytes() < FrameLimits.HEADER_LENGTH + length) {
      return;
    }
    in.skipBytes(FrameLimits.HEADER_LENGTH);
    ByteBuf payload = in.readSlice(length);
    if (type == FrameType.SERVER_KEY.code()) {
      receiveServerKey(ctx, payload);
    } else if (type == FrameType.SERVER_INFO.code() && met) {
      identity.openServerInfo(payload);
      ctx.pipeline().remove(this);
      connection.shakenHands();
    } else {
      throw new IOException("frame of type " + type + " in the handshake");
    }
  }

  private void receiveServerKey(ChannelHandlerContext ctx, ByteBuf payload) throws IOException {
    if (payload.readableBytes() < 8 + NodePublicKey.LENGTH
        || payload.readLong() != FrameLimits.MAGIC) {
      throw new IOException("not a DERP server: no magic bytes in its first frame");
    }
    NodePublicKey key = NodePublicKey.read(payload, payload.readerIndex());
    byte[] introduction = identity.introduction(key);
    if (!introduced) {
      ctx.writeAndFlush(ctx.alloc().buffer(introduction.length).writeBytes(introduction));
    }
    met = true;
  }
}

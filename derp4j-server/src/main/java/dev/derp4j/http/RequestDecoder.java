package dev.derp4j.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpRequestDecoder;
import io.netty.util.ReferenceCountUtil;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Bytes to requests, one at a time.
///
/// Beyond Netty's decoder it can be paused, keeping what has come undecoded: while a response waits
/// to be made or to be taken by the peer, and once a request turns out to be the last of HTTP.
/// Removed from the pipeline it hands on the bytes it still holds:
///
/// ```text
/// before                                    after the hand-over
/// +---------------------+-----------+       +-----------+
/// | GET /derp HTTP/1.1… | 02 … 05 … |  -->  | 02 … 05 … |  to the next handler, undecoded
/// +---------------------+-----------+       +-----------+
/// ```
///
/// Owned by the connection's event loop.
final class RequestDecoder extends HttpRequestDecoder {
  private final Routes routes;
  private final Runnable bytesArrived;
  private boolean paused;
  private boolean discarding;
  private @Nullable ChannelHandlerContext ownContext;

  /// @param bytesArrived called whenever bytes come in, before they are decoded
  RequestDecoder(Routes routes, Runnable bytesArrived) {
    super(HeadLimits.decoderConfig());
    this.routes = routes;
    this.bytesArrived = bytesArrived;
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    ownContext = ctx;
  }

  @Override
  protected boolean isContentAlwaysEmpty(HttpMessage head) {
    return head instanceof HttpRequest request && routes.isUpgrade(request);
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) throws Exception {
    if (discarding) {
      ReferenceCountUtil.release(message);
      return;
    }
    bytesArrived.run();
    super.channelRead(ctx, message);
  }

  @Override
  protected void decode(ChannelHandlerContext ctx, ByteBuf buffer, List<Object> out)
      throws Exception {
    if (discarding) {
      buffer.skipBytes(buffer.readableBytes());
    } else if (!paused) {
      super.decode(ctx, buffer, out);
    }
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) throws Exception {
    if (paused) {
      // Netty's decoder would ask for more bytes here, having made nothing of the last ones.
      ctx.fireChannelReadComplete();
    } else {
      super.channelReadComplete(ctx);
    }
  }

  /// Decodes nothing more until [#resume].
  void pause() {
    paused = true;
  }

  /// Goes on with what has come meanwhile. Must not be called from inside a read of this pipeline.
  void resume() {
    ChannelHandlerContext ctx = ownContext;
    if (paused && ctx != null && !ctx.isRemoved()) {
      paused = false;
      try {
        super.channelRead(ctx, Unpooled.EMPTY_BUFFER);
        super.channelReadComplete(ctx);
      } catch (Exception e) {
        ctx.fireExceptionCaught(e);
      }
    }
  }

  /// Throws away all that comes from here on.
  void discard() {
    discarding = true;
  }
}

package dev.derp4j.client.dial;

import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.util.ReferenceCountUtil;

/// The last handler of a connection that is being made: whatever no phase has taken ends here, and
/// not in Netty's log.
///
/// Phases tell the dial what went wrong by their futures. Bytes that come when no phase expects any
/// break the protocol, and close the connection.
@ChannelHandler.Sharable
final class PipelineEnd extends ChannelInboundHandlerAdapter {
  private static final String NAME = "end";

  /// Adds a phase's handler behind the ones that are there.
  static void addBefore(ChannelPipeline pipeline, String name, ChannelHandler handler) {
    if (pipeline.get(NAME) == null) {
      pipeline.addLast(NAME, new PipelineEnd());
    }
    pipeline.addBefore(NAME, name, handler);
  }

  /// Takes it away: the consumer's handler comes last from here on.
  static void remove(ChannelPipeline pipeline) {
    if (pipeline.get(NAME) != null) {
      pipeline.remove(NAME);
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    ReferenceCountUtil.release(message);
    ctx.close();
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    // the phases have seen it
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    ReferenceCountUtil.release(event);
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    ctx.close();
  }
}

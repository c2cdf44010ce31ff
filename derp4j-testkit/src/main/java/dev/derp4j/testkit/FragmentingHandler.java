package dev.derp4j.testkit;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;

/// Cuts up every read on its way in, for pipelines of tests with real sockets: each piece reaches
/// the next handler as a read of its own, with its own end of read.
///
/// One per pipeline, first in it; runs on the channel's event loop.
public final class FragmentingHandler extends ChannelInboundHandlerAdapter {
  private final Fragmentation fragmentation;

  /// Cuts each read this way, every time anew.
  public FragmentingHandler(Fragmentation fragmentation) {
    this.fragmentation = fragmentation;
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    if (message instanceof ByteBuf buffer) {
      for (ByteBuf piece : fragmentation.cut(buffer)) {
        context.fireChannelRead(piece);
        context.fireChannelReadComplete();
      }
    } else {
      context.fireChannelRead(message);
    }
  }
}

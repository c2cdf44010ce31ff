package dev.derp4j.http;

import io.netty.channel.ChannelHandlerContext;

/// Stops the flow of requests while one is being answered elsewhere, or while the peer does not
/// take our answers.
///
/// Nothing is decoded then and nothing more is read, so that a client's requests wait in its own
/// buffers. Owned by the connection's event loop.
final class ReadingGate {
  private final ChannelHandlerContext ctx;
  private final RequestDecoder decoder;
  private boolean shut;

  ReadingGate(ChannelHandlerContext ctx, RequestDecoder decoder) {
    this.ctx = ctx;
    this.decoder = decoder;
  }

  void shut() {
    shut = true;
    decoder.pause();
    ctx.channel().config().setAutoRead(false);
  }

  boolean isShut() {
    return shut;
  }

  void open() {
    if (shut) {
      shut = false;
      // In a task of its own, since the caller may have been called from inside the decoder.
      ctx.executor().execute(this::goOn);
    }
  }

  private void goOn() {
    if (!shut && !ctx.isRemoved()) {
      decoder.resume();
      if (!shut) {
        ctx.channel().config().setAutoRead(true);
      }
    }
  }
}

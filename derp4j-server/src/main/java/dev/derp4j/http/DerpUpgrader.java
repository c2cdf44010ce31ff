package dev.derp4j.http;

import io.netty.channel.ChannelHandlerContext;

/// Takes a connection over when it stops speaking HTTP.
@FunctionalInterface
public interface DerpUpgrader {
  /// A client asked for DERP; its request has been read to the end, nothing has been answered.
  ///
  /// Called on the connection's event loop, once. The HTTP handlers are still in the pipeline;
  /// nothing more is decoded as HTTP. The callee either calls [HttpPhase#handOver], now or later on
  /// the same event loop, or closes the channel, which then counts as closed by the peer. Until
  /// then nothing more is read, and no deadline runs.
  ///
  /// @param ctx the HTTP handler's; it leaves the pipeline with the hand-over
  void upgrade(ChannelHandlerContext ctx, UpgradeRequest request);
}

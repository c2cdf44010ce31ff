package dev.derp4j.http;

import dev.derp4j.key.NodePublicKey;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import java.nio.charset.StandardCharsets;

/// Puts HTTP into a connection's pipeline, and takes it out again.
///
/// ```text
/// [TLS] -> http-decoder -> http
///                                    then, after the hand-over, one of
/// [TLS] -> first DERP handler
/// [TLS] -> websocket-decoder -> websocket -> first DERP handler
/// ```
///
/// All of this runs on the connection's event loop, with the channel registered.
public final class HttpPhase {
  static final String DECODER = "http-decoder";
  static final String HANDLER = "http";
  private static final String WEB_SOCKET_DECODER = "websocket-decoder";
  private static final String WEB_SOCKET = "websocket";

  private HttpPhase() {}

  /// Appends the HTTP handlers. From now on the client has 30 seconds for its first request.
  public static void install(ChannelPipeline pipeline, HttpSite site) {
    HttpHandler handler = new HttpHandler(site, pipeline.channel());
    pipeline.addLast(DECODER, handler.decoder());
    pipeline.addLast(HANDLER, handler);
  }

  /// Ends the HTTP phase: `next` takes the place of all its handlers, timers and buffers, and is
  /// the first to see what the client sent behind its request, in order and whole. That call to its
  /// `channelRead` happens before this method returns; its `handlerAdded` comes before it.
  ///
  /// If the client asked for a WebSocket, that is opened first: `next` reads and writes plain bytes
  /// all the same, and what it writes travels in messages.
  ///
  /// Handlers that are to stand behind `next` can be added before; nothing of HTTP reaches them.
  ///
  /// @param ctx the context that [DerpUpgrader#upgrade] got
  /// @param name of `next` in the pipeline
  /// @throws IllegalStateException if the connection is not waiting for this
  public static void handOver(ChannelHandlerContext ctx, String name, ChannelHandler next) {
    HttpHandler http = (HttpHandler) ctx.handler();
    boolean readingStopped = http.leave();
    ChannelPipeline pipeline = ctx.pipeline();
    WebSocketUpgrade webSocket = http.webSocket();
    if (webSocket == null) {
      pipeline.replace(HANDLER, name, next);
    } else {
      ctx.writeAndFlush(webSocket.responseBytes(), ctx.voidPromise());
      pipeline.replace(HANDLER, WEB_SOCKET_DECODER, WebSocketFrames.decoder());
      pipeline.addAfter(WEB_SOCKET_DECODER, WEB_SOCKET, new WebSocketFrames());
      pipeline.addAfter(WEB_SOCKET, name, next);
    }
    pipeline.remove(DECODER);
    if (readingStopped) {
      ctx.channel().config().setAutoRead(true);
    }
  }

  /// The response that turns an HTTP connection into a DERP one, where the client has not asked for
  /// a fast start. The first frame follows right behind it.
  ///
  /// @param serverKey the relay's own key
  public static byte[] switchingProtocols(NodePublicKey serverKey) {
    String head =
        """
        HTTP/1.1 101 Switching Protocols
        Upgrade: DERP
        Connection: Upgrade
        Derp-Version: 2
        Derp-Public-Key: %s

        """
            .formatted(serverKey.toHex())
            .replace("\n", "\r\n");
    return head.getBytes(StandardCharsets.US_ASCII);
  }
}

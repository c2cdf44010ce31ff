package dev.derp4j.client.dial;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http.websocketx.BinaryWebSocketFrame;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.ContinuationWebSocketFrame;
import io.netty.handler.codec.http.websocketx.CorruptedWebSocketFrameException;
import io.netty.handler.codec.http.websocketx.PingWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PongWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocket13FrameDecoder;
import io.netty.handler.codec.http.websocketx.WebSocket13FrameEncoder;
import io.netty.handler.codec.http.websocketx.WebSocketCloseStatus;
import io.netty.handler.codec.http.websocketx.WebSocketDecoderConfig;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;

/// The DERP stream inside WebSocket messages: RFC 6455, binary, cut anywhere.
///
/// Outwards each buffer becomes a message, in pieces of at most 32768 bytes, since the original
/// refuses longer ones. Inwards the content of messages, fragmented or not, comes out as plain
/// buffers. Pings are answered, a text message ends the connection, a Close is returned.
///
/// Owned by the channel's event loop.
final class WebSocketStream extends ChannelDuplexHandler {
  /// The longest message that the original's server takes.
  static final int MAX_MESSAGE = 32768;

  /// Longer frames from a server are refused. A server cuts its stream where it likes, and no piece
  /// of it needs to be longer than the longest DERP frame with its header.
  private static final int MAX_FRAME = 1024 * 1024 + 16;

  /// Adds the framing to a pipeline.
  static void addTo(ChannelPipeline pipeline) {
    WebSocketDecoderConfig limits =
        WebSocketDecoderConfig.newBuilder()
            .expectMaskedFrames(false)
            .allowExtensions(false)
            .maxFramePayloadLength(MAX_FRAME)
            .build();
    PipelineEnd.addBefore(pipeline, "websocket-in", new WebSocket13FrameDecoder(limits));
    PipelineEnd.addBefore(pipeline, "websocket-out", new WebSocket13FrameEncoder(true));
    PipelineEnd.addBefore(pipeline, "websocket", new WebSocketStream());
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    WebSocketFrame frame = (WebSocketFrame) message;
    switch (frame) {
      case BinaryWebSocketFrame binary -> ctx.fireChannelRead(binary.content());
      case ContinuationWebSocketFrame more -> ctx.fireChannelRead(more.content());
      case PingWebSocketFrame ping -> ctx.writeAndFlush(new PongWebSocketFrame(ping.content()));
      case PongWebSocketFrame pong -> pong.release();
      case CloseWebSocketFrame close ->
          ctx.writeAndFlush(close).addListener(ChannelFutureListener.CLOSE);
      default -> {
        frame.release();
        WebSocketCloseStatus status = WebSocketCloseStatus.INVALID_MESSAGE_TYPE;
        ctx.writeAndFlush(new CloseWebSocketFrame(status)).addListener(ChannelFutureListener.CLOSE);
        ctx.fireExceptionCaught(
            new CorruptedWebSocketFrameException(status, "the server sent a text message"));
      }
    }
  }

  @Override
  public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
    if (!(message instanceof ByteBuf bytes)) {
      ctx.write(message, promise);
      return;
    }
    try {
      while (bytes.readableBytes() > MAX_MESSAGE) {
        // A failure here is one of the connection, and so the last piece's too.
        ctx.write(new BinaryWebSocketFrame(bytes.readRetainedSlice(MAX_MESSAGE)));
      }
      ctx.write(new BinaryWebSocketFrame(bytes.readRetainedSlice(bytes.readableBytes())), promise);
    } finally {
      bytes.release();
    }
  }
}

package dev.derp4j.http;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.channel.CoalescingBufferQueue;
import io.netty.handler.codec.http.websocketx.BinaryWebSocketFrame;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.ContinuationWebSocketFrame;
import io.netty.handler.codec.http.websocketx.CorruptedWebSocketFrameException;
import io.netty.handler.codec.http.websocketx.PingWebSocketFrame;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocket13FrameDecoder;
import io.netty.handler.codec.http.websocketx.WebSocketCloseStatus;
import io.netty.handler.codec.http.websocketx.WebSocketDecoderConfig;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import io.netty.util.ReferenceCountUtil;
import java.nio.channels.ClosedChannelException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// The WebSocket beneath a DERP connection: handlers behind it see a stream of bytes, as over TCP.
///
/// ```text
///  in   82 | length, mask | masked bytes   ->  bytes, wherever the messages were cut
///  out  bytes, bytes, bytes, flush          ->  82 | length | bytes bytes bytes
/// ```
///
/// **In.** A message may be fragmented, and is passed on as it comes. One of more than 32 KiB, and
/// one of text, ends the connection: the next handler hears of a [WebSocketFault] and closes, which
/// says goodbye with the status that RFC 6455 §7.4.1 has for it.
///
/// **Out.** What is written between two flushes becomes one message; none is longer than what every
/// client takes. Until the flush its bytes count as pending, so that the channel tells the truth of
/// being writable.
///
/// At rest it holds nothing but itself. Owned by the connection's event loop.
final class WebSocketFrames extends ChannelDuplexHandler {
  /// The longest message either way: the limit of the Go library on both sides.
  static final int MAX_MESSAGE = 32 * 1024;

  private static final int FINAL = 0x80;
  private static final int BINARY = FINAL | 0x2;
  private static final int CLOSE = FINAL | 0x8;
  private static final int PONG = FINAL | 0xA;

  /// Lengths up to this stand in the second byte, longer ones in two more behind 126.
  private static final int SHORT_LENGTH = 125;

  private static final int TWO_MORE_BYTES = 126;
  private static final int USUAL_WRITES = 4;

  private static final WebSocketDecoderConfig DECODING =
      WebSocketDecoderConfig.newBuilder()
          .expectMaskedFrames(true)
          .allowExtensions(false)
          .maxFramePayloadLength(MAX_MESSAGE)
          .closeOnProtocolViolation(false)
          .withUTF8Validator(false)
          .build();

  private @Nullable CoalescingBufferQueue gathered;
  private int messageBytes;
  private boolean pongWritten;
  private @Nullable WebSocketFault fault;
  private boolean closeSent;

  /// What stands in front of this handler and knows single frames.
  static WebSocket13FrameDecoder decoder() {
    return new WebSocket13FrameDecoder(DECODING);
  }

  /// A WebSocket's last frame, for one that was opened only to say why not.
  static byte[] closing(WebSocketCloseStatus status, String why) {
    byte[] frame = new byte[4 + why.length()];
    frame[0] = (byte) CLOSE;
    frame[1] = (byte) (2 + why.length());
    frame[2] = (byte) (status.code() >> Byte.SIZE);
    frame[3] = (byte) status.code();
    for (int i = 0; i < why.length(); i++) {
      frame[4 + i] = (byte) why.charAt(i);
    }
    return frame;
  }

  // In

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    if (fault != null || closeSent) {
      if (message instanceof CloseWebSocketFrame) {
        ctx.close();
      }
      ReferenceCountUtil.release(message);
      return;
    }
    switch ((WebSocketFrame) message) {
      case BinaryWebSocketFrame data -> data(ctx, data);
      case ContinuationWebSocketFrame data -> data(ctx, data);
      case TextWebSocketFrame text -> {
        text.release();
        fail(
            ctx,
            new WebSocketFault(
                WebSocketCloseStatus.INVALID_MESSAGE_TYPE, "text where DERP is binary"));
      }
      case PingWebSocketFrame ping -> ping(ctx, ping);
      case CloseWebSocketFrame close -> closedByPeer(ctx, close);
      case WebSocketFrame pong -> pong.release();
    }
  }

  private void data(ChannelHandlerContext ctx, WebSocketFrame frame) {
    ByteBuf bytes = frame.content();
    messageBytes += bytes.readableBytes();
    if (messageBytes > MAX_MESSAGE) {
      frame.release();
      fail(
          ctx,
          new WebSocketFault(
              WebSocketCloseStatus.MESSAGE_TOO_BIG, "message over " + MAX_MESSAGE + " bytes"));
      return;
    }
    if (frame.isFinalFragment()) {
      messageBytes = 0;
    }
    if (bytes.isReadable()) {
      ctx.fireChannelRead(bytes);
    } else {
      frame.release();
    }
  }

  /// A client that does not read what we write gets no more pongs than it reads: RFC 6455 §5.5.3
  /// lets us answer the latest ping only.
  private void ping(ChannelHandlerContext ctx, PingWebSocketFrame ping) {
    try {
      if (ctx.channel().isWritable()) {
        ctx.write(control(ctx, PONG, ping.content()), ctx.voidPromise());
        pongWritten = true;
      }
    } finally {
      ping.release();
    }
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) {
    if (pongWritten) {
      pongWritten = false;
      ctx.flush();
    }
    ctx.fireChannelReadComplete();
  }

  private void closedByPeer(ChannelHandlerContext ctx, CloseWebSocketFrame close) {
    try {
      int status = Math.min(Short.BYTES, close.content().readableBytes());
      ByteBuf same = close.content().slice(close.content().readerIndex(), status);
      writeClose(ctx, control(ctx, CLOSE, same), ctx.newPromise());
    } finally {
      close.release();
    }
    ctx.close();
  }

  private void fail(ChannelHandlerContext ctx, WebSocketFault why) {
    if (fault == null) {
      fault = why;
      ctx.fireExceptionCaught(why);
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    if (cause instanceof CorruptedWebSocketFrameException broken) {
      fail(ctx, new WebSocketFault(broken.closeStatus(), String.valueOf(broken.getMessage())));
    } else {
      ctx.fireExceptionCaught(cause);
    }
  }

  // Out

  @Override
  public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
    if (closeSent) {
      ReferenceCountUtil.release(message);
      promise.tryFailure(new ClosedChannelException());
      return;
    }
    if (gathered == null) {
      gathered = new CoalescingBufferQueue(ctx.channel(), USUAL_WRITES, true);
    }
    gathered.add((ByteBuf) message, promise);
  }

  @Override
  public void flush(ChannelHandlerContext ctx) {
    writeGathered(ctx);
    ctx.flush();
  }

  private void writeGathered(ChannelHandlerContext ctx) {
    CoalescingBufferQueue bytes = gathered;
    if (bytes == null) {
      return;
    }
    gathered = null;
    while (bytes.readableBytes() > MAX_MESSAGE) {
      ctx.write(head(ctx, BINARY, MAX_MESSAGE), ctx.voidPromise());
      ChannelPromise part = ctx.newPromise();
      ctx.write(bytes.remove(MAX_MESSAGE, part), part);
    }
    ctx.write(head(ctx, BINARY, bytes.readableBytes()), ctx.voidPromise());
    bytes.writeAndRemoveAll(ctx);
  }

  private static ByteBuf head(ChannelHandlerContext ctx, int type, int length) {
    ByteBuf head = ctx.alloc().directBuffer(4).writeByte(type);
    return length <= SHORT_LENGTH
        ? head.writeByte(length)
        : head.writeByte(TWO_MORE_BYTES).writeShort(length);
  }

  private static ByteBuf control(ChannelHandlerContext ctx, int type, ByteBuf body) {
    return ctx.alloc()
        .directBuffer(2 + body.readableBytes())
        .writeByte(type)
        .writeByte(body.readableBytes())
        .writeBytes(body);
  }

  /// Says goodbye first. Where it is the client's fault, much of what it sent is still unread, and
  /// a close now would reset the connection with the reason still on its way.
  @Override
  public void close(ChannelHandlerContext ctx, ChannelPromise promise) {
    if (closeSent || !ctx.channel().isActive()) {
      ctx.close(promise);
      return;
    }
    writeGathered(ctx);
    WebSocketFault why = fault;
    ByteBuf goodbye = ctx.alloc().directBuffer();
    if (why == null) {
      goodbye.writeBytes(closing(WebSocketCloseStatus.NORMAL_CLOSURE, ""));
      writeClose(ctx, goodbye, ctx.newPromise());
      ctx.close(promise);
    } else {
      goodbye.writeBytes(closing(why.status(), String.valueOf(why.getMessage())));
      linger(ctx, goodbye, promise);
    }
  }

  private void linger(ChannelHandlerContext ctx, ByteBuf goodbye, ChannelPromise promise) {
    Channel channel = ctx.channel();
    ctx.executor().schedule(() -> ctx.close(promise), Ending.LINGER_MILLIS, TimeUnit.MILLISECONDS);
    writeClose(ctx, goodbye, ctx.newPromise().addListener(_ -> Ending.closeOutput(channel)));
    channel.config().setAutoRead(true);
  }

  private void writeClose(ChannelHandlerContext ctx, ByteBuf frame, ChannelPromise promise) {
    closeSent = true;
    ctx.writeAndFlush(frame, promise);
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext ctx) {
    if (gathered != null) {
      gathered.releaseAndFailAll(ctx, new ClosedChannelException());
      gathered = null;
    }
  }
}

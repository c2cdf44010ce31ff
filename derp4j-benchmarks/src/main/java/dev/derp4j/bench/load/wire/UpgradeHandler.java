package dev.derp4j.bench.load.wire;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import java.io.IOException;
import java.util.List;

import static java.nio.charset.StandardCharsets.US_ASCII;

/// First phase: asks for DERP over HTTP and waits for `101`.
///
/// With fast start there is no answer to wait for; the introduction goes out behind the request in
/// the same write. Leaves the pipeline when done and passes on the bytes behind the answer's blank
/// line.
final class UpgradeHandler extends ByteToMessageDecoder {
  private static final int HEAD_LIMIT = 8192;
  private static final ByteBuf BLANK_LINE =
      Unpooled.unreleasableBuffer(Unpooled.copiedBuffer("\r\n\r\n", US_ASCII)).asReadOnly();

  private final Target target;
  private final byte[] introduction;

  /// @param introduction the ClientInfo frame to send along; empty without fast start
  UpgradeHandler(Target target, byte[] introduction) {
    this.target = target;
    this.introduction = introduction;
  }

  @Override
  public void channelActive(ChannelHandlerContext ctx) {
    if (!target.tls()) {
      sendRequest(ctx);
    }
    ctx.fireChannelActive();
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (event instanceof SslHandshakeCompletionEvent tls && tls.isSuccess()) {
      sendRequest(ctx);
    }
    ctx.fireUserEventTriggered(event);
  }

  private void sendRequest(ChannelHandlerContext ctx) {
    String request =
        "GET /derp HTTP/1.1\r\nHost: "
            + target.hostHeader()
            + "\r\nUpgrade: DERP\r\nConnection: Upgrade\r\n"
            + (target.fastStart() ? "Derp-Fast-Start: 1\r\n" : "")
            + "\r\n";
    ByteBuf out = ctx.alloc().buffer(request.length() + introduction.length);
    out.writeCharSequence(request, US_ASCII);
    out.writeBytes(introduction);
    ctx.writeAndFlush(out);
    if (target.fastStart()) {
      ctx.pipeline().remove(this);
    }
  }

  @Override
  protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out)
      throws IOException {
    int end = indexOf(BLANK_LINE, in);
    if (end < 0) {
      if (in.readableBytes() > HEAD_LIMIT) {
        throw new IOException("no end of the HTTP answer within " + HEAD_LIMIT + " bytes");
      }
      return;
    }
    String head = in.readCharSequence(end, US_ASCII).toString();
    in.skipBytes(BLANK_LINE.readableBytes());
    if (!head.startsWith("HTTP/1.1 101 ")) {
      throw new IOException("upgrade refused: " + head.lines().findFirst().orElse(""));
    }
    ctx.pipeline().remove(this);
  }

  private static int indexOf(ByteBuf needle, ByteBuf haystack) {
    return ByteBufUtil.indexOf(needle, haystack);
  }
}

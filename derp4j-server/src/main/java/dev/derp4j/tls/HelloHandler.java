package dev.derp4j.tls;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.ssl.SslClientHelloHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.handler.ssl.SslHandshakeTimeoutException;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.ScheduledFuture;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLHandshakeException;
import org.jspecify.annotations.Nullable;

/// Reads a client's first message, decides what it is served, waits for that where it is still
/// being made, and leaves the connection to a handler of TLS in its own place.
///
/// Both the message and the waiting have a deadline. A client that is not served gets a TLS alert,
/// which is what the engines would have sent. Owned by the connection's event loop.
final class HelloHandler extends SslClientHelloHandler<HelloHandler.Choice> {
  /// What a connection gets, once it is known.
  interface Choice {
    /// A handler, made on the event loop; null if there is none to be had after all.
    @Nullable ChannelHandler newHandler(ChannelHandlerContext ctx);
  }

  /// Decides for each first message. Called on the event loop; must not block.
  interface Chooser {
    /// A future of the event loop. It fails with an [SSLException] that says why nothing is served.
    Future<Choice> choose(ChannelHandlerContext ctx, ClientHello hello);
  }

  /// The largest that clients send, with post-quantum keys, is a tenth of it.
  private static final int LONGEST_HELLO = 16 * 1024;

  private static final byte FATAL = 2;
  private static final byte HANDSHAKE_FAILURE = 40;

  private final Chooser chooser;
  private final Duration helloLimit;
  private final Duration waitLimit;
  private @Nullable ScheduledFuture<?> deadline;
  private boolean over;

  /// @param helloLimit how long the first message may take
  /// @param waitLimit how long the client is kept waiting behind it
  HelloHandler(Chooser chooser, Duration helloLimit, Duration waitLimit) {
    super(LONGEST_HELLO);
    this.chooser = chooser;
    this.helloLimit = helloLimit;
    this.waitLimit = waitLimit;
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) throws Exception {
    super.handlerAdded(ctx);
    setDeadline(ctx, helloLimit);
  }

  private void setDeadline(ChannelHandlerContext ctx, Duration limit) {
    cancelDeadline();
    deadline =
        ctx.executor()
            .schedule(
                () ->
                    refuse(
                        ctx,
                        new SslHandshakeTimeoutException(
                            "handshake timed out after " + limit.toMillis() + "ms")),
                limit.toMillis(),
                TimeUnit.MILLISECONDS);
  }

  private void cancelDeadline() {
    if (deadline != null) {
      deadline.cancel(false);
    }
  }

  @Override
  protected Future<Choice> lookup(ChannelHandlerContext ctx, @Nullable ByteBuf message) {
    Optional<ClientHello> hello = message == null ? Optional.empty() : ClientHello.parse(message);
    if (hello.isEmpty()) {
      return ctx.executor().newFailedFuture(new SSLHandshakeException("not a ClientHello"));
    }
    Future<Choice> choice = chooser.choose(ctx, hello.get());
    setDeadline(ctx, waitLimit);
    return choice;
  }

  @Override
  protected void onLookupComplete(ChannelHandlerContext ctx, Future<Choice> future) {
    if (over || ctx.isRemoved()) {
      return;
    }
    if (!future.isSuccess()) {
      refuse(ctx, future.cause());
      return;
    }
    ChannelHandler handler = future.getNow().newHandler(ctx);
    if (handler == null) {
      refuse(ctx, new SSLHandshakeException("no certificate to serve"));
    } else {
      cancelDeadline();
      over = true;
      ctx.pipeline().replace(this, ctx.name(), handler);
    }
  }

  private void refuse(ChannelHandlerContext ctx, Throwable why) {
    if (over || ctx.isRemoved()) {
      return;
    }
    over = true;
    cancelDeadline();
    SSLException cause =
        why instanceof SSLException tls ? tls : new SSLHandshakeException(String.valueOf(why));
    ctx.fireUserEventTriggered(new SslHandshakeCompletionEvent(cause));
    // TLS record: type 21 (alert), version 3.3, length 2; level and description.
    byte[] alert = {21, 3, 3, 0, 2, FATAL, HANDSHAKE_FAILURE};
    ctx.writeAndFlush(ctx.alloc().buffer(alert.length).writeBytes(alert))
        .addListener(ChannelFutureListener.CLOSE);
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) throws Exception {
    cancelDeadline();
    if (!over) {
      over = true;
      ctx.fireUserEventTriggered(
          new SslHandshakeCompletionEvent(
              new SSLHandshakeException("closed before the handshake was done")));
    }
    super.channelInactive(ctx);
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    refuse(ctx, cause);
  }
}

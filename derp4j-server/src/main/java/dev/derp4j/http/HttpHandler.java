package dev.derp4j.http;

import dev.derp4j.metrics.CloseReason;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.PrematureChannelClosureException;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Answers the requests of one connection, one after the other, until it closes or becomes DERP.
///
/// ```text
///            bytes           head: answered         end of body
/// IDLE --------------> HEAD ----------------> BODY -------------> IDLE …
///                        \---> upgrade: UPGRADING -> hand-over
///   any state ---> ENDING (last words said, input thrown away) ---> closed
/// ```
///
/// A request is answered when its head is there; its body says nothing to us and is thrown away.
/// While a response is being made elsewhere, or the peer does not take what was written, the
/// [ReadingGate] is shut: what one connection makes us hold is one read and one response.
///
/// Owned by the connection's event loop.
final class HttpHandler extends ChannelInboundHandlerAdapter {
  private static final Logger LOG = LoggerFactory.getLogger(HttpHandler.class);

  /// Times and sizes of Go's server as the relay configures it.
  private static final long READ_MILLIS = TimeUnit.SECONDS.toMillis(30);

  private static final long WRITE_MILLIS = TimeUnit.SECONDS.toMillis(30);
  private static final long PORT80_WRITE_MILLIS = TimeUnit.MINUTES.toMillis(5);
  private static final long BODY_LIMIT = 256 * 1024;

  private enum State {
    IDLE,
    HEAD,
    BODY,
    UPGRADING,
    ENDING
  }

  private final HttpSite site;
  private final RequestDecoder decoder;
  private final TlsUse tlsUse;
  private @Nullable Deadline deadline;
  private @Nullable ReadingGate gate;

  private State state = State.IDLE;

  /// Of the present request: it is an upgrade, its response is still to come, its body is still to
  /// be read to the end.
  private @Nullable UpgradeRequest upgrade;

  private boolean responseDue;
  private boolean bodyDue;
  private long bodyBytes;

  /// Of the connection: how many responses it had, how many are not yet in the kernel's hands, that
  /// the last of them is the last, and the reason why it ends where that is no ordinary one.
  private long responses;

  private int unwritten;
  private boolean closing;
  private @Nullable CloseReason reason;

  HttpHandler(HttpSite site) {
    this.site = site;
    this.decoder = new RequestDecoder(site.routes(), this::bytesArrived);
    this.tlsUse = new TlsUse(site);
  }

  RequestDecoder decoder() {
    return decoder;
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    gate = new ReadingGate(ctx, decoder);
    deadline = new Deadline(ctx, () -> expired(ctx));
    deadline.in(READ_MILLIS);
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext ctx) {
    deadline().cancel();
  }

  private void bytesArrived() {
    if (state == State.IDLE) {
      state = State.HEAD;
      if (unwritten == 0) {
        deadline().in(READ_MILLIS);
      }
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    try {
      if (message instanceof HttpRequest head && (state == State.IDLE || state == State.HEAD)) {
        head(ctx, head);
      }
      if (message instanceof HttpContent content && state == State.BODY) {
        body(ctx, content);
      }
    } finally {
      ReferenceCountUtil.release(message);
    }
  }

  private void head(ChannelHandlerContext ctx, HttpRequest head) {
    if (closing || head.decoderResult().cause() instanceof PrematureChannelClosureException) {
      return;
    }
    try {
      Request request = HeadCheck.check(ctx, head);
      state = State.BODY;
      bodyDue = true;
      bodyBytes = 0;
      responseDue = true;
      tlsUse.requestBegins(ctx.channel());
      answer(ctx, head, request);
    } catch (Malformed malformed) {
      refuse(ctx, malformed, CloseReason.HTTP_MALFORMED);
    }
  }

  private void answer(ChannelHandlerContext ctx, HttpRequest head, Request request) {
    if (!HttpUtil.is100ContinueExpected(head) && head.headers().contains(HttpHeaderNames.EXPECT)) {
      respond(ctx, head, Response.of(HttpResponseStatus.EXPECTATION_FAILED).closing());
      return;
    }
    switch (Faults.<Answer>orElse(() -> site.routes().answer(request), Faults::internalError)) {
      case UpgradeRequest asked -> upgrade = asked;
      case Response response -> respond(ctx, head, response);
      case Answer.Slow slow -> {
        gate().shut();
        deadline().in(writeMillis());
        site.slowPages()
            .execute(
                () ->
                    respondFromElsewhere(
                        ctx, head, Faults.orElse(slow.work(), Faults::internalError)));
      }
    }
  }

  private void respondFromElsewhere(
      ChannelHandlerContext ctx, HttpRequest head, Response response) {
    if (ctx.executor().isShuttingDown()) {
      return;
    }
    ctx.executor()
        .execute(
            () -> {
              if (state == State.BODY && responseDue && ctx.channel().isActive()) {
                respond(ctx, head, response);
                ctx.flush();
                openGate(ctx);
              }
            });
  }

  private void respond(ChannelHandlerContext ctx, HttpRequest head, Response response) {
    boolean keepAlive = HttpUtil.isKeepAlive(head) && !response.isClosing() && !leavesTooMuch(head);
    Response.Framing framing =
        new Response.Framing(
            head.method().name().equals("HEAD"),
            HeadCheck.isHttp10(head.protocolVersion()),
            keepAlive);
    responseDue = false;
    responses++;
    closing = !keepAlive;
    tlsUse.requestEnds();
    write(ctx, response.toBytes(ctx.alloc(), framing));
    awaitNextRequest();
  }

  /// A client that waits for our leave to send its body will not send it after our answer, so where
  /// the next request begins is anybody's guess; and a large body is not worth reading.
  private static boolean leavesTooMuch(HttpRequest head) {
    long length = HttpUtil.getContentLength(head, 0L);
    boolean hasBody = length > 0 || HttpUtil.isTransferEncodingChunked(head);
    return length > BODY_LIMIT || (hasBody && HttpUtil.is100ContinueExpected(head));
  }

  /// Writes without flushing, which happens at the end of the read, unless too much has gathered.
  private void write(ChannelHandlerContext ctx, ByteBuf bytes) {
    unwritten++;
    deadline().in(writeMillis());
    ctx.write(bytes).addListener(written -> written(ctx, written));
    if (!ctx.channel().isWritable()) {
      ctx.flush();
      if (!ctx.channel().isWritable() && state != State.ENDING) {
        gate().shut();
      }
    }
  }

  private void written(ChannelHandlerContext ctx, Future<?> result) {
    unwritten--;
    if (!result.isSuccess()) {
      ctx.channel().close();
    } else if (unwritten == 0 && closing) {
      end(ctx);
    } else if (unwritten == 0 && (state == State.IDLE || state == State.HEAD)) {
      deadline().in(READ_MILLIS);
    }
  }

  private void body(ChannelHandlerContext ctx, HttpContent content) {
    bodyBytes += content.content().readableBytes();
    if (content.decoderResult().isFailure() || bodyBytes > BODY_LIMIT) {
      reason = CloseReason.HTTP_MALFORMED;
      closing = true;
      if (unwritten == 0) {
        end(ctx);
      }
    } else if (content instanceof LastHttpContent) {
      bodyDue = false;
      if (upgrade != null) {
        upgrade(ctx, upgrade);
      }
      awaitNextRequest();
    }
  }

  private void awaitNextRequest() {
    if (state == State.BODY && !responseDue && !bodyDue) {
      state = State.IDLE;
    }
  }

  private void upgrade(ChannelHandlerContext ctx, UpgradeRequest request) {
    state = State.UPGRADING;
    upgrade = null;
    deadline().cancel();
    decoder.pause();
    tlsUse.upgraded(ctx.channel());
    // Answers to requests before this one: nobody flushes for HTTP any more.
    ctx.flush();
    try {
      site.upgrader().upgrade(ctx, request);
    } catch (RuntimeException e) {
      LOG.error("http: cannot upgrade a connection", e);
      reason = CloseReason.INTERNAL_ERROR;
      ctx.channel().close();
    }
    if (!ctx.isRemoved()) {
      gate().shut();
    }
  }

  /// The connection is DERP's from here on.
  ///
  /// @return whether reading was stopped meanwhile
  boolean leave() {
    if (state != State.UPGRADING) {
      throw new IllegalStateException("the connection is not being upgraded");
    }
    return gate().isShut();
  }

  /// Says why nothing more will be answered, and closes once that was heard.
  private void refuse(ChannelHandlerContext ctx, Malformed malformed, CloseReason why) {
    LOG.debug("http: {}: {}", ctx.channel().remoteAddress(), malformed.getMessage());
    reason = why;
    closing = true;
    bodyDue = true;
    state = State.ENDING;
    write(ctx, malformed.toBytes(ctx.alloc()));
    ctx.flush();
  }

  /// Closes the connection behind the last response.
  private void end(ChannelHandlerContext ctx) {
    if (!bodyDue) {
      ctx.close();
      return;
    }
    state = State.ENDING;
    decoder.discard();
    gate().open();
    deadline().in(Ending.LINGER_MILLIS);
    Ending.closeOutput(ctx);
  }

  private void openGate(ChannelHandlerContext ctx) {
    if (state != State.UPGRADING && !responseDue && ctx.channel().isWritable()) {
      gate().open();
    }
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) {
    openGate(ctx);
    ctx.fireChannelWritabilityChanged();
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) {
    ctx.flush();
  }

  private void expired(ChannelHandlerContext ctx) {
    if (unwritten > 0 || responseDue) {
      reason = CloseReason.WRITE_TIMEOUT;
      ctx.close();
    } else if (state == State.HEAD) {
      refuse(ctx, new Malformed("408 Request Timeout"), CloseReason.HTTP_TIMEOUT);
    } else {
      if (reason == null && (state == State.BODY || responses == 0)) {
        reason = CloseReason.HTTP_TIMEOUT;
      }
      ctx.close();
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    deadline().cancel();
    tlsUse.requestEnds();
    CloseReason ordinary =
        responses > 0 && state != State.UPGRADING
            ? CloseReason.HTTP_DONE
            : CloseReason.CLOSED_BY_PEER;
    site.metrics().closed(reason == null ? ordinary : reason);
    ctx.fireChannelInactive();
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    reason = Faults.reason(ctx, cause);
    if (reason == CloseReason.INTERNAL_ERROR) {
      LOG.error("http: fault in the connection of {}", ctx.channel().remoteAddress(), cause);
    } else {
      LOG.debug("http: {}: {}", ctx.channel().remoteAddress(), cause.toString());
    }
    ctx.close();
  }

  private long writeMillis() {
    return site.mode() == HttpSite.Mode.PORT80 ? PORT80_WRITE_MILLIS : WRITE_MILLIS;
  }

  private Deadline deadline() {
    return Objects.requireNonNull(deadline);
  }

  private ReadingGate gate() {
    return Objects.requireNonNull(gate);
  }
}

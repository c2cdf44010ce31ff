package dev.derp4j.http;

import dev.derp4j.metrics.CloseReason;
import dev.derp4j.metrics.Metric;
import dev.derp4j.transport.ClientAddress;
import dev.derp4j.transport.Turns;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.PrematureChannelClosureException;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http.websocketx.WebSocketCloseStatus;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import java.nio.charset.StandardCharsets;
import javax.net.ssl.SSLException;
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
  private final Channel channel;
  private final EndReason reason;
  private final Deadline deadline;
  private final ReadingGate gate;
  private final Outbox outbox;

  private State state = State.IDLE;

  /// Of the present request: it is an upgrade, its response is still to come, its body is still to
  /// be read to the end.
  private @Nullable UpgradeRequest upgrade;

  private @Nullable WebSocketUpgrade webSocket;
  private @Nullable ConnectTarget connect;
  private @Nullable Request request;

  private boolean responseDue;
  private boolean bodyDue;
  private long bodyBytes;

  /// Of the connection: how many responses it had, and that the last of them is the last.
  private long responses;

  private boolean closing;

  HttpHandler(HttpSite site, Channel channel) {
    this.site = site;
    this.channel = channel;
    this.reason = new EndReason(channel, site.metrics());
    this.decoder = new RequestDecoder(site.routes(), this::bytesArrived);
    this.tlsUse = new TlsUse(site);
    this.gate = new ReadingGate(channel, decoder);
    this.deadline = new Deadline(channel, this::expired);
    this.outbox = new Outbox(channel, site.mode(), gate, deadline, this::written);
  }

  RequestDecoder decoder() {
    return decoder;
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    deadline.in(site.readMillis());
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext ctx) {
    deadline.cancel();
  }

  private void bytesArrived() {
    if (state == State.IDLE) {
      state = State.HEAD;
      if (outbox.isEmpty()) {
        deadline.in(site.readMillis());
      }
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    try {
      if (message instanceof HttpRequest head && (state == State.IDLE || state == State.HEAD)) {
        head(head);
      }
      if (message instanceof HttpContent content && state == State.BODY) {
        body(ctx, content);
      }
    } finally {
      ReferenceCountUtil.release(message);
    }
  }

  private void head(HttpRequest head) {
    if (closing || head.decoderResult().cause() instanceof PrematureChannelClosureException) {
      return;
    }
    try {
      Request request = HeadCheck.check(channel, site.forwardedFor(), head);
      state = State.BODY;
      bodyDue = true;
      bodyBytes = 0;
      responseDue = true;
      tlsUse.requestBegins(channel);
      this.request = request;
      answer(head, request);
    } catch (Malformed malformed) {
      refuse(malformed, CloseReason.HTTP_MALFORMED);
    }
  }

  private void answer(HttpRequest head, Request request) {
    switch (Faults.<Answer>orElse(() -> site.routes().answer(request), Faults::internalError)) {
      case UpgradeRequest asked -> upgrade = asked;
      case ConnectTarget target -> connect = target;
      case WebSocketUpgrade asked -> {
        webSocket = asked;
        upgrade = asked.derp();
      }
      case Response response -> respond(head, response);
      case Answer.Slow slow -> {
        gate.shut();
        outbox.setDeadline();
        site.slowPages().execute(() -> make(head, slow));
      }
    }
  }

  /// Runs where slow pages are made, until it is back on the event loop.
  private void make(HttpRequest head, Answer.Slow slow) {
    Response response = Faults.orElse(slow.work(), Faults::internalError);
    if (!channel.eventLoop().isShuttingDown()) {
      channel.eventLoop().execute(() -> made(head, response));
    }
  }

  private void made(HttpRequest head, Response response) {
    if (state == State.BODY && responseDue && channel.isActive()) {
      respond(head, response);
      channel.flush();
      openGate();
    }
  }

  private void respond(HttpRequest head, Response response) {
    respond(Framing.of(head, response), response);
  }

  private void respond(Framing framing, Response response) {
    responseDue = false;
    responses++;
    closing = !framing.keepAlive();
    tlsUse.requestEnds();
    outbox.write(response.toBytes(channel.alloc(), framing));
    awaitNextRequest();
  }

  /// All that was to be said so far is on its way.
  private void written() {
    if (closing) {
      end();
    } else if (state == State.IDLE || state == State.HEAD) {
      deadline.in(site.readMillis());
    }
  }

  private void body(ChannelHandlerContext ctx, HttpContent content) {
    bodyBytes += content.content().readableBytes();
    if (content.decoderResult().isFailure() || bodyBytes > Framing.BODY_LIMIT) {
      reason.set(CloseReason.HTTP_MALFORMED);
      closing = true;
      if (outbox.isEmpty()) {
        end();
      }
    } else if (content instanceof LastHttpContent) {
      bodyDue = false;
      if (webSocket != null && !webSocket.speaksDerp()) {
        refuseSubprotocol(webSocket);
      } else if (upgrade != null) {
        upgrade(ctx, upgrade);
      } else if (connect != null) {
        connect(ctx, connect);
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
    deadline.cancel();
    tlsUse.upgraded(channel);
    if (this.request != null && this.request.client().told()) {
      ClientAddress.tell(channel, this.request.client());
    }
    if (request.webSocket()) {
      site.metrics().increment(Metric.DERP_WEBSOCKET_ACCEPTS);
    }
    // Answers to requests before this one: nobody flushes for HTTP any more.
    channel.flush();
    if (!Faults.succeeds(() -> site.upgrader().upgrade(ctx, request))) {
      reason.set(CloseReason.INTERNAL_ERROR);
      channel.close();
    }
    if (!ctx.isRemoved()) {
      gate.shut();
    }
  }

  /// Dials what the client asked for; nothing more is read from it until then.
  private void connect(ChannelHandlerContext ctx, ConnectTarget target) {
    gate.shut();
    outbox.setDeadline();
    site.tunnels().dial(channel, target).addListener((Future<Channel> done) -> dialled(ctx, done));
  }

  private void dialled(ChannelHandlerContext ctx, Future<Channel> done) {
    boolean stillThere = channel.isActive() && state == State.BODY && responseDue;
    if (done.isSuccess() && stillThere) {
      splice(ctx, done.getNow());
    } else if (done.isSuccess()) {
      done.getNow().close();
    } else if (stillThere) {
      LOG.debug("http: CONNECT to {}: {}", connect, done.cause().toString());
      Response failure = Response.error(HttpResponseStatus.BAD_GATEWAY, "Connect failure");
      respond(new Framing(false, false, false), failure);
      channel.flush();
    }
  }

  private void splice(ChannelHandlerContext ctx, Channel server) {
    state = State.UPGRADING;
    deadline.cancel();
    tlsUse.upgraded(channel);
    Tunnel tunnel = new Tunnel(channel, server, site.metrics(), Tunnel.IDLE);
    channel.writeAndFlush(
        Unpooled.copiedBuffer("HTTP/1.1 200 OK\r\n\r\n", StandardCharsets.US_ASCII));
    ctx.pipeline().replace(HttpPhase.HANDLER, "tunnel", tunnel.clientSide());
    ctx.pipeline().remove(HttpPhase.DECODER);
    server.flush();
    tunnel.start();
    Turns.end(ctx.pipeline());
    channel.config().setAutoRead(true);
  }

  /// The connection is DERP's from here on.
  ///
  /// @return whether reading was stopped meanwhile
  boolean leave() {
    if (state != State.UPGRADING) {
      throw new IllegalStateException("the connection is not being upgraded");
    }
    return gate.isShut();
  }

  /// What opens the WebSocket that the connection is to become; null if it is to become none.
  @Nullable WebSocketUpgrade webSocket() {
    return webSocket;
  }

  /// Says why nothing more will be answered, and closes once that was heard.
  private void refuse(Malformed malformed, CloseReason why) {
    LOG.debug("http: {}: {}", channel.remoteAddress(), malformed.getMessage());
    reason.set(why);
    lastWords(malformed.toBytes(channel.alloc()));
  }

  /// A browser shows its page no status but that of a WebSocket.
  private void refuseSubprotocol(WebSocketUpgrade asked) {
    LOG.debug("http: {}: WebSocket without the subprotocol derp", channel.remoteAddress());
    reason.set(CloseReason.HTTP_MALFORMED);
    byte[] close =
        WebSocketFrames.closing(
            WebSocketCloseStatus.POLICY_VIOLATION, "the subprotocol has to be derp");
    lastWords(Unpooled.wrappedBuffer(asked.responseBytes(), Unpooled.wrappedBuffer(close)));
  }

  private void lastWords(ByteBuf words) {
    closing = true;
    bodyDue = true;
    state = State.ENDING;
    outbox.write(words);
    channel.flush();
  }

  /// Closes the connection behind the last response.
  private void end() {
    if (!bodyDue) {
      channel.close();
      return;
    }
    state = State.ENDING;
    decoder.discard();
    gate.open();
    deadline.in(Ending.LINGER_MILLIS);
    Ending.closeOutput(channel);
  }

  private void openGate() {
    if (state != State.UPGRADING && !responseDue && channel.isWritable()) {
      gate.open();
    }
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) {
    openGate();
    ctx.fireChannelWritabilityChanged();
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) {
    channel.flush();
  }

  private void expired() {
    if (!outbox.isEmpty() || responseDue) {
      reason.set(CloseReason.WRITE_TIMEOUT);
      channel.close();
    } else if (state == State.HEAD) {
      refuse(new Malformed("408 Request Timeout"), CloseReason.HTTP_TIMEOUT);
    } else {
      if (state == State.BODY || responses == 0) {
        reason.set(CloseReason.HTTP_TIMEOUT);
      }
      channel.close();
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    deadline.cancel();
    tlsUse.requestEnds();
    CloseReason ordinary =
        responses > 0 && state != State.UPGRADING
            ? CloseReason.HTTP_DONE
            : CloseReason.CLOSED_BY_PEER;
    reason.count(ordinary);
    ctx.fireChannelInactive();
  }

  /// TLS in front closes a connection whose handshake fails; it does not always throw.
  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (event instanceof SslHandshakeCompletionEvent handshake
        && handshake.cause() instanceof SSLException cause) {
      reason.set(cause);
    }
    ctx.fireUserEventTriggered(event);
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    reason.set(cause);
    channel.close();
  }
}

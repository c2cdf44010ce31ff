package dev.derp4j.client.dial;

import io.netty.buffer.ByteBufUtil;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.EventLoop;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.ssl.SslHandler;
import java.net.InetAddress;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;

/// One question to one address of one node: `GET /bootstrap-dns?q=<host>` over HTTPS.
///
/// The node is dialled by its address and verified for its name. It has three seconds for all of
/// it, and at most 64 KiB for its answer. Owned by the event loop.
final class BootstrapQuery {
  private static final Duration LIMIT = Duration.ofSeconds(3);
  private static final int MAX_BODY = 64 * 1024;

  private final CompletableFuture<List<InetAddress>> answer = new CompletableFuture<>();
  private final EventLoop loop;
  private final BootstrapNode node;
  private final String host;
  private @Nullable Channel channel;

  private BootstrapQuery(EventLoop loop, BootstrapNode node, String host) {
    this.loop = loop;
    this.node = node;
    this.host = host;
  }

  /// Asks, on the loop. Cancelling the answer closes the connection.
  ///
  /// @return the addresses, perhaps none
  static CompletableFuture<List<InetAddress>> ask(
      EventLoop loop, BootstrapNode node, InetAddress at, String host, DialSettings settings) {
    BootstrapQuery query = new BootstrapQuery(loop, node, host);
    query.begin(at, settings);
    return query.answer;
  }

  private void begin(InetAddress at, DialSettings settings) {
    var limit =
        loop.schedule(
            () -> fail(new StepFailure("no answer within " + Durations.text(LIMIT))),
            LIMIT.toMillis(),
            TimeUnit.MILLISECONDS);
    Targets targets = new Targets(node.port(), List.of(at), Optional.empty(), false, false);
    CompletableFuture<Channel> connecting =
        new AddressRace(loop, targets, settings.allocator()).run(settings.resolver(), false);
    answer.whenComplete(
        (found, failure) ->
            LoopTasks.run(
                loop,
                () -> {
                  limit.cancel(false);
                  connecting.cancel(false);
                  close();
                }));
    connecting.whenComplete(
        (made, failure) -> {
          channel = made;
          if (made == null) {
            fail(failure);
          } else if (answer.isDone()) {
            close();
          } else {
            secure(made, settings);
          }
        });
  }

  private void close() {
    if (channel != null) {
      channel.close();
    }
  }

  private void secure(Channel made, DialSettings settings) {
    CompletableFuture<@Nullable X509TrustManager> roots =
        ServerTrust.needsRoots(node.certificate())
            ? settings.roots().get().thenApply(found -> found)
            : CompletableFuture.completedFuture(null);
    roots.whenComplete(
        (trusted, failure) ->
            LoopTasks.run(
                loop,
                () -> {
                  if (failure != null) {
                    fail(failure);
                  } else if (!answer.isDone()) {
                    handshake(made, trusted);
                  }
                }));
  }

  private void handshake(Channel made, @Nullable X509TrustManager roots) {
    ServerTrust trust = new ServerTrust(node.certificate(), node.hostName(), roots);
    CompletableFuture<SslHandler> secured = TlsStep.begin(made, "tls", node.hostName(), trust);
    secured.whenComplete(
        (handler, failure) -> {
          if (failure != null) {
            fail(failure);
          } else if (!answer.isDone()) {
            request(made);
          }
        });
  }

  private void request(Channel made) {
    FullHttpRequest request =
        new DefaultFullHttpRequest(
            HttpVersion.HTTP_1_1,
            HttpMethod.GET,
            "/bootstrap-dns?q=" + URLEncoder.encode(host, StandardCharsets.UTF_8));
    request
        .headers()
        .set(HttpHeaderNames.HOST, Literals.inUrl(node.hostName()))
        .set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
    PipelineEnd.addBefore(made.pipeline(), "http", new HttpClientCodec());
    PipelineEnd.addBefore(made.pipeline(), "whole", new HttpObjectAggregator(MAX_BODY, true));
    PipelineEnd.addBefore(made.pipeline(), "answer", new AnswerReader());
    made.writeAndFlush(request, made.voidPromise());
    made.config().setAutoRead(true);
  }

  private void fail(Throwable failure) {
    answer.completeExceptionally(failure);
  }

  private final class AnswerReader extends SimpleChannelInboundHandler<FullHttpResponse> {
    @Override
    protected void channelRead0(ChannelHandlerContext ctx, FullHttpResponse response)
        throws StepFailure {
      if (response.decoderResult().isFailure()) {
        throw new StepFailure("the answer is no HTTP");
      }
      if (!response.status().equals(HttpResponseStatus.OK)) {
        throw new StepFailure("the answer was " + response.status().code());
      }
      byte[] json = ByteBufUtil.getBytes(response.content());
      answer.complete(BootstrapAnswer.addresses(json, host));
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
      fail(new StepFailure("the connection was closed before an answer"));
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      fail(cause);
    }
  }
}

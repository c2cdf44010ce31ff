package dev.derp4j.client.dial;

import dev.derp4j.handshake.SharedBox;
import dev.derp4j.key.NodePublicKey;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.concurrent.ScheduledFuture;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// One dial: takes an endpoint through the steps, under one deadline.
///
/// Each step is some work with a future; when that is done, the next begins. Everything runs on the
/// event loop. Whatever ends the dial early (a failure, the deadline, the caller's cancellation)
/// completes [#result], and that alone cleans up.
final class Dial {
  private static final int SWITCHING_PROTOCOLS = 101;
  private static final int OK = 200;
  private static final String UPGRADE = "upgrade";

  private final EventLoop loop;
  private final DerpEndpoint endpoint;
  private final DerpIdentity identity;
  private final DialSettings settings;
  private final Limits limits;
  private final CompletableFuture<DerpLink> result = new CompletableFuture<>();
  private DialStep step = DialStep.DNS;
  private @Nullable AddressRace race;
  private @Nullable CompletableFuture<?> underWay;
  private @Nullable Channel channel;
  private @Nullable ScheduledFuture<?> deadline;
  private @Nullable ScheduledFuture<?> connectDeadline;

  /// How long a dial may take.
  ///
  /// @param all for all steps
  /// @param connect for DNS and TCP without a proxy, where that has a limit of its own
  record Limits(Duration all, Optional<Duration> connect) {}

  Dial(
      EventLoop loop,
      DerpEndpoint endpoint,
      DerpIdentity identity,
      DialSettings settings,
      Limits limits) {
    this.loop = loop;
    this.endpoint = endpoint;
    this.identity = identity;
    this.settings = settings;
    this.limits = limits;
  }

  CompletableFuture<DerpLink> start() {
    result.whenComplete((link, failure) -> LoopTasks.run(loop, () -> end(failure == null)));
    if (!LoopTasks.run(loop, this::begin)) {
      fail(new StepFailure(LoopTasks.SHUT_DOWN));
    }
    return result;
  }

  private void begin() {
    if (result.isDone()) {
      return;
    }
    deadline = failAfter(limits.all(), "no answer within " + Durations.text(settings.timeout()));
    try {
      HostHeader.check(endpoint);
      Optional<ProxyRoute> route = ProxyRoute.to(endpoint, settings.proxies());
      if (route.isPresent()) {
        ProxyRoute proxy = route.get();
        connect(
            Targets.of(proxy.host(), proxy.port()),
            settings.resolver().withoutFallback(),
            made -> securedProxy(made, proxy));
      } else {
        limits
            .connect()
            .ifPresent(
                limit ->
                    connectDeadline =
                        failAfter(limit, "no connection within " + Durations.text(limit)));
        connect(Targets.of(endpoint), settings.resolver(), this::secured);
      }
    } catch (StepFailure failure) {
      fail(failure);
    }
  }

  private ScheduledFuture<?> failAfter(Duration limit, String reason) {
    return loop.schedule(
        () -> fail(new StepFailure(reason)), limit.toNanos(), TimeUnit.NANOSECONDS);
  }

  private void connect(Targets targets, HostResolver resolver, Consumer<Channel> then) {
    AddressRace started = new AddressRace(loop, targets, settings.allocator());
    race = started;
    CompletableFuture<Channel> winner = started.run(resolver, settings.preferIpv6());
    winner.thenAccept(won -> channel = won);
    await(
        winner,
        made -> {
          race = null;
          cancel(connectDeadline);
          then.accept(made);
        });
  }

  private void securedProxy(Channel made, ProxyRoute proxy) {
    step = DialStep.PROXY;
    if (proxy.tls()) {
      tls(
          new CertificateCheck.ForHost(),
          proxy.host(),
          trust -> TlsStep.begin(made, "proxy-tls", proxy.host(), trust),
          handler -> tunnelled(made, proxy));
    } else {
      tunnelled(made, proxy);
    }
  }

  private void tunnelled(Channel made, ProxyRoute proxy) {
    await(HttpExchange.send(made, "tunnel", proxy.connect(), OK), answer -> secured(made));
  }

  private void secured(Channel made) {
    if (endpoint.tls()) {
      step = DialStep.TLS;
      tls(
          endpoint.certificate(),
          endpoint.host(),
          trust -> TlsStep.begin(made, "tls", TlsStep.serverName(endpoint), trust),
          handler -> upgrade(made, TlsStep.announcedKey(handler)));
    } else {
      upgrade(made, null);
    }
  }

  private void tls(
      CertificateCheck check,
      String host,
      Function<ServerTrust, CompletableFuture<SslHandler>> handshake,
      Consumer<SslHandler> then) {
    if (ServerTrust.needsRoots(check)) {
      await(
          settings.roots().get(),
          roots -> await(handshake.apply(new ServerTrust(check, host, roots)), then));
    } else {
      await(handshake.apply(new ServerTrust(check, host, null)), then);
    }
  }

  private void upgrade(Channel made, @Nullable NodePublicKey certified) {
    step = DialStep.UPGRADE;
    if (settings.webSocket()) {
      upgradeToWebSocket(made);
    } else if (certified != null && settings.fastStart()) {
      fastStart(made, certified);
    } else {
      await(
          HttpExchange.send(made, UPGRADE, UpgradeRequest.derp(endpoint), SWITCHING_PROTOCOLS),
          answer -> handshake(made, UpgradeRequest.announcedKey(answer), null));
    }
  }

  private void upgradeToWebSocket(Channel made) {
    FullHttpRequest request = UpgradeRequest.webSocket(endpoint);
    String key = request.headers().get(HttpHeaderNames.SEC_WEBSOCKET_KEY);
    await(
        HttpExchange.send(made, UPGRADE, request, SWITCHING_PROTOCOLS),
        answer -> {
          if (UpgradeRequest.takesWebSocket(key, answer)) {
            WebSocketStream.addTo(made.pipeline());
            handshake(made, UpgradeRequest.announcedKey(answer), null);
          } else {
            fail(new StepFailure("the answer does not take up WebSocket with subprotocol derp"));
          }
        });
  }

  /// The request and ClientInfo in one flight: the server answers with DERP at once.
  private void fastStart(Channel made, NodePublicKey certified) {
    SharedBox box = SharedBox.between(identity.key(), certified);
    ByteBuf flight = made.alloc().buffer();
    flight.writeCharSequence(UpgradeRequest.fastStart(endpoint), StandardCharsets.US_ASCII);
    HandshakePhase.writeClientInfo(flight, identity, box);
    handshake(made, certified, box);
    made.writeAndFlush(flight, made.voidPromise());
  }

  private void handshake(
      Channel made, @Nullable NodePublicKey expected, @Nullable SharedBox fastStarted) {
    step = DialStep.HANDSHAKE;
    HandshakePhase phase = new HandshakePhase(identity, expected, fastStarted);
    PipelineEnd.addBefore(made.pipeline(), "handshake", phase);
    await(
        phase.introduction(),
        met -> established(new DerpLink(endpoint, met, fastStarted != null, made)));
    made.config().setAutoRead(true);
  }

  private void established(DerpLink link) {
    channel = null; // the caller's from here on
    if (!result.complete(link)) {
      link.channel().close();
    }
  }

  /// Waits for a step's work; goes on, on the loop, if nothing has ended the dial meanwhile.
  private <T> void await(CompletableFuture<T> work, Consumer<T> then) {
    underWay = work;
    work.whenComplete(
        (value, failure) -> {
          boolean accepted = LoopTasks.run(loop, () -> proceed(value, failure, then));
          if (!accepted) {
            fail(new StepFailure(LoopTasks.SHUT_DOWN));
          }
        });
  }

  private <T> void proceed(T value, @Nullable Throwable failure, Consumer<T> then) {
    if (failure != null) {
      fail(failure);
    } else if (result.isDone()) {
      end(false); // closes what this step has opened
    } else {
      then.accept(value);
    }
  }

  private void fail(Throwable failure) {
    Throwable cause =
        failure instanceof CompletionException wrapped && wrapped.getCause() != null
            ? wrapped.getCause()
            : failure;
    DialStep at = race == null ? step : race.step();
    DialStep failed = cause instanceof StepFailure ours ? ours.stepOr(at) : at;
    result.completeExceptionally(
        new DialException(failed, endpoint.name(), Reasons.of(cause), cause));
  }

  private void end(boolean established) {
    cancel(deadline);
    cancel(connectDeadline);
    if (established) {
      return;
    }
    if (underWay != null) {
      underWay.cancel(false);
    }
    if (channel != null) {
      channel.close();
    }
  }

  private static void cancel(@Nullable ScheduledFuture<?> timer) {
    if (timer != null) {
      timer.cancel(false);
    }
  }
}

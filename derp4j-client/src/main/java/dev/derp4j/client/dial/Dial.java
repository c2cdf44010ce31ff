package dev.derp4j.client.dial;

import dev.derp4j.handshake.SharedBox;
import dev.derp4j.key.NodePublicKey;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.util.concurrent.ScheduledFuture;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// One dial: takes an endpoint through the steps, under one deadline.
///
/// Each step is some work with a future; when that is done, the next begins. Everything runs on the
/// event loop. Whatever ends the dial early (a failure, the deadline, the caller's cancellation)
/// completes [#result], and that alone cleans up.
final class Dial {
  private static final int SWITCHING_PROTOCOLS = 101;

  private final EventLoop loop;
  private final DerpEndpoint endpoint;
  private final DerpIdentity identity;
  private final DialSettings settings;
  private final CompletableFuture<DerpLink> result = new CompletableFuture<>();
  private DialStep step = DialStep.DNS;
  private @Nullable AddressRace race;
  private @Nullable CompletableFuture<?> underWay;
  private @Nullable Channel channel;
  private @Nullable ScheduledFuture<?> deadline;

  Dial(EventLoop loop, DerpEndpoint endpoint, DerpIdentity identity, DialSettings settings) {
    this.loop = loop;
    this.endpoint = endpoint;
    this.identity = identity;
    this.settings = settings;
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
    deadline =
        loop.schedule(this::deadlineOver, settings.timeout().toMillis(), TimeUnit.MILLISECONDS);
    try {
      HostHeader.check(endpoint);
      connect(Targets.of(endpoint), this::connected);
    } catch (StepFailure failure) {
      fail(failure);
    }
  }

  private void deadlineOver() {
    fail(new StepFailure("no answer within " + Durations.text(settings.timeout())));
  }

  private void connect(Targets targets, Consumer<Channel> then) {
    AddressRace started = new AddressRace(loop, targets, settings.allocator());
    race = started;
    CompletableFuture<Channel> winner = started.run(settings.resolver(), settings.preferIpv6());
    winner.thenAccept(won -> channel = won);
    await(
        winner,
        connected -> {
          race = null;
          then.accept(connected);
        });
  }

  private void connected(Channel plain) {
    step = DialStep.TLS;
    if (endpoint.tls()) {
      fail(new StepFailure("TLS is not spoken by this dialer"));
      return;
    }
    upgrade(plain);
  }

  private void upgrade(Channel ready) {
    step = DialStep.UPGRADE;
    await(
        HttpExchange.send(ready, UpgradeRequest.of(endpoint), SWITCHING_PROTOCOLS),
        answer -> handshake(ready, announcedKey(answer), null));
  }

  /// The key of the answer's header; a header that holds none says nothing.
  private static @Nullable NodePublicKey announcedKey(HttpResponse answer) {
    String digits = answer.headers().get(UpgradeRequest.PUBLIC_KEY, "");
    try {
      return digits.isEmpty() ? null : NodePublicKey.parseHex(digits);
    } catch (IllegalArgumentException noKey) {
      return null;
    }
  }

  private void handshake(
      Channel ready, @Nullable NodePublicKey expected, @Nullable SharedBox fastStarted) {
    step = DialStep.HANDSHAKE;
    HandshakePhase phase = new HandshakePhase(identity, expected, fastStarted);
    ready.pipeline().addLast("handshake", phase);
    await(
        phase.introduction(),
        made -> established(new DerpLink(endpoint, made, fastStarted != null, ready)));
  }

  private void established(DerpLink link) {
    channel = null; // the caller's from here on
    if (!result.complete(link)) {
      link.channel().close();
    }
  }

  /// Waits for a step's work; goes on if nothing has ended the dial meanwhile.
  private <T> void await(CompletableFuture<T> work, Consumer<T> then) {
    underWay = work;
    work.whenComplete(
        (value, failure) -> {
          if (failure != null) {
            fail(failure);
          } else if (result.isDone()) {
            end(false); // closes what this step has opened
          } else {
            then.accept(value);
          }
        });
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
    if (deadline != null) {
      deadline.cancel(false);
    }
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
}

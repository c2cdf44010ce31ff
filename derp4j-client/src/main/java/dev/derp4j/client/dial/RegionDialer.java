package dev.derp4j.client.dial;

import io.netty.channel.EventLoop;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/// Dials the nodes of a region, in order, until one of them is there.
///
/// DNS and TCP of a node have 1.5 s, where no proxy is between; all nodes together have the
/// settings' timeout. The original stays with the first node that takes a TCP connection, whatever
/// becomes of it; this goes on to the next one also when TLS, upgrade or handshake fail, because a
/// node whose relay is dead behind a live load balancer should not take its region with it.
public final class RegionDialer {
  /// How long a node has for DNS and TCP.
  public static final Duration NODE_LIMIT = Duration.ofMillis(1500);

  private final EventLoop loop;
  private final List<DerpEndpoint> endpoints;
  private final DerpIdentity identity;
  private final DialSettings settings;
  private final long start = System.nanoTime();
  private final CompletableFuture<DerpLink> result = new CompletableFuture<>();
  private @Nullable Throwable first;
  private volatile @Nullable CompletableFuture<DerpLink> underWay;

  private RegionDialer(
      EventLoop loop, List<DerpEndpoint> endpoints, DerpIdentity identity, DialSettings settings) {
    this.loop = loop;
    this.endpoints = endpoints;
    this.identity = identity;
    this.settings = settings;
  }

  /// Dials endpoints in order; the first that works wins. The others' failures are suppressed
  /// exceptions of the first one's, with which this fails if none works.
  ///
  /// An endpoint behind the first tells its server that the client would rather be on the first
  /// one, unless it names an ideal node of its own: the region's first node may be one that is not
  /// dialled at all.
  ///
  /// @return as [DerpDialer#dial]
  /// @throws IllegalArgumentException if there is no endpoint
  public static CompletableFuture<DerpLink> dial(
      EventLoop loop, List<DerpEndpoint> endpoints, DerpIdentity identity, DialSettings settings) {
    if (endpoints.isEmpty()) {
      throw new IllegalArgumentException("a region without nodes cannot be dialled");
    }
    RegionDialer dialer = new RegionDialer(loop, withIdealNode(endpoints), identity, settings);
    dialer.result.whenComplete((link, failure) -> dialer.cancelUnderWay());
    dialer.dial(0);
    return dialer.result;
  }

  private static List<DerpEndpoint> withIdealNode(List<DerpEndpoint> endpoints) {
    String ideal = endpoints.getFirst().name();
    List<DerpEndpoint> all = new ArrayList<>();
    for (DerpEndpoint endpoint : endpoints) {
      boolean says = all.isEmpty() || endpoint.idealNode().isPresent();
      all.add(says ? endpoint : endpoint.withIdealNode(ideal));
    }
    return all;
  }

  private void dial(int index) {
    Duration left = settings.timeout().minusNanos(System.nanoTime() - start);
    Dial.Limits limits = new Dial.Limits(left, Optional.of(NODE_LIMIT));
    CompletableFuture<DerpLink> dial =
        new Dial(loop, endpoints.get(index), identity, settings, limits).start();
    underWay = dial;
    if (result.isDone()) {
      dial.cancel(false);
    }
    dial.whenComplete((link, failure) -> ended(index, link, failure));
  }

  private void ended(int index, @Nullable DerpLink link, @Nullable Throwable failure) {
    if (link != null) {
      if (!result.complete(link)) {
        link.channel().close();
      }
      return;
    }
    Throwable cause = failure == null ? new CancellationException() : failure;
    Throwable earlier = first;
    if (earlier == null) {
      first = cause;
    } else {
      earlier.addSuppressed(cause);
    }
    boolean over = System.nanoTime() - start >= settings.timeout().toNanos();
    if (index + 1 < endpoints.size() && !over && !result.isDone()) {
      dial(index + 1);
    } else {
      result.completeExceptionally(earlier == null ? cause : earlier);
    }
  }

  private void cancelUnderWay() {
    CompletableFuture<DerpLink> dial = underWay;
    if (dial != null) {
      dial.cancel(false);
    }
  }
}

package dev.derp4j.client.dial;

import io.netty.channel.EventLoop;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/// Makes connections to DERP servers: names, TCP, proxy, TLS, upgrade, handshake.
///
/// ```java
/// DerpDialer.dial(loop, DerpEndpoint.of("derp.example.com", 443), DerpIdentity.of(key), settings)
///     .thenAcceptAsync(link -> link.handOver("mine", handler), loop);
/// ```
public final class DerpDialer {
  private DerpDialer() {}

  /// Dials one endpoint.
  ///
  /// The connection lives on exactly this event loop, and its kind of socket is the loop's: epoll
  /// or NIO. May be called on any thread; blocks none.
  ///
  /// @return the established link, completed on the loop; fails with a [DialException]. Cancelling
  ///     it abandons the dial and closes what is open
  public static CompletableFuture<DerpLink> dial(
      EventLoop loop, DerpEndpoint endpoint, DerpIdentity identity, DialSettings settings) {
    Dial.Limits limits = new Dial.Limits(settings.timeout(), Optional.empty());
    return new Dial(loop, endpoint, identity, settings, limits).start();
  }
}

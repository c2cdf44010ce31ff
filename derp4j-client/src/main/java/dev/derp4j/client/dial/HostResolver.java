package dev.derp4j.client.dial;

import io.netty.channel.EventLoop;
import java.net.InetAddress;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/// Turns a host name into addresses without blocking its caller.
@FunctionalInterface
public interface HostResolver {
  /// Starts to resolve a name. Address literals are never asked for.
  ///
  /// Called on an event loop, so it must return at once; the future may be completed on any thread.
  /// When nobody waits for the answer any more, the future is cancelled.
  ///
  /// @param host a DNS name, not an address
  /// @param loop the event loop of the dial, for resolvers that use the network through Netty
  /// @return the addresses of both families, best first; an empty list or a failure, whose message
  ///     is one line, when there are none
  CompletableFuture<List<InetAddress>> resolve(String host, EventLoop loop);

  /// The part of this resolver that may be asked for the names of proxies, which are nobody else's
  /// business: itself, unless it asks servers that it was told of beside those of the DNS.
  default HostResolver withoutFallback() {
    return this;
  }

  /// The operating system's resolver: its hosts file, its configured name servers, whatever else
  /// its name service switch holds. Lookups block in the system, so they run on threads of their
  /// own, a few at most, which end when there is nothing to look up.
  static HostResolver system() {
    return new SystemResolver();
  }
}

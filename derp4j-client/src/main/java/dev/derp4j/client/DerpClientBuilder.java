package dev.derp4j.client;

import dev.derp4j.client.dial.DerpDialer;
import dev.derp4j.client.dial.DerpEndpoint;
import dev.derp4j.client.dial.DerpIdentity;
import dev.derp4j.client.dial.DialSettings;
import dev.derp4j.key.MeshKey;
import dev.derp4j.key.NodePrivateKey;
import dev.derp4j.map.DerpMap;
import dev.derp4j.map.DerpRegion;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import java.net.URI;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/// Sets up a [DerpClient]. One of [#url(String)], [#endpoint] and [#region] is needed, all else has
/// a default. Not thread-safe; may make several clients.
public final class DerpClientBuilder {
  /// Makes what dials from what it is to dial with.
  private interface TargetMaker {
    Connector.Target make(DerpIdentity identity, DialSettings settings);
  }

  private final NodePrivateKey key;
  private Optional<MeshKey> meshKey = Optional.empty();
  private boolean canAckPings = true;
  private boolean isProber;
  private String appName = "";
  private @Nullable TargetMaker target;
  private @Nullable DialSettings settings;
  private @Nullable EventLoopGroup loops;
  private @Nullable DerpListener listener;
  private Executor executor = task -> Thread.startVirtualThread(task);
  private @Nullable Boolean keepConnected;
  private boolean watching;
  private Duration firstPause = Duration.ofMillis(500);
  private Duration longestPause = Duration.ofSeconds(30);
  private Duration deadAfter = Duration.ofMinutes(2);
  private int inboxMessages = 256;
  private int inboxBytes = 1 << 20;

  DerpClientBuilder(NodePrivateKey key) {
    this.key = key;
  }

  /// Connects to the relay at an `https` or `http` URL; `/derp` if it has no path.
  ///
  /// @throws IllegalArgumentException if it is no such URL
  public DerpClientBuilder url(String url) {
    return url(URI.create(url));
  }

  /// Connects to the relay at an `https` or `http` URL; `/derp` if it has no path.
  public DerpClientBuilder url(URI url) {
    return endpoint(DerpEndpoint.of(url));
  }

  /// Connects to one relay, with a say in how it is reached and what certificate it must show.
  public DerpClientBuilder endpoint(DerpEndpoint endpoint) {
    target = (identity, with) -> loop -> DerpDialer.dial(loop, endpoint, identity, with);
    return this;
  }

  /// Connects to a region of a map: to the first of its relays that can be reached, tried in the
  /// map's order. Where a relay's name cannot be resolved, relays that have addresses in the map
  /// are asked for it; they see the names that are looked up.
  ///
  /// @throws IllegalArgumentException if the map has no such region
  public DerpClientBuilder region(DerpMap map, long regionId) {
    DerpRegion region =
        map.region(regionId)
            .orElseThrow(() -> new IllegalArgumentException("the map has no region " + regionId));
    target = (identity, with) -> RegionTarget.of(map, region, identity, with);
    return this;
  }

  /// The secret of the relays of a region, for those who may watch, forward and close peers.
  public DerpClientBuilder meshKey(MeshKey secret) {
    meshKey = Optional.of(secret);
    return this;
  }

  /// Whether the server's pings are answered, which it is told; true if nothing is said.
  public DerpClientBuilder canAckPings(boolean can) {
    canAckPings = can;
    return this;
  }

  /// Whether the client is a prober, for the server's statistics.
  public DerpClientBuilder prober(boolean prober) {
    isProber = prober;
    return this;
  }

  /// What the program is called in the server's statistics: at most 32 characters of printable
  /// ASCII.
  public DerpClientBuilder appName(String name) {
    appName = name;
    return this;
  }

  /// How to dial: time limits, fast start, WebSocket, proxies, name resolution, trusted roots. One
  /// object is best shared by many clients.
  public DerpClientBuilder dialSettings(DialSettings how) {
    settings = how;
    return this;
  }

  /// The event loops to live on, which stay the caller's to shut down, behind the client. Without
  /// this, clients share two daemon threads, which end with the last client.
  public DerpClientBuilder eventLoops(EventLoopGroup group) {
    loops = group;
    return this;
  }

  /// Hands messages to a listener instead of [DerpClient#receive]. The client then keeps itself
  /// connected, unless [#keepConnected] says no.
  public DerpClientBuilder listener(DerpListener hears) {
    listener = hears;
    return this;
  }

  /// Where the listener is called; virtual threads if nothing is said.
  public DerpClientBuilder listenerExecutor(Executor tasks) {
    executor = tasks;
    return this;
  }

  /// Whether to connect at once, and again whenever a connection is lost, instead of at the next
  /// use.
  public DerpClientBuilder keepConnected(boolean keep) {
    keepConnected = keep;
    return this;
  }

  /// The pause behind the first failed attempt to connect, which doubles with each further one up
  /// to the longest. Half a second and 30 s if nothing is said.
  ///
  /// @throws IllegalArgumentException if one is negative
  public DerpClientBuilder reconnectPauses(Duration first, Duration longest) {
    if (first.isNegative() || longest.isNegative()) {
      throw new IllegalArgumentException("a pause is negative");
    }
    firstPause = first;
    longestPause = longest;
    return this;
  }

  /// Watches connections from the first one on, see [DerpClient#watchConnections].
  ///
  /// @throws IllegalStateException when the client is built, if it has no mesh key
  public DerpClientBuilder watchConnections() {
    watching = true;
    return this;
  }

  /// How much may be waiting to be received before the client stops reading: 256 messages and 1 MiB
  /// of payload if nothing is said. One read from the network, at most 64 KiB, can come on top.
  ///
  /// @throws IllegalArgumentException unless both are positive
  public DerpClientBuilder receiveBuffer(int messages, int bytes) {
    if (messages < 1 || bytes < 1) {
      throw new IllegalArgumentException("the receive buffer must hold something");
    }
    inboxMessages = messages;
    inboxBytes = bytes;
    return this;
  }

  /// How long without a frame of the server a connection counts as alive; 120 s if nothing is said,
  /// twice what servers take to send a sign of life.
  ///
  /// @throws IllegalArgumentException unless it is positive
  public DerpClientBuilder deadAfter(Duration silence) {
    if (!silence.isPositive()) {
      throw new IllegalArgumentException("a connection must be allowed some silence");
    }
    deadAfter = silence;
    return this;
  }

  /// The client, which connects when it is first used or, if it keeps itself connected, now.
  ///
  /// @throws IllegalStateException if nothing says where to connect to
  public DerpClient build() {
    TargetMaker maker = target;
    if (maker == null) {
      throw new IllegalStateException("nothing says where to connect to");
    }
    if (watching && meshKey.isEmpty()) {
      throw new IllegalStateException("only clients with a mesh key may watch");
    }
    DerpIdentity identity = new DerpIdentity(key, meshKey, canAckPings, isProber, appName);
    DialSettings how = settings == null ? DialSettings.defaults() : settings;
    boolean shared = loops == null;
    EventLoop loop = (loops == null ? SharedLoops.acquire() : loops).next();
    Tally tally = new Tally();
    Inbox inbox = new Inbox(inboxMessages, inboxBytes, tally.messagesUnread);
    boolean keep = keepConnected == null ? listener != null : keepConnected;
    Connector connector =
        new Connector(
            loop,
            maker.make(identity, how),
            new ClientOptions(canAckPings, keep, deadAfter),
            new Backoff(firstPause, longestPause),
            inbox,
            tally);
    if (listener != null) {
      inbox.onMessage(new ListenerPump(inbox, listener, executor)::messageAdded);
    }
    if (watching) {
      connector.watch();
    }
    connector.start();
    Runnable release = shared ? SharedLoops::release : () -> {};
    return new DerpClient(
        key, meshKey.isPresent(), listener != null, connector, inbox, tally, release);
  }
}

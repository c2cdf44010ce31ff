package dev.derp4j.testkit;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;

/// A TCP proxy on loopback that makes the network between a client and a server as bad as a test
/// wants it. It knows bytes and connections, nothing of what they mean, so TLS passes through it.
///
/// ```java
/// try (FaultProxy network = FaultProxy.to(relay)) {
///   ... // connect to network.address()
///   network.swallow(Direction.TO_SERVER); // the server hears nothing more, and nobody is told
///   ...
///   network.heal();
/// }
/// ```
///
/// Faults act on open and on new connections alike, at once, and until [#heal()]; only [#cut()] is
/// over when it returns. They combine: what is delayed may be throttled too. At most
/// [#CONNECTIONS] connections are open at a time (more are refused), each with at most 2 MiB on its
/// way. Virtual threads carry the bytes; every method may be called from any thread and none waits
/// for the network, except those whose name begins with `await`.
public final class FaultProxy implements AutoCloseable {
  /// How many connections may be open at a time.
  public static final int CONNECTIONS = 1000;

  private static final int BACKLOG = 128;
  private static final int CONNECT_MILLISECONDS = 5000;

  /// Which way bytes flow.
  public enum Direction {
    /// From whoever connected to the proxy.
    TO_SERVER,
    /// To whoever connected to the proxy.
    TO_CLIENT
  }

  /// What happened since the start.
  ///
  /// @param accepted connections that came in, whatever became of them
  /// @param refused those that were reset at once, because of [FaultProxy#refuse()] or of the limit
  /// @param unreachable those that were reset because the server could not be connected to
  /// @param open those that are open now
  /// @param forwardedToServer bytes handed to the server's sockets
  /// @param forwardedToClient bytes handed to the clients' sockets
  /// @param swallowedToServer bytes from clients that vanished
  /// @param swallowedToClient bytes from the server that vanished
  public record Counts(
      long accepted,
      long refused,
      long unreachable,
      int open,
      long forwardedToServer,
      long forwardedToClient,
      long swallowedToServer,
      long swallowedToClient) {}

  private final ServerSocket listener;
  private final NetworkFaults faults = new NetworkFaults();
  private final Set<FaultyLink> links = ConcurrentHashMap.newKeySet();
  private volatile InetSocketAddress server;

  private FaultProxy(ServerSocket listener, InetSocketAddress server) {
    this.listener = listener;
    this.server = server;
  }

  /// Starts a proxy in front of a server, on a free port. The server need not be there yet.
  public static FaultProxy to(InetSocketAddress server) throws IOException {
    FaultProxy proxy =
        new FaultProxy(new ServerSocket(0, BACKLOG, InetAddress.getLoopbackAddress()), server);
    Thread.ofVirtual().name("fault-proxy").start(proxy::acceptAll);
    return proxy;
  }

  /// Where to connect instead of to the server.
  public InetSocketAddress address() {
    return (InetSocketAddress) listener.getLocalSocketAddress();
  }

  /// New connections go to another server: one that was started again on another port, mostly.
  public void retarget(InetSocketAddress other) {
    server = other;
  }

  /// Resets all open connections at both ends. New ones pass; [#refuse()] first if they shall not.
  public void cut() {
    links.forEach(FaultyLink::reset);
  }

  /// Resets new connections as soon as they are open, which is as near to "connection refused" as
  /// one gets without giving the port away. Those that are open stay so.
  public void refuse() {
    faults.change(all -> all.refusing = true);
  }

  /// Lets all bytes vanish that go there, the ends and resets of connections too, while the
  /// sockets stay open: half-open connections. A new connection is taken and never reaches the
  /// server if bytes to it vanish. No directions means both.
  public void swallow(Direction... directions) {
    faults.change(each(directions), flow -> flow.swallowing = true);
  }

  /// Stops bytes that go there without losing any, as a peer does that does not read: the sender
  /// gets rid of about 1 MiB more, then its writes block. No directions means both.
  public void hold(Direction... directions) {
    faults.change(each(directions), flow -> flow.holding = true);
  }

  /// Bytes that go there arrive so much later; as many as before, up to 1 MiB on their way.
  public void delay(Duration delay, Direction... directions) {
    faults.change(each(directions), flow -> flow.delayNanoseconds = delay.toNanos());
  }

  /// Bytes that go there arrive at this rate at most, per connection.
  public void throttle(long bytesPerSecond, Direction... directions) {
    if (bytesPerSecond < 1) {
      throw new IllegalArgumentException("at least one byte a second");
    }
    faults.change(each(directions), flow -> flow.bytesPerSecond = bytesPerSecond);
  }

  /// Ends all faults. What was held or delayed goes its way at once; connections that lost
  /// something are reset, since what would follow would make no sense.
  public void heal() {
    faults.heal();
    links.stream().filter(FaultyLink::hasLost).forEach(FaultyLink::reset);
  }

  /// What happened so far.
  public Counts counts() {
    return faults.counts();
  }

  /// Waits until the counts are as wanted and returns them; `what` says in words what is awaited.
  /// An [AssertionError] with what they are instead ends a wait in vain.
  public Counts awaitCounts(String what, Predicate<Counts> wanted, Duration limit) {
    return faults.awaitCounts(what, wanted, limit);
  }

  /// Waits until so many connections are open.
  public void awaitOpen(int connections, Duration limit) {
    awaitCounts(connections + " open", counts -> counts.open() == connections, limit);
  }

  /// Takes no more connections and resets those that are open.
  @Override
  public void close() throws IOException {
    listener.close();
    cut();
  }

  private static Set<Direction> each(Direction[] directions) {
    return directions.length == 0
        ? EnumSet.allOf(Direction.class)
        : EnumSet.of(directions[0], directions);
  }

  private void acceptAll() {
    while (!listener.isClosed()) {
      try {
        Socket client = listener.accept();
        Thread.ofVirtual().name("fault-proxy-connect").start(() -> connect(client));
      } catch (IOException closed) {
        return;
      }
    }
  }

  private void connect(Socket client) {
    if (!faults.admit(CONNECTIONS)) {
      FaultyLink.reset(client);
      return;
    }
    Socket upstream = new Socket();
    if (!faults.swallows(Direction.TO_SERVER)) {
      try {
        upstream.connect(server, CONNECT_MILLISECONDS);
      } catch (IOException unreachable) {
        FaultyLink.reset(client);
        faults.wentAway(true);
        return;
      }
    }
    FaultyLink link = new FaultyLink(faults, client, upstream, this::forget);
    links.add(link);
    link.start();
    // close() or heal() may have looked for links before this one was there.
    if (listener.isClosed() || (link.hasLost() && !faults.swallows(Direction.TO_SERVER))) {
      link.reset();
    }
  }

  private void forget(FaultyLink link) {
    links.remove(link);
    faults.wentAway(false);
  }
}

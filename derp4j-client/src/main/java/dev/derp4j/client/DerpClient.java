package dev.derp4j.client;

import dev.derp4j.codec.FrameWriter;
import dev.derp4j.frame.FrameLimits;
import dev.derp4j.key.NodePrivateKey;
import dev.derp4j.key.NodePublicKey;
import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;

/// A client of a DERP relay: sends packets to other clients by their public keys, and receives
/// theirs.
///
/// ```java
/// NodePrivateKey key = NodePrivateKey.generate();
/// try (DerpClient client = DerpClient.builder(key).url("https://derp.example.com").build()) {
///   client.send(peer, "hello".getBytes(UTF_8));
///   while (true) {
///     switch (client.receive()) {
///       case DerpMessage.Packet(var source, var payload) -> client.send(source, payload);
///       case DerpMessage.PeerGone(var gone, var reason) -> System.out.println(gone + " has left");
///       case DerpMessage other -> {} // connected, disconnected, health, ...
///     }
///   }
/// }
/// ```
///
/// **DERP loses packets** when a receiver is slow, absent or reconnects, and says so only
/// sometimes. Who needs all of them counts and repeats them.
///
/// It connects at its first use, and again at the first use behind a lost connection, unless it
/// [keeps itself connected][DerpClientBuilder#keepConnected]; after failures with growing pauses.
/// [DerpMessage.Connected] and [DerpMessage.Disconnected] tell of it among what is received.
/// Someone has to receive: when as much has gathered as the client keeps, it stops reading, and
/// in the end the server drops it.
///
/// All methods may be called by any number of threads, except that receiving is best left to one.
/// Blocking ones suit virtual threads; interrupting a thread ends its call with
/// [InterruptedException] and, if nobody else waits for the same, what the call was waiting for. A
/// client costs no thread: its connection lives on an event loop shared by many.
public final class DerpClient implements AutoCloseable {
  /// Longer than any wait is meant to be, and short enough to be added to [System#nanoTime].
  private static final Duration FOREVER = Duration.ofDays(10_000);

  private static final Duration CLOSING = Duration.ofSeconds(5);

  private final NodePrivateKey key;
  private final boolean mayMesh;
  private final boolean hasListener;
  private final Connector connector;
  private final Inbox inbox;
  private final Tally tally;
  private final Runnable releaseLoops;

  DerpClient(
      NodePrivateKey key,
      boolean mayMesh,
      boolean hasListener,
      Connector connector,
      Inbox inbox,
      Tally tally,
      Runnable releaseLoops) {
    this.key = key;
    this.mayMesh = mayMesh;
    this.hasListener = hasListener;
    this.connector = connector;
    this.inbox = inbox;
    this.tally = tally;
    this.releaseLoops = releaseLoops;
  }

  /// Begins to set up a client that connects with this key, its address for others.
  public static DerpClientBuilder builder(NodePrivateKey key) {
    return new DerpClientBuilder(key);
  }

  /// The address under which others reach this client.
  public NodePublicKey publicKey() {
    return key.publicKey();
  }

  /// Connects, unless that is done.
  ///
  /// @throws IOException if it fails; a [dev.derp4j.client.dial.DialException] says at which step
  ///     and against which relay, with the other relays of the region as suppressed exceptions
  public void connect() throws IOException, InterruptedException {
    connected(FOREVER);
  }

  /// Connects within a time, unless that is done.
  ///
  /// @throws TimeoutException if it takes longer; the attempt is given up
  /// @throws IOException as [#connect()]
  public void connect(Duration timeout) throws IOException, InterruptedException, TimeoutException {
    await(connector.connect(), timeout);
  }

  /// Connects, unless that is done. Cancelling the future gives the attempt up, if nobody else
  /// waits for it; its failures are those of [#connect()].
  public CompletableFuture<DerpMessage.Connected> connectAsync() {
    CompletableFuture<Connection> connecting = connector.connect();
    CompletableFuture<DerpMessage.Connected> result =
        connecting.thenApply(Connection::announcement);
    result.whenComplete((connected, failure) -> connecting.cancel(false));
    return result;
  }

  /// Sends a packet to a peer, connecting first if need be. Returns when the packet is on its way,
  /// which for a moment may have to wait for earlier ones.
  ///
  /// A packet that exceeds what the server said it takes is dropped and
  /// [counted][ClientCounters#packetsOverRate].
  ///
  /// @param payload at most 65536 bytes; may be changed once the call returns
  /// @throws IllegalArgumentException if it is longer
  /// @throws IOException if there is no connection to be had, or it ended meanwhile
  public void send(NodePublicKey peer, byte[] payload) throws IOException, InterruptedException {
    checkLength(payload);
    withoutTimeout(deadline -> connected(FOREVER).sendPacket(peer, payload, deadline), FOREVER);
  }

  /// Sends a packet as [#send(NodePublicKey, byte\[\])] does, within a time.
  ///
  /// @throws TimeoutException if the connection could not be made or took no more packets
  ///     meanwhile; the packet is not sent
  public void send(NodePublicKey peer, byte[] payload, Duration timeout)
      throws IOException, InterruptedException, TimeoutException {
    checkLength(payload);
    long deadline = System.nanoTime() + timeout.toNanos();
    connectedWithin(timeout).sendPacket(peer, payload, deadline);
  }

  /// Waits for the next message, connecting first if need be.
  ///
  /// @throws IOException if there is no connection to be had; not if it is lost, which is a message
  /// @throws ClientClosedException if the client was closed
  /// @throws IllegalStateException if messages go to a listener
  public DerpMessage receive() throws IOException, InterruptedException {
    while (true) {
      Optional<DerpMessage> message = receive(FOREVER);
      if (message.isPresent()) {
        return message.get();
      }
    }
  }

  /// Waits for the next message as [#receive()] does, for a time.
  ///
  /// @return empty if none came
  public Optional<DerpMessage> receive(Duration timeout) throws IOException, InterruptedException {
    if (hasListener) {
      throw new IllegalStateException("messages go to the listener");
    }
    checkThread();
    long deadline = System.nanoTime() + timeout.toNanos();
    checkOpen();
    DerpMessage message = inbox.poll();
    if (message == null && connector.current() == null && !connector.connectsItself()) {
      try {
        await(connector.connect(), timeout);
      } catch (TimeoutException late) {
        return Optional.ofNullable(inbox.poll());
      } catch (IOException failed) {
        message = inbox.poll(); // the end of the last connection may have come in between
        if (message == null) {
          throw failed;
        }
      }
    }
    if (message == null) {
      message = inbox.poll(Duration.ofNanos(deadline - System.nanoTime()));
      if (message == null) {
        checkOpen();
      }
    }
    return Optional.ofNullable(message);
  }

  /// Asks the server for a sign of life.
  ///
  /// @return the time until it came
  /// @throws TimeoutException if it did not come in time
  public Duration ping(Duration timeout)
      throws IOException, InterruptedException, TimeoutException {
    return await(pingAsync(), timeout);
  }

  /// Asks the server for a sign of life, connecting first if need be. There may never be one, so
  /// give the future a timeout.
  public CompletableFuture<Duration> pingAsync() {
    CompletableFuture<Duration> result = new CompletableFuture<>();
    CompletableFuture<Connection> connecting = connector.connect();
    connecting.whenComplete(
        (connection, failure) -> {
          if (failure != null) {
            result.completeExceptionally(Reason.asIo(failure));
          } else {
            connection.ping(result); // on the loop, where connections are completed
          }
        });
    result.whenComplete((time, failure) -> connecting.cancel(false));
    return result;
  }

  /// Tells the server whether this is the client's home relay, now if connected and with each
  /// connection to come. It is for the server's statistics only.
  public void notePreferred(boolean preferred) {
    connector.note(preferred);
  }

  /// Asks for the presence of all clients of the server, now if connected and with each
  /// connection to come: first [DerpMessage.PeerPresent] for everyone, oneself included, then
  /// whoever comes and goes.
  ///
  /// @throws IllegalStateException if the client has no mesh key, since the server would close the
  ///     connection
  public void watchConnections() {
    checkMesh();
    connector.watch();
  }

  /// Sends a packet for someone else, as relays of a region do for each other.
  ///
  /// @throws IllegalArgumentException if the payload is longer than 65536 bytes
  /// @throws IllegalStateException if the client has no mesh key
  public void forwardPacket(NodePublicKey source, NodePublicKey destination, byte[] payload)
      throws IOException, InterruptedException {
    checkMesh();
    checkLength(payload);
    withoutTimeout(
        deadline -> connected(FOREVER).forwardPacket(source, destination, payload, deadline),
        FOREVER);
  }

  /// Asks the server to close all connections of a peer.
  ///
  /// @throws IllegalStateException if the client has no mesh key
  public void closePeer(NodePublicKey peer) throws IOException, InterruptedException {
    checkMesh();
    Consumer<ByteBuf> frame = out -> FrameWriter.writeClosePeer(out, peer);
    withoutTimeout(deadline -> connected(FOREVER).sendControl(frame, deadline), FOREVER);
  }

  /// Whether there is a connection right now.
  public boolean isConnected() {
    return connector.current() != null;
  }

  /// How many connections there have been, the present one included. When it has changed, what the
  /// server knew of this client's peers is lost.
  public int connectionGeneration() {
    return connector.generation();
  }

  /// The key of the server, while connected.
  public Optional<NodePublicKey> serverKey() {
    return Optional.ofNullable(connector.current()).map(Connection::serverKey);
  }

  /// What the server finds wrong with the present connection; empty if nothing.
  public String health() {
    return connector.health();
  }

  /// What the client has done so far.
  public ClientCounters counters() {
    return tally.snapshot();
  }

  /// Ends the connection and all calls that wait, with [ClientClosedException]. Waits until the
  /// socket is closed, a few seconds at most. Once closed, a client stays closed.
  @Override
  public void close() {
    if (!connector.markClosed()) {
      return;
    }
    inbox.close(); // first, or the end of the connection would be one more message
    CompletableFuture<Void> closing = connector.close();
    if (!connector.loop().inEventLoop()) {
      try {
        closing.get(CLOSING.toMillis(), TimeUnit.MILLISECONDS);
      } catch (InterruptedException interrupted) {
        Thread.currentThread().interrupt();
      } catch (ExecutionException | TimeoutException late) {
        // The socket is the system's to close now.
      }
    }
    releaseLoops.run();
  }

  private void checkOpen() throws ClientClosedException {
    if (connector.isClosed()) {
      throw new ClientClosedException();
    }
  }

  private void checkMesh() {
    if (!mayMesh) {
      throw new IllegalStateException("only clients with a mesh key may do this");
    }
  }

  private static void checkLength(byte[] payload) {
    if (payload.length > FrameLimits.MAX_PACKET) {
      throw new IllegalArgumentException(
          "a packet of " + payload.length + " bytes, over " + FrameLimits.MAX_PACKET);
    }
  }

  /// Waiting on the very thread that is to bring what is waited for would be for ever.
  private void checkThread() {
    if (connector.loop().inEventLoop()) {
      throw new IllegalStateException("this call blocks, and may not do so on an event loop");
    }
  }

  private Connection connected(Duration timeout) throws IOException, InterruptedException {
    try {
      return connectedWithin(timeout);
    } catch (TimeoutException late) {
      throw new IOException("no connection", late);
    }
  }

  private Connection connectedWithin(Duration timeout)
      throws IOException, InterruptedException, TimeoutException {
    checkThread();
    checkOpen();
    Connection connection = connector.current();
    return connection != null ? connection : await(connector.connect(), timeout);
  }

  /// A call that ends before [#FOREVER] does.
  @FunctionalInterface
  private interface Call {
    void run(long deadline) throws IOException, InterruptedException, TimeoutException;
  }

  private static void withoutTimeout(Call call, Duration forever)
      throws IOException, InterruptedException {
    try {
      call.run(System.nanoTime() + forever.toNanos());
    } catch (TimeoutException late) {
      throw new IOException("no answer", late);
    }
  }

  /// Waits for a future, which is cancelled if the wait ends early.
  private <T> T await(CompletableFuture<T> future, Duration timeout)
      throws IOException, InterruptedException, TimeoutException {
    checkThread();
    try {
      return future.get(timeout.toNanos(), TimeUnit.NANOSECONDS);
    } catch (ExecutionException failed) {
      throw Reason.asIo(failed);
    } catch (TimeoutException late) {
      throw new TimeoutException("no answer within " + timeout.toMillis() + " ms");
    } finally {
      future.cancel(false);
    }
  }

  @Override
  public String toString() {
    Connection connection = connector.current();
    return "DerpClient["
        + publicKey().shortText()
        + (connection == null ? "" : ", " + connection.announcement().node())
        + "]";
  }
}

package dev.derp4j.client;

import dev.derp4j.client.dial.DerpLink;
import dev.derp4j.codec.FrameWriter;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.ScheduledFuture;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/// Makes connections when they are wanted, one at a time, and remembers what each new one has to be
/// told.
///
/// Everyone who wants a connection waits for the same dial; when the last one has lost interest,
/// the dial is given up. Owned by the client's event loop; other threads read the volatile fields
/// and call [#connect], [#note], [#watch] and [#close], which go there.
final class Connector implements Connection.Owner {
  /// Where to: a URL or a region.
  interface Target {
    CompletableFuture<DerpLink> dial(EventLoop loop);
  }

  private final EventLoop loop;
  private final Target target;
  private final ClientOptions options;
  private final Backoff backoff;
  private final Inbox inbox;
  private final Tally tally;
  private final Map<Integer, CompletableFuture<Connection>> waiters = new LinkedHashMap<>();
  private int nextWaiter;
  private @Nullable CompletableFuture<DerpLink> dialling;
  /// Which dial is the one that counts; those before it have been given up.
  private int dialNumber;
  private @Nullable ScheduledFuture<?> pausing;
  private boolean preferred;
  private boolean watching;
  private final AtomicBoolean closed = new AtomicBoolean();
  private volatile int generation;
  private volatile String health = "";
  private volatile @Nullable Connection current;

  Connector(
      EventLoop loop,
      Target target,
      ClientOptions options,
      Backoff backoff,
      Inbox inbox,
      Tally tally) {
    this.loop = loop;
    this.target = target;
    this.options = options;
    this.backoff = backoff;
    this.inbox = inbox;
    this.tally = tally;
    inbox.onRoom(this::resume);
  }

  private void resume() {
    Connection connection = current;
    if (connection != null) {
      connection.resume();
    }
  }

  EventLoop loop() {
    return loop;
  }

  @Nullable Connection current() {
    return current;
  }

  /// Whether connections are made unasked, and failures told as messages.
  boolean connectsItself() {
    return options.keepConnected();
  }

  int generation() {
    return generation;
  }

  String health() {
    return health;
  }

  boolean isClosed() {
    return closed.get();
  }

  /// The connection, made if there is none. Cancelling the future means to have lost interest.
  CompletableFuture<Connection> connect() {
    CompletableFuture<Connection> waiter = new CompletableFuture<>();
    try {
      loop.execute(() -> join(waiter));
    } catch (RejectedExecutionException shutDown) {
      waiter.completeExceptionally(new ClientClosedException());
    }
    return waiter;
  }

  private void join(CompletableFuture<Connection> waiter) {
    Connection connection = current;
    if (closed.get()) {
      waiter.completeExceptionally(new ClientClosedException());
    } else if (connection != null) {
      waiter.complete(connection);
    } else {
      int number = nextWaiter++;
      waiters.put(number, waiter);
      waiter.whenComplete((made, failure) -> execute(() -> leave(number)));
      begin();
    }
  }

  private void execute(Runnable task) {
    try {
      loop.execute(task);
    } catch (RejectedExecutionException shutDown) {
      // The loops' owner has ended them, and with them all that the task could change.
    }
  }

  private void leave(int waiter) {
    if (waiters.remove(waiter) != null && waiters.isEmpty() && !options.keepConnected()) {
      abandon();
    }
  }

  private void abandon() {
    if (pausing != null) {
      pausing.cancel(false);
      pausing = null;
    }
    CompletableFuture<DerpLink> dial = dialling;
    dialling = null;
    if (dial != null) {
      dial.cancel(false);
    }
  }

  /// Dials, as soon as it is time to.
  private void begin() {
    if (closed.get() || current != null || dialling != null || pausing != null) {
      return;
    }
    long delay = backoff.delay(System.nanoTime());
    if (delay > 0) {
      pausing = loop.schedule(this::pauseOver, delay, TimeUnit.NANOSECONDS);
    } else {
      dial();
    }
  }

  private void pauseOver() {
    pausing = null;
    begin();
  }

  private void dial() {
    CompletableFuture<DerpLink> dial = target.dial(loop);
    dialling = dial;
    int number = ++dialNumber;
    dial.whenComplete((link, failure) -> execute(() -> dialled(number, link, failure)));
  }

  private void dialled(int number, @Nullable DerpLink link, @Nullable Throwable failure) {
    if (dialling == null || number != dialNumber) {
      if (link != null) {
        link.channel().close(); // made when nobody wanted it any more
      }
      return;
    }
    dialling = null;
    if (link != null) {
      connected(link);
    } else {
      failed(failure == null ? new IllegalStateException("no link") : failure);
    }
  }

  private void connected(DerpLink link) {
    backoff.connected();
    int number = generation + 1;
    Connection connection = new Connection(link, number, options, inbox, tally, this);
    generation = number;
    health = "";
    current = connection;
    inbox.add(connection.announcement());
    link.handOver("derp4j-client", connection);
    if (preferred) {
      connection.writeSmall(out -> FrameWriter.writeNotePreferred(out, true));
    }
    if (watching) {
      connection.writeSmall(FrameWriter::writeWatchConns);
    }
    for (CompletableFuture<Connection> waiter : takeWaiters()) {
      waiter.complete(connection);
    }
  }

  private void failed(Throwable failure) {
    long now = System.nanoTime();
    boolean quiet = backoff.isQuiet(now);
    backoff.failed(now);
    if (!quiet) {
      for (CompletableFuture<Connection> waiter : takeWaiters()) {
        waiter.completeExceptionally(Reason.asIo(failure));
      }
      if (options.keepConnected() && !inbox.isFull()) {
        inbox.add(new DerpMessage.ConnectFailed(Reason.asIo(failure)));
      }
    }
    if (quiet || options.keepConnected()) {
      begin();
    }
  }

  private List<CompletableFuture<Connection>> takeWaiters() {
    List<CompletableFuture<Connection>> all = new ArrayList<>(waiters.values());
    waiters.clear();
    return all;
  }

  @Override
  public void restarting(Duration reconnectIn, Duration tryFor) {
    backoff.restarting(System.nanoTime(), reconnectIn, tryFor);
  }

  @Override
  public void health(String problem) {
    health = problem;
  }

  @Override
  public void ended(Connection connection, String reason) {
    if (connection != current) {
      return;
    }
    // The message last: whoever has it must not find the old connection still in its place.
    current = null;
    long now = System.nanoTime();
    backoff.ended(now, connection.age(now));
    inbox.add(new DerpMessage.Disconnected(connection.generation(), reason));
    if (options.keepConnected()) {
      begin();
    }
  }

  /// Tells this connection and those to come whether they are preferred.
  void note(boolean isPreferred) {
    execute(
        () -> {
          Connection connection = current;
          if (preferred != isPreferred && connection != null) {
            connection.writeSmall(out -> FrameWriter.writeNotePreferred(out, isPreferred));
          }
          preferred = isPreferred;
        });
  }

  /// Asks this connection and those to come for everyone's presence.
  void watch() {
    execute(
        () -> {
          Connection connection = current;
          if (!watching && connection != null) {
            connection.writeSmall(FrameWriter::writeWatchConns);
          }
          watching = true;
        });
  }

  /// Begins to keep connected, if that is wanted.
  void start() {
    if (options.keepConnected()) {
      execute(this::begin);
    }
  }

  /// From now on nobody gets a connection. False if it has been said before.
  boolean markClosed() {
    return closed.compareAndSet(false, true);
  }

  /// Ends everything, behind [#markClosed]; completed when the connection is closed.
  CompletableFuture<Void> close() {
    CompletableFuture<Void> done = new CompletableFuture<>();
    try {
      loop.execute(() -> tearDown(done));
    } catch (RejectedExecutionException shutDown) {
      done.complete(null);
    }
    return done;
  }

  private void tearDown(CompletableFuture<Void> done) {
    for (CompletableFuture<Connection> waiter : takeWaiters()) {
      waiter.completeExceptionally(new ClientClosedException());
    }
    abandon();
    Connection connection = current;
    if (connection == null) {
      done.complete(null);
    } else {
      connection.closed().addListener(closing -> done.complete(null));
      connection.close("the client was closed");
    }
  }
}

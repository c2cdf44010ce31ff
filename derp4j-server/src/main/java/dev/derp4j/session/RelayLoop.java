package dev.derp4j.session;

import dev.derp4j.key.NodePublicKey;
import dev.derp4j.metrics.DropReason;
import dev.derp4j.metrics.Metrics;
import dev.derp4j.metrics.PacketKind;
import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.FastThreadLocal;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.IntConsumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What the connections of one event loop share: the end of a burst, the clock, the way to other
/// loops.
///
/// **Bursts.** Reading may write to any number of connections of this loop; none is flushed at
/// once. The first such write asks the loop to run [#endBurst] behind the reads that are due now,
/// and that flushes each written connection once: one TLS record and one system call for what
/// several packets, perhaps of several senders, left behind.
///
/// **Other loops.** A run for a connection of another loop is kept until the end of the burst, then
/// all runs for that loop go over in one task. What is under way to a loop is bounded in bytes; a
/// run beyond that is dropped as from a full queue.
///
/// Everything here belongs to the event loop but [#isCurrent], [#execute], [#after] and
/// [#handOver].
public final class RelayLoop {
  /// Bytes that may be under way to a loop: some milliseconds of its work.
  private static final long MAX_UNDER_WAY = 16 << 20;

  /// A run under way to another loop may pin this many times its own bytes.
  private static final int MAX_PINNED_RATIO = 4;

  private static final Logger LOG = LoggerFactory.getLogger(RelayLoop.class);
  private static final FastThreadLocal<RelayLoop> CURRENT = new FastThreadLocal<>();

  private final EventLoop executor;
  private final LongSupplier clock;
  private final Metrics metrics;
  private final LoopCounters counters;
  private final IntConsumer packetCount;
  private final TimerWheel wheel;
  private final StallWatch stalls = new StallWatch();
  private final PausedReads pausedReads;
  private final AtomicLong underWay = new AtomicLong();

  private List<Outlet> written = new ArrayList<>();
  private List<Outlet> flushing = new ArrayList<>();
  private final IdentityHashMap<RelayLoop, Handover> outgoing = new IdentityHashMap<>();
  private boolean burstEnds;

  /// Makes an event loop one that connections can relay on: creates its share and starts its clock.
  public static RelayLoop attach(EventLoop executor, Metrics metrics, boolean measureRoundTrips) {
    return attach(executor, metrics, measureRoundTrips, _ -> {});
  }

  /// The same, and tells at the end of each burst how many packets came in.
  public static RelayLoop attach(
      EventLoop executor, Metrics metrics, boolean measureRoundTrips, IntConsumer packetCount) {
    RelayLoop loop =
        new RelayLoop(executor, metrics, measureRoundTrips, System::nanoTime, packetCount);
    loop.start();
    return loop;
  }

  /// @param clock what [#nanoTime] tells
  RelayLoop(EventLoop executor, Metrics metrics, boolean measureRoundTrips, LongSupplier clock) {
    this(executor, metrics, measureRoundTrips, clock, _ -> {});
  }

  private RelayLoop(
      EventLoop executor,
      Metrics metrics,
      boolean measureRoundTrips,
      LongSupplier clock,
      IntConsumer packetCount) {
    this.packetCount = packetCount;
    this.executor = executor;
    this.clock = clock;
    this.metrics = metrics;
    this.counters = new LoopCounters(metrics);
    this.pausedReads = new PausedReads(executor, clock);
    this.wheel = new TimerWheel(new LoopActions(metrics), measureRoundTrips);
  }

  void start() {
    executor.execute(() -> CURRENT.set(this));
    executor.scheduleAtFixedRate(
        this::tick, TimerWheel.TICK_MILLIS, TimerWheel.TICK_MILLIS, TimeUnit.MILLISECONDS);
  }

  /// The loop that the caller runs on; null on threads that are no relay loop.
  public static @Nullable RelayLoop current() {
    return CURRENT.get();
  }

  /// A task that throws is not scheduled again: what one connection does must not stop the clock.
  private void tick() {
    try {
      wheel.tick();
      stalls.tick(nanoTime());
    } catch (RuntimeException fault) {
      LOG.error("derp: internal error on the clock: {}", fault.toString());
      LOG.debug("derp: where it happened", fault);
    }
  }

  /// The loop's clock, in nanoseconds from an arbitrary time.
  public long nanoTime() {
    return clock.getAsLong();
  }

  LoopCounters counters() {
    return counters;
  }

  TimerWheel wheel() {
    return wheel;
  }

  StallWatch stalls() {
    return stalls;
  }

  PausedReads pausedReads() {
    return pausedReads;
  }

  /// Whether the caller runs on this loop. Any thread.
  public boolean isCurrent() {
    return executor.inEventLoop();
  }

  /// Runs a task on this loop, or not at all once the loop is shut down. Any thread.
  public void execute(Runnable task) {
    try {
      executor.execute(task);
    } catch (RejectedExecutionException stopped) {
      // The loop has closed all its connections: there is nobody left whom the task could concern.
    }
  }

  /// Runs a task on this loop later, or not at all once the loop is shut down. Any thread.
  public void after(long millis, Runnable task) {
    try {
      executor.schedule(task, millis, TimeUnit.MILLISECONDS);
    } catch (RejectedExecutionException stopped) {
      // As above.
    }
  }

  /// The event loop itself.
  public EventLoop eventLoop() {
    return executor;
  }

  /// Has a connection closed when none of its unsent data moves for its write timeout.
  public void watchForStall(Outlet outlet) {
    stalls.watch(outlet, nanoTime());
  }

  /// Ends that for a connection that closed.
  public void forget(Outlet outlet) {
    stalls.forget(outlet);
  }

  /// The same, or not at all once the loop is shut down. Any thread.
  void afterNanos(long nanos, Runnable task) {
    try {
      executor.schedule(task, nanos, TimeUnit.NANOSECONDS);
    } catch (RejectedExecutionException stopped) {
      // Nobody is left whom it could concern.
    }
  }

  /// Has a connection flushed at the end of this burst.
  public void flushLater(Outlet outlet) {
    written.add(outlet);
    burst();
  }

  /// Something happened that the end of a burst has to settle.
  void burst() {
    if (!burstEnds) {
      burstEnds = true;
      executor.execute(this::endBurst);
    }
  }

  private void endBurst() {
    burstEnds = false;
    outgoing.values().forEach(Handover::send);
    List<Outlet> outlets = written;
    written = flushing;
    flushing = outlets;
    for (Outlet outlet : outlets) {
      try {
        outlet.flush();
      } catch (RuntimeException fault) {
        outlet.failed(fault);
      }
    }
    outlets.clear();
    packetCount.accept(counters.publish());
  }

  /// Passes a run to a connection of this loop from another thread. Takes over its reference.
  public void handOver(
      Outlet to,
      NodePublicKey source,
      NodePublicKey destination,
      ByteBuf run,
      int packets,
      boolean disco) {
    int bytes = run.readableBytes();
    if (underWay.addAndGet(bytes) > MAX_UNDER_WAY) {
      underWay.addAndGet(-bytes);
      dropAll(run, packets, disco);
      return;
    }
    Parcel parcel = new Parcel(to, source, destination, compact(run), packets, disco, bytes);
    RelayLoop from = current();
    if (from == null) {
      new Handover(this).sendNow(parcel);
    } else {
      from.outgoing.computeIfAbsent(this, Handover::new).add(parcel);
      from.burst();
    }
  }

  /// A run is a slice of what one read brought, and pins all of that. A small part of much is
  /// copied before it goes where it may wait, so that what is under way is bounded in memory too.
  private static ByteBuf compact(ByteBuf run) {
    ByteBuf read = run;
    for (ByteBuf outer = run.unwrap(); outer != null; outer = outer.unwrap()) {
      read = outer;
    }
    if (read.capacity() <= (long) MAX_PINNED_RATIO * run.readableBytes()) {
      return run;
    }
    try {
      return run.alloc().directBuffer(run.readableBytes()).writeBytes(run);
    } finally {
      run.release();
    }
  }

  private void dropAll(ByteBuf run, int packets, boolean disco) {
    int payload = run.readableBytes() - packets * RelayFrames.PACKET_HEAD;
    metrics.dropped(
        DropReason.QUEUE_HEAD, disco ? PacketKind.DISCO : PacketKind.OTHER, packets, payload);
    run.release();
  }

  private record Parcel(
      Outlet to,
      NodePublicKey source,
      NodePublicKey destination,
      ByteBuf run,
      int packets,
      boolean disco,
      int bytes) {}

  /// The runs that wait to go to one other loop. Owned by the loop they come from.
  private static final class Handover {
    private final RelayLoop target;
    private List<Parcel> parcels = new ArrayList<>();

    Handover(RelayLoop target) {
      this.target = target;
    }

    void add(Parcel parcel) {
      parcels.add(parcel);
    }

    void sendNow(Parcel parcel) {
      add(parcel);
      send();
    }

    void send() {
      if (parcels.isEmpty()) {
        return;
      }
      List<Parcel> sending = parcels;
      parcels = new ArrayList<>(sending.size());
      try {
        target.executor.execute(() -> target.receive(sending));
      } catch (RejectedExecutionException stopped) {
        sending.forEach(parcel -> parcel.run().release());
      }
    }
  }

  private void receive(List<Parcel> parcels) {
    for (Parcel parcel : parcels) {
      underWay.addAndGet(-parcel.bytes());
      parcel
          .to()
          .accept(
              parcel.source(),
              parcel.destination(),
              parcel.run(),
              parcel.packets(),
              parcel.disco());
    }
  }
}

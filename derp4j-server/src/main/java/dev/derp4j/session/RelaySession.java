package dev.derp4j.session;

import dev.derp4j.admission.Newcomer;
import dev.derp4j.admission.Verdict;
import dev.derp4j.codec.FrameWriter;
import dev.derp4j.frame.PeerGoneReason;
import dev.derp4j.key.NodePublicKey;
import dev.derp4j.limits.ClientLimits;
import dev.derp4j.metrics.CloseReason;
import dev.derp4j.metrics.DropReason;
import dev.derp4j.metrics.Metric;
import dev.derp4j.metrics.PacketKind;
import dev.derp4j.routing.LocalPeer;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelOutboundBuffer;
import java.net.InetSocketAddress;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// One authenticated connection: what is written to it, and its life from registration to close.
///
/// **Writing.** While the channel is writable and nothing waits, a run goes straight to the channel
/// and is flushed once per read burst ([RelayLoop]). When the channel's buffer is over its mark,
/// what was written is flushed first; only if the kernel does not take it does the run go to the
/// [SendQueue], copied, so that a stuck receiver never pins anybody's read buffer. When the channel
/// becomes writable again, control frames are written first, then at most one queue depth of
/// packets, and so on in turn.
///
/// **Stalls.** Data that the kernel does not take puts the session on its loop's [StallWatch]. If
/// for the write timeout not one byte of it moves, the connection is closed.
///
/// Owned by the connection's event loop; only the [LocalPeer] methods may be called from elsewhere.
public final class RelaySession implements LocalPeer, Outlet {
  /// Beyond this many, further sources are not remembered, and their leaving is not told: it keeps
  /// a stranger who makes up keys from growing a receiver's memory.
  private static final int MAX_SEEN_SOURCES = 65_536;

  /// A connection may be told of three unknown destinations at once, then of one a second.
  private static final int NOT_HERE_BURST = 3;

  private static final long NOT_HERE_INTERVAL_NANOS = 1_000_000_000L;

  /// Changing one's home later than this after connecting counts as a move.
  private static final long HOME_MOVE_NANOS = 5_000_000_000L;

  private static final int LEAST_PINNED_BYTES = 8192;

  /// The name of the handler of TLS in a pipeline.
  public static final String TLS = "tls";

  /// The name of the handler, if there is one, by which a connection waits for its turns with the
  /// event loop until its session begins.
  public static final String TURNS = "turns";

  static final String DUPLICATE_WARNING =
      "this machine's node key is in use by another connection to this relay;"
          + " was the machine or its disk cloned?";

  private final RelayServices services;
  private final RelayLoop loop;
  private final Channel channel;
  private final Identity identity;
  private final InetSocketAddress remote;
  private final long connectedNanos;
  private final boolean pinsSlices;

  private @Nullable SendQueue queue;
  private @Nullable ControlQueue control;
  private @Nullable MeshFeed feed;
  private MeshTraffic.@Nullable Tally forwarded;
  private @Nullable AdmittedClient guest;
  private @Nullable ReadMeter meter;
  private @Nullable Set<NodePublicKey> seenSources;
  private @Nullable NodePublicKey lastSource;

  private volatile boolean duplicate;
  private boolean toldDuplicate;
  private boolean preferred;
  private boolean closing;
  private boolean gone;
  private boolean dirty;
  private int unflushedFrames;

  /// Of the packets written last, on average; negative where it was no packet.
  private int lastPayloadBytes = -1;

  private PacketKind lastKind = PacketKind.OTHER;
  private long notHereUntil;

  /// This session's place on its loop's clock.
  final TimerWheel.Link timer = new TimerWheel.Link(this);

  /// What a client said of itself in the handshake.
  ///
  /// @param key the key whose private half it proved to hold
  /// @param meshPeer whether it showed the mesh key
  /// @param prober whether it said that it is a prober
  /// @param notIdeal whether it said it would rather be on another node of the region
  /// @param appName empty if none
  public record Identity(
      NodePublicKey key, boolean meshPeer, boolean prober, boolean notIdeal, String appName) {

    Newcomer newcomer(InetSocketAddress from) {
      return new Newcomer(key, from, appName);
    }
  }

  RelaySession(
      RelayServices services,
      RelayLoop loop,
      Channel channel,
      InetSocketAddress remote,
      Identity identity) {
    this.services = services;
    this.loop = loop;
    this.channel = channel;
    this.remote = remote;
    this.identity = identity;
    this.connectedNanos = loop.nanoTime();
    this.notHereUntil = connectedNanos;
    this.pinsSlices = channel.pipeline().get(TLS) == null;
  }

  // Life

  /// Enters the registry; from here on packets may arrive.
  ///
  /// @param verdict why the client may come in
  void start(Verdict.Admitted verdict) {
    services.registry().register(this);
    if (identity.notIdeal()) {
      services.population().notIdeal().increment();
    }
    loop.wheel().start(timer);
    if (!identity.meshPeer() && services.limits().concern(verdict.limits())) {
      meter = new ReadMeter(services.limits(), loop, this, verdict.limits());
    }
    if (!identity.meshPeer() && !services.admission().isOpen()) {
      guest = new AdmittedClient(this, identity.newcomer(remote), verdict.reason());
      services.admission().entered(guest);
    }
  }

  /// The connection is down: leaves the registry and counts what was left. Idempotent.
  void closed() {
    if (gone) {
      return;
    }
    gone = true;
    if (!closing) {
      services.metrics().closed(CloseReason.CLOSED_BY_PEER);
    }
    closing = true;
    services.registry().unregister(this);
    if (meter != null) {
      meter.end();
    }
    if (guest != null) {
      services.admission().left(guest);
    }
    if (feed != null) {
      services.registry().unwatch(feed);
    }
    if (seenSources != null) {
      services.registry().forgetReceiver(seenSources, this);
    }
    if (queue != null) {
      queue.clear(this::countUndelivered);
      queue = null;
    }
    loop.wheel().stop(timer);
    loop.forget(this);
    if (identity.notIdeal()) {
      services.population().notIdeal().decrement();
    }
    if (preferred) {
      services.population().home().decrement();
    }
  }

  private void countUndelivered(
      PacketKind kind, NodePublicKey source, NodePublicKey destination, int bytes) {
    services.dropped(DropReason.GONE_DISCONNECTED, kind, source, destination, bytes);
  }

  /// Closes the connection for what its client did.
  void fail(SessionFault fault) {
    close(fault.reason(), fault.getMessage() + " (client " + key().shortText() + ")");
  }

  /// Closes the connection after an exception in its pipeline.
  @Override
  public void failed(Throwable cause) {
    if (!closing) {
      closing = true;
      countWriteError();
      services.log().failed(remote, cause);
      channel.close();
    }
  }

  private void close(CloseReason reason, String message) {
    if (!closing) {
      closing = true;
      services.log().closed(reason, remote, message);
      flush();
      channel.close();
    }
  }

  /// Other limits hold for this client from now on. Any thread.
  void limitTo(ClientLimits limits) {
    loop.execute(
        () -> {
          if (meter != null) {
            meter.changeTo(limits);
          } else if (!gone && services.limits().concern(limits)) {
            meter = new ReadMeter(services.limits(), loop, this, limits);
          }
        });
  }

  /// Closes the connection of a client that would not be admitted any more. Any thread.
  void sendAway(String why) {
    loop.execute(
        () -> {
          if (!closing) {
            closing = true;
            services.log().sentAway(remote, key(), why);
            channel.close();
          }
        });
  }

  /// The kernel took nothing for the whole write timeout.
  @Override
  public void writeTimedOut() {
    if (!closing) {
      closing = true;
      services.metrics().increment(Metric.DERP_SCLIENT_WRITE_TIMEOUTS);
      countWriteError();
      services.log().writeTimedOut(remote, key());
      // Not through the pipeline: TLS would wait to say goodbye to somebody who does not listen.
      channel.unsafe().close(channel.voidPromise());
    }
  }

  /// Counts the packet in the middle of whose writing the connection ends. While a failed write is
  /// being told of, the channel has given up its buffer already.
  private void countWriteError() {
    ChannelOutboundBuffer pending = channel.unsafe().outboundBuffer();
    boolean writing = pending == null || pending.totalPendingWriteBytes() > 0;
    if (writing && lastPayloadBytes >= 0) {
      services.metrics().dropped(DropReason.WRITE_ERROR, lastKind, 1, lastPayloadBytes);
    }
  }

  boolean isClosing() {
    return closing;
  }

  // What the reading side asks for

  /// A frame came in.
  void heardFrom() {
    if (duplicate) {
      services.registry().heardFromDuplicate(this);
    }
  }

  void received(boolean disco, int packets, int payloadBytes) {
    if (meter != null) {
      meter.charge(payloadBytes + (long) packets * NodePublicKey.LENGTH);
    }
    loop.counters().received(disco, packets, payloadBytes);
    loop.burst();
  }

  /// A frame of so many bytes came in that is no packet.
  void charge(long bytes) {
    if (meter != null) {
      meter.charge(bytes);
    }
  }

  /// The end of what one read brought.
  void settle() {
    if (meter != null && !closing) {
      meter.settle();
    }
  }

  void forwardedIn(int payloadBytes) {
    loop.counters().forwardedIn();
    loop.burst();
    if (forwarded == null) {
      forwarded = services.meshTraffic().of(key());
    }
    forwarded.add(payloadBytes);
  }

  void forwardedOut(int packets) {
    loop.counters().forwardedOut(packets);
    loop.burst();
  }

  void dropped(
      DropReason reason,
      PacketKind kind,
      NodePublicKey source,
      NodePublicKey destination,
      int payloadBytes) {
    services.dropped(reason, kind, source, destination, payloadBytes);
  }

  /// Tells this client that a destination is unknown here, within its limit.
  void peerNotHere(NodePublicKey destination) {
    long now = loop.nanoTime();
    if (notHereUntil - now > (NOT_HERE_BURST - 1) * NOT_HERE_INTERVAL_NANOS) {
      return;
    }
    notHereUntil = (notHereUntil - now > 0 ? notHereUntil : now) + NOT_HERE_INTERVAL_NANOS;
    services.metrics().increment(Metric.DERP_PEER_GONE_NOT_HERE_FRAMES);
    controls().peerGone(destination, PeerGoneReason.NOT_HERE);
    writeWaiting();
  }

  void pong(long data) {
    services.metrics().increment(Metric.DERP_GOT_PING);
    if (controls().pong(data)) {
      writeWaiting();
    }
  }

  void notePreferred(boolean home) {
    if (home == preferred) {
      return;
    }
    preferred = home;
    services.population().home().add(home ? 1 : -1);
    if (loop.nanoTime() - connectedNanos > HOME_MOVE_NANOS) {
      services.metrics().increment(home ? Metric.DERP_HOME_MOVES_IN : Metric.DERP_HOME_MOVES_OUT);
    }
  }

  /// Subscribes this mesh peer to presence; a relay that dialled itself hears nothing.
  void watchPresence() {
    if (key().equals(services.ownKey())) {
      return;
    }
    if (feed == null) {
      feed = new MeshFeed(this::presenceWaits, services.metrics());
    }
    services.registry().watch(feed);
  }

  private void presenceWaits() {
    loop.execute(this::writeWaiting);
  }

  void closePeer(NodePublicKey target) {
    int connections = services.registry().disconnect(target);
    services.log().closePeer(remote, key(), target, connections);
  }

  RelayServices services() {
    return services;
  }

  boolean isMeshPeer() {
    return identity.meshPeer();
  }

  // LocalPeer: any thread

  @Override
  public NodePublicKey key() {
    return identity.key();
  }

  @Override
  public InetSocketAddress remoteAddress() {
    return remote;
  }

  @Override
  public int presenceFlags() {
    return PresenceFlags.of(identity);
  }

  @Override
  public String appName() {
    return identity.appName();
  }

  @Override
  public void deliver(NodePublicKey source, ByteBuf run, int packets, boolean disco) {
    if (loop.isCurrent()) {
      accept(source, key(), run, packets, disco);
    } else {
      loop.handOver(this, source, key(), run, packets, disco);
    }
  }

  @Override
  public void peerGone(NodePublicKey peer) {
    loop.execute(
        () -> {
          if (!closing) {
            services.metrics().increment(Metric.DERP_PEER_GONE_DISCONNECTED_FRAMES);
            controls().peerGone(peer, PeerGoneReason.DISCONNECTED);
            writeWaiting();
          }
        });
  }

  @Override
  public void duplicateChanged(boolean isDuplicate) {
    duplicate = isDuplicate;
    loop.execute(this::tellDuplicate);
  }

  private void tellDuplicate() {
    boolean now = duplicate;
    if (!closing && now != toldDuplicate) {
      toldDuplicate = now;
      controls().health(now ? DUPLICATE_WARNING : "");
      writeWaiting();
    }
  }

  @Override
  public void disconnect() {
    loop.execute(() -> close(CloseReason.CLOSED_BY_MESH, "closed at a mesh peer's request"));
  }

  @Override
  public void restart(int reconnectIn, int tryFor, long closeIn) {
    loop.execute(
        () -> {
          if (!closing) {
            controls().restarting(reconnectIn, tryFor);
            writeWaiting();
            flush();
            loop.after(closeIn, () -> close(CloseReason.SHUTDOWN, "relay is stopping"));
          }
        });
  }

  // Writing: the event loop's own

  /// Writes or queues a run. Takes over its reference.
  ///
  /// What goes wrong here is this connection's affair and not its sender's, whose reading leads
  /// here: memory that is used up ends the receiver, and its queue gives memory back.
  @Override
  public void accept(
      NodePublicKey source, NodePublicKey destination, ByteBuf run, int packets, boolean disco) {
    try {
      writeOrEnqueue(source, run, packets, disco);
    } catch (RuntimeException | OutOfMemoryError fault) {
      failed(fault);
    }
  }

  private void writeOrEnqueue(NodePublicKey source, ByteBuf run, int packets, boolean disco) {
    if (closing) {
      dropAll(source, run, packets, disco);
    } else if ((queue == null || queue.isEmpty()) && isWritable()) {
      write(source, run, packets, disco);
      loop.counters().sentWithoutWaiting();
    } else {
      enqueue(source, run, packets, disco);
    }
  }

  private void dropAll(NodePublicKey source, ByteBuf run, int packets, boolean disco) {
    PacketKind kind = disco ? PacketKind.DISCO : PacketKind.OTHER;
    int index = run.readerIndex();
    for (int i = 0; i < packets; i++) {
      int frame = RelayFrames.frameLength(run, index);
      countUndelivered(kind, source, key(), frame - RelayFrames.PACKET_HEAD);
      index += frame;
    }
    run.release();
  }

  private void enqueue(NodePublicKey source, ByteBuf run, int packets, boolean disco) {
    if (queue == null) {
      queue = new SendQueue(services.queueDepth(), services.memory());
    }
    ByteBuf copy;
    try {
      copy = channel.alloc().directBuffer(run.readableBytes());
      copy.writeBytes(run);
    } finally {
      run.release();
    }
    queue.add(
        new SendQueue.Run(source, key(), copy, packets, disco, loop.nanoTime()),
        this::countQueueHead);
  }

  private void countQueueHead(
      PacketKind kind, NodePublicKey source, NodePublicKey destination, int bytes) {
    services.dropped(DropReason.QUEUE_HEAD, kind, source, destination, bytes);
  }

  /// Whether more can be written now; flushes first if that may help.
  private boolean isWritable() {
    if (channel.isWritable()) {
      return true;
    }
    if (unflushedFrames > 0) {
      flush();
      return channel.isWritable();
    }
    return false;
  }

  private void write(NodePublicKey source, ByteBuf run, int packets, boolean disco) {
    noteSource(source);
    int bytes = run.readableBytes();
    lastKind = disco ? PacketKind.DISCO : PacketKind.OTHER;
    lastPayloadBytes = bytes / packets - RelayFrames.PACKET_HEAD;
    loop.counters().sent(packets, bytes - packets * RelayFrames.PACKET_HEAD);
    channel.write(pinsSlices ? compacted(run) : run, channel.voidPromise());
    written(packets);
  }

  /// Without TLS a slice stays in the channel's buffer until the kernel takes it, and with it the
  /// whole read buffer. A small run is copied, so that what a stuck receiver pins stays in
  /// proportion to what it is charged for.
  private ByteBuf compacted(ByteBuf run) {
    if (run.readableBytes() >= LEAST_PINNED_BYTES) {
      return run;
    }
    try {
      return channel.alloc().directBuffer(run.readableBytes()).writeBytes(run);
    } finally {
      run.release();
    }
  }

  private void written(int frames) {
    unflushedFrames += frames;
    if (!dirty) {
      dirty = true;
      loop.flushLater(this);
    }
  }

  /// Remembers that this client has received a packet from `source`, so that it can be told when
  /// the source leaves: once per source.
  private void noteSource(NodePublicKey source) {
    if (source.equals(lastSource)) {
      return;
    }
    lastSource = source;
    if (seenSources == null) {
      seenSources = new HashSet<>(4);
    }
    if (seenSources.size() < MAX_SEEN_SOURCES && seenSources.add(source)) {
      services.registry().tellWhenGone(source, this);
    }
  }

  private ControlQueue controls() {
    if (control == null) {
      control = new ControlQueue();
    }
    return control;
  }

  void keepAlive() {
    controls().keepAlive();
    writeWaiting();
    if (queue != null && queue.isEmpty()) {
      queue = null;
    }
  }

  void writabilityChanged() {
    if (channel.isWritable()) {
      writeWaiting();
    }
  }

  /// Writes what waits, as long as the channel takes it: control frames before packets, and at most
  /// one queue depth of packets before control frames get their turn again.
  private void writeWaiting() {
    while (!closing && isWritable()) {
      boolean wrote = writeControl();
      int packets = 0;
      while (queue != null && packets < services.queueDepth() && isWritable()) {
        SendQueue.Run run = queue.poll();
        if (run == null) {
          break;
        }
        packets += run.packets();
        loop.counters().sentAfter(loop.nanoTime() - run.enqueuedNanos());
        write(run.source(), run.frames(), run.packets(), run.disco());
      }
      if (!wrote && packets == 0) {
        break;
      }
    }
  }

  /// Writes one buffer of control frames.
  ///
  /// @return whether there was anything to write
  private boolean writeControl() {
    boolean hasControl = control != null;
    boolean hasPresence = feed != null && feed.hasWaiting();
    if (!hasControl && !hasPresence) {
      return false;
    }
    ByteBuf out = channel.alloc().directBuffer(hasPresence ? MeshFeed.BATCH_BYTES : 64);
    int frames = 0;
    if (control != null) {
      frames += control.writePeerGone(out);
    }
    if (feed != null && hasPresence) {
      frames += feed.write(out);
    }
    if (control != null) {
      frames += control.writeRest(out, services.metrics());
      control = null;
    }
    if (frames == 0) {
      out.release();
      return false;
    }
    lastPayloadBytes = -1;
    channel.write(out, channel.voidPromise());
    written(frames);
    return true;
  }

  /// Sends what was written since the last flush to the kernel.
  @Override
  public void flush() {
    dirty = false;
    if (unflushedFrames == 0) {
      return;
    }
    services.metrics().observe(Metric.DERP_BUFFERED_WRITE_FRAMES, unflushedFrames);
    unflushedFrames = 0;
    channel.flush();
    if (pendingBytes() > 0) {
      loop.watchForStall(this);
    }
  }

  private long pendingBytes() {
    ChannelOutboundBuffer pending = channel.unsafe().outboundBuffer();
    return pending == null ? 0 : pending.totalPendingWriteBytes();
  }

  @Override
  public long writeTimeoutNanos() {
    return (isMeshPeer() ? services.meshWriteTimeout() : services.writeTimeout()).toNanos();
  }

  @Override
  public Channel channel() {
    return channel;
  }

  /// Writes a frame that the handshake owes before anything else.
  void writeFirst(ByteBuf frame) {
    channel.write(frame, channel.voidPromise());
    written(1);
  }

  static ByteBuf frame(Channel channel, byte[] nonceAndBox) {
    ByteBuf out = channel.alloc().directBuffer(RelayFrames.HEADER + nonceAndBox.length);
    FrameWriter.writeServerInfo(out, nonceAndBox);
    return out;
  }
}

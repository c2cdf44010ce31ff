package dev.derp4j.mesh;

import dev.derp4j.client.dial.CertificateCheck;
import dev.derp4j.client.dial.DerpDialer;
import dev.derp4j.client.dial.DerpEndpoint;
import dev.derp4j.client.dial.DerpIdentity;
import dev.derp4j.client.dial.DerpLink;
import dev.derp4j.client.dial.FamilyAddress;
import dev.derp4j.key.NodePublicKey;
import dev.derp4j.mesh.NeighbourStatus.State;
import dev.derp4j.routing.Registry;
import dev.derp4j.session.MeshTraffic;
import dev.derp4j.session.RelayLoop;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/// One other node of the region: dialled, watched, and dialled again when its connection breaks.
///
/// Everything happens on one relay loop, the connection's; other threads read [#status], start and
/// stop. When a connection ends, the keys learnt over it are forgotten step by step, between which
/// the loop does its other work; the next connection is another [MeshLink], so that the two do not
/// get in each other's way.
final class Neighbour {
  private static final long STATUS_MILLIS = 200;
  private static final long CONNECTED_NANOS = TimeUnit.SECONDS.toNanos(2);
  private static final int MAX_CHECKS_PER_SILENCE = 8;

  private final MeshTarget target;
  private final MeshContext context;
  private final RelayLoop loop;
  private final MeshLog log;
  private final NeighbourCounts counts = new NeighbourCounts();

  private volatile State state = State.DIALLING;
  private volatile Instant since = Instant.now();
  private volatile @Nullable String address;
  private volatile @Nullable NodePublicKey serverKey;
  private volatile @Nullable Trouble lastTrouble;
  private final AtomicInteger keys = new AtomicInteger();
  private boolean stopped;
  private @Nullable CompletableFuture<DerpLink> dialling;
  private @Nullable MeshLink link;

  private record Trouble(String what, Instant at) {}

  Neighbour(MeshTarget target, MeshContext context, RelayLoop loop) {
    this.target = target;
    this.context = context;
    this.loop = loop;
    this.log = new MeshLog(target.label());
  }

  MeshTarget target() {
    return target;
  }

  /// Begins to dial. Any thread, once.
  void start() {
    String dialled = target.dialHost().orElse(target.host());
    log.say("will dial \"" + dialled + "\" for \"" + target.host() + "\"");
    loop.execute(this::dial);
  }

  /// Ends the connection and all dialling. Any thread.
  void stop() {
    loop.execute(
        () -> {
          stopped = true;
          if (dialling != null) {
            dialling.cancel(false);
          }
          if (link != null) {
            link.close("no longer configured, or the relay stops");
          }
        });
  }

  private void dial() {
    if (stopped) {
      return;
    }
    enter(State.DIALLING);
    DerpIdentity identity =
        new DerpIdentity(context.privateKey(), context.meshKeys().first(), false, false, "");
    CompletableFuture<DerpLink> dial =
        DerpDialer.dial(loop.eventLoop(), endpoint(), identity, context.dialling());
    dialling = dial;
    dial.whenComplete((made, failure) -> loop.execute(() -> dialled(made, failure)));
  }

  private DerpEndpoint endpoint() {
    return new DerpEndpoint(
        target.label(),
        target.host(),
        target.port(),
        target.tls(),
        target.dialHost(),
        FamilyAddress.DNS,
        FamilyAddress.DNS,
        new CertificateCheck.ForHost(),
        "/derp",
        Optional.empty());
  }

  private void dialled(@Nullable DerpLink made, @Nullable Throwable failure) {
    dialling = null;
    if (made == null) {
      if (!stopped) {
        Throwable cause =
            failure instanceof CompletionException && failure.getCause() != null
                ? failure.getCause()
                : failure;
        troubled("mesh connect: " + (cause == null ? "no link" : MeshLog.reason(cause)));
      }
      return;
    }
    serverKey = made.serverKey();
    if (stopped) {
      made.channel().close();
    } else if (made.serverKey().equals(context.services().ownKey())) {
      made.channel().close();
      log.say("detected self-connect; ignoring host");
      enter(State.SELF);
    } else {
      connected(made);
    }
  }

  private void connected(DerpLink made) {
    MeshLink fresh =
        new MeshLink(
            context.services(), loop, made.channel(), counts, context.timing(), this::ended);
    PresenceReader presence =
        new PresenceReader(context.services().registry(), loop, fresh, new Changes());
    link = fresh;
    keys.set(0);
    counts.connects.increment();
    address = String.valueOf(made.remoteAddress()).replaceFirst("^[^/]*/", "");
    enter(State.CONNECTED);
    log.well();
    long now = loop.nanoTime();
    loop.after(STATUS_MILLIS, () -> sayConnected(fresh, now, -1));
    watchForSilence(fresh, presence);
    made.handOver("mesh", presence);
    fresh.watch();
  }

  /// Says how many keys there are once the flood is over: when none came for a while.
  private void sayConnected(MeshLink of, long connectedNanos, int keysBefore) {
    if (!of.equals(link)) {
      return;
    }
    int found = keys.get();
    boolean settled = found == keysBefore && found > 0;
    if (settled || loop.nanoTime() - connectedNanos > CONNECTED_NANOS) {
      log.say("connected; " + found + " peers");
    } else {
      loop.after(STATUS_MILLIS, () -> sayConnected(of, connectedNanos, found));
    }
  }

  private void watchForSilence(MeshLink of, PresenceReader presence) {
    long limit = context.timing().silence().toMillis();
    loop.after(
        Math.max(1, limit / MAX_CHECKS_PER_SILENCE),
        () -> {
          if (!of.equals(link)) {
            return;
          }
          if (loop.nanoTime() - presence.heardNanos() > TimeUnit.MILLISECONDS.toNanos(limit)) {
            of.close("no frame for " + context.timing().silence().toSeconds() + " s");
          } else {
            watchForSilence(of, presence);
          }
        });
  }

  private void ended(MeshLink ended, String why) {
    if (ended.equals(link)) {
      link = null;
      address = null;
      keys.set(0);
    }
    forget(context.services().registry().forget(ended));
    if (!stopped) {
      troubled("Recv: " + why);
    }
  }

  private void forget(Registry.Forgetting forgetting) {
    if (forgetting.step()) {
      loop.execute(() -> forget(forgetting));
    } else {
      log.detail("forgot " + forgetting.forgotten() + " peers of a connection that ended");
    }
  }

  private void troubled(String what) {
    lastTrouble = new Trouble(what, Instant.now());
    log.trouble(what, loop.nanoTime());
    enter(State.WAITING);
    loop.after(context.timing().redial().toMillis(), this::dial);
  }

  private void enter(State next) {
    state = next;
    since = Instant.now();
  }

  /// The neighbour as it is now. Any thread.
  NeighbourStatus status() {
    Trouble trouble = lastTrouble;
    NodePublicKey key = serverKey;
    long packetsIn = 0;
    long bytesIn = 0;
    if (key != null) {
      MeshTraffic.Tally tally = context.services().meshTraffic().of(key);
      packetsIn = tally.packets().sum();
      bytesIn = tally.bytes().sum();
    }
    return new NeighbourStatus(
        target.text(),
        state,
        Optional.ofNullable(address),
        Optional.ofNullable(key),
        since,
        keys.get(),
        counts.packetsOut.sum(),
        counts.bytesOut.sum(),
        packetsIn,
        bytesIn,
        new NeighbourStatus.Drops(counts.queueFull.sum(), counts.disconnected.sum()),
        counts.connects.sum(),
        Optional.ofNullable(trouble).map(Trouble::what),
        Optional.ofNullable(trouble).map(Trouble::at));
  }

  /// What the reader of the present connection tells.
  private final class Changes implements PresenceReader.Listener {
    @Override
    public void changed(int keysMore) {
      keys.addAndGet(keysMore);
    }

    @Override
    public void notHere(NodePublicKey key) {
      log.detail("Recv: peer " + key.shortText() + " not connected there");
    }

    @Override
    public void restarting() {
      log.detail("the neighbour is about to restart");
    }
  }
}

package dev.derp4j.session;

import dev.derp4j.codec.FrameWriter;
import dev.derp4j.frame.PeerGoneReason;
import dev.derp4j.key.NodePublicKey;
import dev.derp4j.metrics.Metric;
import dev.derp4j.metrics.Metrics;
import dev.derp4j.routing.LocalPeer;
import dev.derp4j.routing.PeerEntry;
import dev.derp4j.routing.PresenceWatcher;
import io.netty.buffer.ByteBuf;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What one mesh peer that watches presence has yet to hear.
///
/// The flood is one array of entries, read only as the connection takes it: an entry whose key left
/// meanwhile is passed over, since its leaving waits as an update. Updates are coalesced by key, so
/// that a slow watcher costs memory for the keys that changed and not for how often they did, and
/// delays nobody.
///
/// Notes come in from any thread under the registry's lock; [#write] is called by the connection's
/// event loop. The monitor of this object guards both sides and is held for bookkeeping alone.
final class MeshFeed implements PresenceWatcher {
  /// How much is written at a time: one TLS record.
  static final int BATCH_BYTES = 16 * 1024;

  private static final int MAX_PRESENT_BYTES = 5 + 52 + 32;
  private static final PeerEntry[] NOBODY = {};

  private final Runnable wake;
  private final Metrics metrics;

  private PeerEntry[] flood = NOBODY;
  private int floodNext;
  private LinkedHashMap<NodePublicKey, Update> updates = new LinkedHashMap<>();
  private boolean woken;
  private int batches;

  /// @param present null when the key is gone
  private record Update(@Nullable LocalPeer present) {}

  private static final Update GONE = new Update(null);

  /// @param wake called, from any thread, when there is something to write after there was nothing
  MeshFeed(Runnable wake, Metrics metrics) {
    this.wake = wake;
    this.metrics = metrics;
  }

  @Override
  public synchronized void flood(PeerEntry[] everyone) {
    flood = everyone;
    floodNext = 0;
    wake();
  }

  @Override
  public synchronized void presenceChanged(NodePublicKey key, @Nullable LocalPeer present) {
    updates.putLast(key, present == null ? GONE : new Update(present));
    wake();
  }

  private void wake() {
    if (!woken && hasWaiting()) {
      woken = true;
      wake.run();
    }
  }

  synchronized boolean hasWaiting() {
    return floodNext < flood.length || !updates.isEmpty();
  }

  /// Appends frames to `out` up to one batch.
  ///
  /// @return the number of frames
  synchronized int write(ByteBuf out) {
    int frames = 0;
    while (floodNext < flood.length && fits(out)) {
      PeerEntry entry = flood[floodNext++];
      LocalPeer active = entry.active();
      if (active != null) {
        writePresent(out, active);
        frames++;
      }
    }
    if (floodNext == flood.length) {
      flood = NOBODY;
      floodNext = 0;
      frames += writeUpdates(out);
    }
    metrics.observe(Metric.DERP_MESH_UPDATE_BATCH_SIZE, frames);
    batches++;
    if (!hasWaiting()) {
      metrics.observe(Metric.DERP_MESH_UPDATE_LOOP_COUNT, batches);
      batches = 0;
      woken = false;
      if (updates.isEmpty()) {
        updates = new LinkedHashMap<>();
      }
    }
    return frames;
  }

  private int writeUpdates(ByteBuf out) {
    int frames = 0;
    Iterator<Map.Entry<NodePublicKey, Update>> waiting = updates.entrySet().iterator();
    while (waiting.hasNext() && fits(out)) {
      Map.Entry<NodePublicKey, Update> next = waiting.next();
      LocalPeer present = next.getValue().present();
      if (present == null) {
        FrameWriter.writePeerGone(out, next.getKey(), PeerGoneReason.DISCONNECTED);
      } else {
        writePresent(out, present);
      }
      waiting.remove();
      frames++;
    }
    return frames;
  }

  private static boolean fits(ByteBuf out) {
    return out.readableBytes() + MAX_PRESENT_BYTES <= BATCH_BYTES;
  }

  private static void writePresent(ByteBuf out, LocalPeer peer) {
    InetSocketAddress remote = peer.remoteAddress();
    FrameWriter.writePeerPresent(
        out,
        peer.key(),
        FrameWriter.ip16(remote.getAddress()),
        remote.getPort(),
        peer.presenceFlags(),
        peer.appName().getBytes(StandardCharsets.US_ASCII));
  }
}

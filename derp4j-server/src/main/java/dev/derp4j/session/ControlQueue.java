package dev.derp4j.session;

import dev.derp4j.codec.FrameWriter;
import dev.derp4j.key.NodePublicKey;
import dev.derp4j.metrics.Metric;
import dev.derp4j.metrics.Metrics;
import io.netty.buffer.ByteBuf;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/// The control frames that wait to be written to one connection. It exists only while some do.
///
/// Bounded by construction: one Pong (a ping that comes while one waits is ignored), one KeepAlive,
/// the latest Health and Restarting, and PeerGone frames up to a limit that only a client which
/// does not read can reach; beyond it the oldest are forgotten. Owned by the connection's event
/// loop.
final class ControlQueue {
  private static final int MAX_PEER_GONE = 4096;

  private record Gone(NodePublicKey peer, int reason) {}

  private record Restart(int reconnectIn, int tryFor) {}

  private @Nullable ArrayDeque<Gone> peersGone;
  private boolean pongWaits;
  private long pongData;
  private boolean keepAliveWaits;
  private @Nullable String health;
  private @Nullable Restart restart;

  void peerGone(NodePublicKey peer, int reason) {
    if (peersGone == null) {
      peersGone = new ArrayDeque<>(2);
    } else if (peersGone.size() == MAX_PEER_GONE) {
      peersGone.removeFirst();
    }
    peersGone.addLast(new Gone(peer, reason));
  }

  /// @return false if a Pong was waiting already
  boolean pong(long data) {
    if (pongWaits) {
      return false;
    }
    pongWaits = true;
    pongData = data;
    return true;
  }

  void keepAlive() {
    keepAliveWaits = true;
  }

  /// @param problem empty once there is none any more
  void health(String problem) {
    health = problem;
  }

  void restarting(int reconnectIn, int tryFor) {
    restart = new Restart(reconnectIn, tryFor);
  }

  /// Writes what goes before mesh updates.
  ///
  /// @return the number of frames
  int writePeerGone(ByteBuf out) {
    if (peersGone == null) {
      return 0;
    }
    int frames = peersGone.size();
    for (Gone gone : peersGone) {
      FrameWriter.writePeerGone(out, gone.peer(), gone.reason());
    }
    peersGone = null;
    return frames;
  }

  /// Writes what goes behind mesh updates.
  ///
  /// @return the number of frames
  int writeRest(ByteBuf out, Metrics metrics) {
    int frames = 0;
    if (pongWaits) {
      FrameWriter.writePong(out, pongData);
      metrics.increment(Metric.DERP_SENT_PONG);
      pongWaits = false;
      frames++;
    }
    if (keepAliveWaits) {
      FrameWriter.writeKeepAlive(out);
      keepAliveWaits = false;
      frames++;
    }
    if (health != null) {
      FrameWriter.writeHealth(out, health);
      health = null;
      frames++;
    }
    if (restart != null) {
      FrameWriter.writeRestarting(out, restart.reconnectIn(), restart.tryFor());
      restart = null;
      frames++;
    }
    return frames;
  }
}

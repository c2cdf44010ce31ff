package dev.derp4j.client.watch;

import dev.derp4j.client.ClientClosedException;
import dev.derp4j.client.DerpClient;
import dev.derp4j.client.DerpClientBuilder;
import dev.derp4j.client.DerpMessage;
import dev.derp4j.frame.PeerGoneReason;
import dev.derp4j.key.NodePublicKey;
import java.io.IOException;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;

/// Watches who is connected to a relay, for as long as it is run: reports everyone that is there,
/// then who comes and goes, and when the connection breaks takes everyone back and connects again,
/// every five seconds.
///
/// ```java
/// Thread.startVirtualThread(() -> new MeshWatch(builder, Optional.empty(), listener).run());
/// ```
///
/// One instance is run once, by one thread; interrupting that thread ends it.
public final class MeshWatch {
  /// How long behind a failure or a lost connection the next attempt begins.
  private static final Duration PAUSE = Duration.ofSeconds(5);

  /// Why a watch ended by itself.
  public enum End {
    /// The relay at the other end is the one that watches.
    SELF,
    /// Its client was closed.
    CLOSED
  }

  private final DerpClientBuilder builder;
  private final Optional<NodePublicKey> ownServerKey;
  private final WatchListener listener;
  private final Duration pause;
  private final Set<NodePublicKey> present = new LinkedHashSet<>();

  /// @param builder where to connect, with the relay's mesh key and no listener; how often to try
  ///     is the watch's matter
  /// @param ownServerKey the key of the relay that this watch works for, which is not to watch
  ///     itself
  /// @param listener who is told
  public MeshWatch(
      DerpClientBuilder builder, Optional<NodePublicKey> ownServerKey, WatchListener listener) {
    this(builder, ownServerKey, listener, PAUSE);
  }

  MeshWatch(
      DerpClientBuilder builder,
      Optional<NodePublicKey> ownServerKey,
      WatchListener listener,
      Duration pause) {
    this.builder = builder;
    this.ownServerKey = ownServerKey;
    this.listener = listener;
    this.pause = pause;
  }

  /// Watches until there is a reason to end.
  ///
  /// @throws InterruptedException if the thread was interrupted; everyone has been taken back
  /// @throws IllegalStateException if the builder has no mesh key
  public End run() throws InterruptedException {
    try (DerpClient client =
        builder
            .watchConnections()
            .keepConnected(false)
            .reconnectPauses(Duration.ZERO, Duration.ZERO)
            .build()) {
      while (true) {
        try {
          if (!take(client.receive())) {
            return End.SELF;
          }
        } catch (ClientClosedException closed) {
          return End.CLOSED;
        } catch (IOException unreachable) {
          listener.failed(unreachable);
          Thread.sleep(pause);
        }
      }
    } finally {
      clear();
    }
  }

  /// Whether to go on.
  private boolean take(DerpMessage message) throws InterruptedException {
    switch (message) {
      case DerpMessage.Connected connected -> {
        clear();
        return ownServerKey.filter(connected.serverKey()::equals).isEmpty();
      }
      case DerpMessage.Disconnected disconnected -> {
        clear();
        listener.failed(new IOException(disconnected.reason()));
        Thread.sleep(pause);
      }
      case DerpMessage.PeerPresent peer -> {
        present.add(peer.peer());
        listener.present(peer);
      }
      case DerpMessage.PeerGone peer -> {
        present.remove(peer.peer());
        listener.gone(peer);
      }
      case DerpMessage.Packet packet -> {}
      case DerpMessage.Health health -> {}
      case DerpMessage.Restarting restarting -> {}
      case DerpMessage.ConnectFailed failed -> listener.failed(failed.cause());
    }
    return true;
  }

  private void clear() {
    for (NodePublicKey peer : present) {
      listener.gone(new DerpMessage.PeerGone(peer, PeerGoneReason.MESH_CONNECTION_BROKE));
    }
    present.clear();
  }
}

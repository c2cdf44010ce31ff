package dev.derp4j.session;

import dev.derp4j.key.NodePublicKey;
import dev.derp4j.metrics.CloseReason;
import dev.derp4j.metrics.DropReason;
import dev.derp4j.metrics.Metrics;
import io.netty.handler.codec.CorruptedFrameException;
import io.netty.handler.codec.DecoderException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.ClosedChannelException;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What the relay says of its connections: one line for an end that somebody should know of, none
/// for the ordinary ones, and a bounded number per address where one keeps knocking.
///
/// Every end is counted by its reason, logged or not. Thread-safe.
public final class ConnectionLog {
  private static final Logger LOG = LoggerFactory.getLogger(ConnectionLog.class);

  /// In 30 s: far more than an operator reads, far less than a flood of connections would write.
  private static final int LINES_PER_ADDRESS = 200;

  /// Clients that are turned away come back every few seconds, for days.
  private static final int REJECTIONS_PER_KEY = 3;

  private final Metrics metrics;
  private final LineLimiter<InetAddress> byAddress =
      new LineLimiter<>(LINES_PER_ADDRESS, TimeUnit.SECONDS.toNanos(30));
  private final LineLimiter<DropReason> byDropReason =
      new LineLimiter<>(5, TimeUnit.SECONDS.toNanos(30));

  private final LineLimiter<NodePublicKey> rejectionsByKey =
      new LineLimiter<>(REJECTIONS_PER_KEY, TimeUnit.MINUTES.toNanos(5));

  public ConnectionLog(Metrics metrics) {
    this.metrics = metrics;
  }

  /// A connection is closed by us for `reason`.
  public void closed(CloseReason reason, InetSocketAddress remote, String why) {
    metrics.closed(reason);
    if (reason == CloseReason.SHUTDOWN) {
      LOG.debug("derp: {}: {}", Addresses.text(remote), why);
    } else {
      limited(remote, "derp: " + Addresses.text(remote) + ": " + why);
    }
  }

  /// A client may not come in.
  void rejected(InetSocketAddress remote, NodePublicKey key, String why) {
    metrics.closed(CloseReason.NOT_ADMITTED);
    long suppressed = rejectionsByKey.admit(key);
    if (suppressed > 0) {
      LOG.info("derp: {} rejections of client {} left out", suppressed, key);
    }
    if (suppressed >= 0) {
      limited(remote, "derp: " + Addresses.text(remote) + ": client " + key + " rejected: " + why);
    }
  }

  /// A client that was admitted would not be any more.
  void sentAway(InetSocketAddress remote, NodePublicKey key, String why) {
    metrics.closed(CloseReason.NOT_ADMITTED);
    limited(
        remote, "derp: " + Addresses.text(remote) + ": client " + key + " disconnected: " + why);
  }

  /// A connection broke with an exception in its pipeline.
  public void failed(InetSocketAddress remote, Throwable cause) {
    CloseReason reason = reasonOf(cause);
    metrics.closed(reason);
    String line = "derp: " + Addresses.text(remote) + ": " + describe(cause);
    if (reason == CloseReason.RESET) {
      LOG.debug(line);
      return;
    }
    limited(remote, line);
    if (reason == CloseReason.INTERNAL_ERROR) {
      LOG.debug("derp: where it happened", cause);
    }
  }

  /// A connection's data did not move for the write timeout.
  void writeTimedOut(InetSocketAddress remote, NodePublicKey key) {
    metrics.closed(CloseReason.WRITE_TIMEOUT);
    limited(
        remote,
        "derp client "
            + Addresses.text(remote)
            + key.shortText()
            + ": sender failed: write timeout");
  }

  void closePeer(InetSocketAddress remote, NodePublicKey key, NodePublicKey target, int found) {
    String what =
        found == 0
            ? "frameClosePeer failed to find peer " + target.toHex()
            : "frameClosePeer closing peer "
                + target.toHex()
                + (found == 1 ? "" : " (" + found + " connections)");
    limited(remote, "derp client " + Addresses.text(remote) + key.shortText() + ": " + what);
  }

  /// A packet was dropped whose destination somebody asked to see drops of.
  void drop(DropReason reason, NodePublicKey source, NodePublicKey destination) {
    long suppressed = byDropReason.admit(reason);
    if (suppressed >= 0) {
      if (suppressed > 0) {
        LOG.info("[RATELIMIT] {} drop lines with reason {} left out", suppressed, reason.label());
      }
      LOG.info("drop ({}) {} -> {}", source.shortText(), reason.label(), destination.shortText());
    }
  }

  private void limited(InetSocketAddress remote, String line) {
    InetAddress ip = remote.getAddress();
    long suppressed = byAddress.admit(ip);
    if (suppressed > 0) {
      LOG.info("derp: {}: {} lines about this address left out", ip.getHostAddress(), suppressed);
    }
    if (suppressed >= 0) {
      LOG.info(line);
    }
  }

  private static CloseReason reasonOf(Throwable cause) {
    if (tlsCause(cause) != null) {
      return CloseReason.TLS_HANDSHAKE;
    }
    if (cause instanceof CorruptedFrameException) {
      return CloseReason.PROTOCOL_ERROR;
    }
    return cause instanceof IOException ? CloseReason.RESET : CloseReason.INTERNAL_ERROR;
  }

  private static @Nullable Throwable tlsCause(Throwable cause) {
    if (cause instanceof SSLException) {
      return cause;
    }
    return cause instanceof DecoderException && cause.getCause() instanceof SSLException
        ? cause.getCause()
        : null;
  }

  private static String describe(Throwable cause) {
    Throwable tls = tlsCause(cause);
    if (tls != null) {
      return "TLS: " + tls.getMessage();
    }
    if (cause instanceof ClosedChannelException) {
      return "connection closed";
    }
    String message = cause.getMessage();
    boolean speaksForItself =
        cause instanceof IOException || cause instanceof CorruptedFrameException;
    if (speaksForItself && message != null) {
      return message;
    }
    return "internal error: " + cause.getClass().getSimpleName() + ": " + message;
  }
}

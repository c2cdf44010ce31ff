package dev.derp4j.client;

import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;

/// When the next dial may begin. The first one after a good connection may at once; after failures
/// the pause doubles, with a fifth of it left to chance so that clients of one server spread out.
///
/// Times are [System#nanoTime]s, given by the caller. Owned by the client's event loop.
final class Backoff {
  /// What a server that restarts may ask for at most, both to wait and to go on trying.
  private static final Duration LONGEST_WISH = Duration.ofMinutes(1);

  /// A connection that ends sooner counts as a failure, or a server that accepts and closes would
  /// be dialled without a pause.
  private static final Duration GOOD_CONNECTION = Duration.ofSeconds(10);

  private final long first;
  private final long longest;
  private long pause;
  private long notBefore;
  private boolean limited;
  private boolean restarting;
  private long quietUntil;

  Backoff(Duration first, Duration longest) {
    this.first = first.toNanos();
    this.longest = longest.toNanos();
  }

  /// How long to wait, 0 or less for not at all.
  long delay(long now) {
    return limited ? notBefore - now : 0;
  }

  void failed(long now) {
    pause = pause == 0 ? first : Math.min(longest, 2 * pause);
    limit(now + pause + (long) (pause * 0.2 * (ThreadLocalRandom.current().nextDouble() - 0.5)));
  }

  void ended(long now, long lived) {
    if (restarting) {
      return; // the server has said when to come back
    }
    if (lived < GOOD_CONNECTION.toNanos()) {
      failed(now);
    } else {
      pause = 0;
      limited = false;
    }
  }

  /// A connection stands. Its predecessor's end has been dealt with.
  void connected() {
    restarting = false;
    limited = false;
  }

  void restarting(long now, Duration reconnectIn, Duration tryFor) {
    restarting = true;
    pause = 0;
    limit(now + bounded(reconnectIn));
    quietUntil = notBefore + bounded(tryFor);
  }

  /// Whether a failure is to be kept quiet, since the server asked to be tried for a while.
  boolean isQuiet(long now) {
    return restarting && quietUntil - now > 0;
  }

  private void limit(long time) {
    limited = true;
    notBefore = time;
  }

  private static long bounded(Duration wish) {
    return Math.min(wish.toNanos(), LONGEST_WISH.toNanos());
  }
}

package dev.derp4j.tls;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/// When to try again: after each failure in a row twice as late as before, up to a limit, and not
/// all relays of a region at the same moment. Not thread-safe.
final class Backoff {
  /// As far as an authority may put us off: it says hours where a rate limit was hit, and a wrong
  /// clock of its own must not stop renewals for good.
  private static final Duration LONGEST_REQUEST = Duration.ofHours(24);

  /// The part of a pause that is chance.
  private static final int JITTER = 5;

  private final Duration first;
  private final Duration limit;
  private Duration next;
  private @Nullable Instant until;

  Backoff(Duration first, Duration limit) {
    this.first = first;
    this.limit = limit;
    this.next = first;
  }

  /// Whether now is too early.
  boolean holds(Instant now) {
    return until != null && now.isBefore(until);
  }

  void succeeded() {
    next = first;
    until = null;
  }

  /// @param wish when the other side wants to be asked again
  /// @return when to try again
  Instant failed(Instant now, @Nullable Instant wish) {
    long jitter = ThreadLocalRandom.current().nextLong(next.toNanos() / JITTER + 1);
    Instant at = now.plus(next).plusNanos(jitter);
    if (wish != null && wish.isAfter(at)) {
      Instant latest = now.plus(LONGEST_REQUEST);
      at = wish.isAfter(latest) ? latest : wish;
    }
    next = next.multipliedBy(2).compareTo(limit) > 0 ? limit : next.multipliedBy(2);
    until = at;
    return at;
  }
}

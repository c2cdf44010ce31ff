package dev.derp4j.session;

import java.util.concurrent.atomic.AtomicLong;

/// The bytes that all send queues of a relay hold together, and their bound.
///
/// A queue alone is bounded by its depth; thousands of receivers that stop reading at once are
/// bounded here. Thread-safe.
public final class QueueMemory {
  private final long limit;
  private final AtomicLong used = new AtomicLong();

  /// @param limit bytes
  public QueueMemory(long limit) {
    this.limit = limit;
  }

  /// Takes `bytes` if they fit.
  boolean reserve(long bytes) {
    if (used.addAndGet(bytes) > limit) {
      used.addAndGet(-bytes);
      return false;
    }
    return true;
  }

  void release(long bytes) {
    used.addAndGet(-bytes);
  }

  /// Bytes held now.
  public long used() {
    return used.get();
  }
}

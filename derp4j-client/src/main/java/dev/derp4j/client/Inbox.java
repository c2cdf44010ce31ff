package dev.derp4j.client;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// Messages that came and were not yet received, bounded by count and bytes.
///
/// The event loop adds and never waits: when the inbox is full it stops reading from the server,
/// and reads on once half of it has been taken. So at most the frames of one read come on top;
/// only the notices about connections can come without reading, and beyond twice the bound the
/// oldest message makes room for them.
///
/// Any thread. A lock and a condition, so that virtual threads wait without their carriers.
final class Inbox {
  /// What a message without payload is taken to weigh.
  private static final int BASE_WEIGHT = 100;

  private final int maxMessages;
  private final int maxBytes;
  private final LongAdder dropped;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition notEmpty = lock.newCondition();
  private final Deque<DerpMessage> messages = new ArrayDeque<>();
  private int bytes;
  private boolean wasFull;
  private boolean closed;
  private volatile Runnable onRoom = () -> {};
  private volatile Runnable onMessage = () -> {};

  Inbox(int maxMessages, int maxBytes, LongAdder dropped) {
    this.maxMessages = maxMessages;
    this.maxBytes = maxBytes;
    this.dropped = dropped;
  }

  /// What to call, on the receiver's thread, when half of a full inbox has been taken.
  void onRoom(Runnable action) {
    onRoom = action;
  }

  /// What to call, on the adder's thread, after each message.
  void onMessage(Runnable action) {
    onMessage = action;
  }

  void add(DerpMessage message) {
    lock.lock();
    try {
      if (closed) {
        return;
      }
      if (messages.size() >= 2 * maxMessages && isNotice(message)) {
        bytes -= weight(messages.remove());
        dropped.increment();
      }
      messages.add(message);
      bytes += weight(message);
      wasFull |= isFullNow();
      notEmpty.signal();
    } finally {
      lock.unlock();
    }
    onMessage.run();
  }

  private static boolean isNotice(DerpMessage message) {
    return message instanceof DerpMessage.Connected
        || message instanceof DerpMessage.Disconnected
        || message instanceof DerpMessage.ConnectFailed;
  }

  private static int weight(DerpMessage message) {
    return message instanceof DerpMessage.Packet packet
        ? BASE_WEIGHT + packet.payload().length
        : BASE_WEIGHT;
  }

  /// Whether no more should be read.
  boolean isFull() {
    lock.lock();
    try {
      return wasFull;
    } finally {
      lock.unlock();
    }
  }

  private boolean isFullNow() {
    return messages.size() >= maxMessages || bytes >= maxBytes;
  }

  /// The next message, or `null` if there is none.
  @Nullable DerpMessage poll() {
    lock.lock();
    try {
      return take();
    } finally {
      lock.unlock();
    }
  }

  /// Waits for the next message; `null` if none came in time or the inbox was closed.
  @Nullable DerpMessage poll(Duration atMost) throws InterruptedException {
    long left = atMost.toNanos();
    lock.lockInterruptibly();
    try {
      while (messages.isEmpty() && !closed && left > 0) {
        left = notEmpty.awaitNanos(left);
      }
      return take();
    } finally {
      lock.unlock();
    }
  }

  private @Nullable DerpMessage take() {
    DerpMessage message = messages.poll();
    if (message != null) {
      bytes -= weight(message);
      if (wasFull && messages.size() <= maxMessages / 2 && bytes <= maxBytes / 2) {
        wasFull = false;
        onRoom.run();
      }
    }
    return message;
  }

  /// Forgets what is left, and takes no more.
  void close() {
    lock.lock();
    try {
      closed = true;
      messages.clear();
      bytes = 0;
      notEmpty.signalAll();
    } finally {
      lock.unlock();
    }
  }
}

package dev.derp4j.client;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.EventLoop;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/// Frames on their way from any threads to one connection, in order, bounded in bytes until the
/// kernel has them: whoever sends more waits.
///
/// What gathers while the loop is busy goes out with one flush. The lock is never held over I/O.
final class Outbox {
  /// How much may be under way before senders wait.
  private static final int LIMIT = 256 * 1024;

  private final EventLoop loop;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition room = lock.newCondition();
  private final Deque<ByteBuf> queue = new ArrayDeque<>();
  private @Nullable ChannelHandlerContext context;
  private int underWay;
  private boolean scheduled;
  private @Nullable String ended;

  Outbox(EventLoop loop) {
    this.loop = loop;
  }

  /// Now frames can be written. On the loop.
  void open(ChannelHandlerContext ctx) {
    lock.lock();
    try {
      context = ctx;
    } finally {
      lock.unlock();
    }
    drain();
  }

  /// Waits for room and takes the frame over, whatever comes of it.
  ///
  /// @param wanted asked once there is room, under the lock; a frame that is not wanted is let go
  /// @param deadline a [System#nanoTime]
  /// @return whether the frame goes out
  boolean send(ByteBuf frame, BooleanSupplier wanted, long deadline)
      throws IOException, InterruptedException, TimeoutException {
    boolean taken = false;
    boolean wake = false;
    try {
      lock.lockInterruptibly();
      try {
        awaitRoom(deadline);
        if (wanted.getAsBoolean()) {
          taken = true;
          queue.add(frame);
          underWay += frame.readableBytes();
          wake = !scheduled;
          scheduled = true;
        }
      } finally {
        lock.unlock();
      }
    } finally {
      if (!taken) {
        frame.release();
      }
    }
    if (wake) {
      loop.execute(this::drain);
    }
    return taken;
  }

  private void awaitRoom(long deadline) throws IOException, InterruptedException, TimeoutException {
    while (ended == null && underWay >= LIMIT) {
      long left = deadline - System.nanoTime();
      if (left <= 0) {
        throw new TimeoutException("the connection takes no more for now");
      }
      room.await(left, TimeUnit.NANOSECONDS);
    }
    if (ended != null) {
      throw new IOException("connection lost: " + ended);
    }
  }

  private void drain() {
    Deque<ByteBuf> batch;
    ChannelHandlerContext ctx;
    lock.lock();
    try {
      ctx = context;
      if (ctx == null) {
        return;
      }
      batch = new ArrayDeque<>(queue);
      queue.clear();
      scheduled = false;
    } finally {
      lock.unlock();
    }
    while (!batch.isEmpty()) {
      ByteBuf frame = batch.remove();
      int size = frame.readableBytes();
      ctx.write(frame).addListener(written -> done(size));
    }
    ctx.flush();
  }

  private void done(int size) {
    lock.lock();
    try {
      underWay -= size;
      if (underWay < LIMIT) {
        room.signalAll();
      }
    } finally {
      lock.unlock();
    }
  }

  /// No frame goes out any more; those who wait are told why. On the loop.
  void end(String reason) {
    lock.lock();
    try {
      ended = reason;
      while (!queue.isEmpty()) {
        queue.remove().release();
      }
      room.signalAll();
    } finally {
      lock.unlock();
    }
  }
}

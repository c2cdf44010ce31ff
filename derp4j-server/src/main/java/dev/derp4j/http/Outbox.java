package dev.derp4j.http;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/// What was written on a connection and is not yet in the kernel's hands.
///
/// Responses are flushed at the end of a read, unless too much gathers: then nothing more is read
/// until the peer has taken it. Owned by the connection's event loop.
final class Outbox {
  /// Times of Go's server as the relay configures it; profiles are fetched through the plain port.
  private static final long WRITE_MILLIS = TimeUnit.SECONDS.toMillis(30);

  private static final long PORT80_WRITE_MILLIS = TimeUnit.MINUTES.toMillis(5);

  private final Channel channel;
  private final ReadingGate gate;
  private final Deadline deadline;
  private final Runnable emptied;
  private final long writeMillis;
  private int unwritten;

  /// @param emptied called whenever the last that was unwritten is written
  Outbox(
      Channel channel, HttpSite.Mode mode, ReadingGate gate, Deadline deadline, Runnable emptied) {
    this.channel = channel;
    this.gate = gate;
    this.deadline = deadline;
    this.emptied = emptied;
    this.writeMillis = mode == HttpSite.Mode.PORT80 ? PORT80_WRITE_MILLIS : WRITE_MILLIS;
  }

  void write(ByteBuf bytes) {
    unwritten++;
    setDeadline();
    channel.write(bytes).addListener(this::written);
    if (!channel.isWritable()) {
      channel.flush();
      if (!channel.isWritable()) {
        gate.shut();
      }
    }
  }

  /// The time for a response, to be made or to be taken, begins now.
  void setDeadline() {
    deadline.in(writeMillis);
  }

  private void written(Future<?> result) {
    unwritten--;
    if (!result.isSuccess()) {
      channel.close();
    } else if (unwritten == 0) {
      emptied.run();
    }
  }

  boolean isEmpty() {
    return unwritten == 0;
  }
}

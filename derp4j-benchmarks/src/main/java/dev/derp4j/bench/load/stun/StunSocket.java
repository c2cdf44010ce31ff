package dev.derp4j.bench.load.stun;

import dev.derp4j.stun.BindingAnswer;
import dev.derp4j.stun.BindingRequest;
import dev.derp4j.stun.StunFormatException;
import dev.derp4j.stun.TransactionId;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.DatagramPacket;
import java.net.InetSocketAddress;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/// A client that keeps some requests in flight, or sends them by the clock, and checks each answer.
///
/// ```text
///  transaction id   | of this socket, 8 bytes | number, 4 bytes |
///  slots            number modulo window → when it was sent, or 0 if answered or lost
/// ```
///
/// An answer is right if its transaction id is that of a request in flight, and the address in it
/// the one that all answers to this socket name. A request without an answer after a second is
/// lost. Owned by its event loop.
final class StunSocket extends ChannelInboundHandlerAdapter {
  private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(1);
  private static final long LONGEST_NANOS = TimeUnit.SECONDS.toNanos(60);
  private static final long TICK_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

  private final long identity = ThreadLocalRandom.current().nextLong();
  private final long[] sentAt;
  private final double perNano;
  private final Histogram times = new Histogram(1000, LONGEST_NANOS, 3);
  private final byte[] answer = new byte[2048];
  private @Nullable Channel channel;
  private @Nullable InetSocketAddress seenAs;
  private int next;
  private int free;
  private long paceFrom;
  private long paced;
  private boolean running;
  private boolean counting;
  private boolean translated;
  private long requests;
  private long answers;
  private long lost;
  private long wrong;
  private long refused;

  /// @param window most requests in flight
  /// @param perSecond requests by the clock; 0 to send whenever there is room
  StunSocket(int window, double perSecond) {
    this.sentAt = new long[window];
    this.free = window;
    this.perNano = perSecond / 1e9;
  }

  @Override
  public void channelActive(ChannelHandlerContext ctx) {
    channel = ctx.channel();
    ctx.fireChannelActive();
  }

  EventLoop loop() {
    return open().eventLoop();
  }

  void start() {
    running = true;
    paceFrom = System.nanoTime();
    paced = 0;
    fill();
    tick();
  }

  void begin() {
    counting = true;
  }

  void end() {
    counting = false;
    running = false;
  }

  private Channel open() {
    if (channel == null) {
      throw new IllegalStateException("not open");
    }
    return channel;
  }

  /// Looks for requests without an answer, and sends what is due.
  private void tick() {
    if (!running) {
      return;
    }
    long now = System.nanoTime();
    for (int slot = 0; slot < sentAt.length; slot++) {
      if (sentAt[slot] != 0 && now - sentAt[slot] > PATIENCE_NANOS) {
        sentAt[slot] = 0;
        free++;
        if (counting) {
          lost++;
        }
      }
    }
    fill();
    loop().schedule(this::tick, perNano > 0 ? TICK_NANOS : 50 * TICK_NANOS, TimeUnit.NANOSECONDS);
  }

  private void fill() {
    int count = free;
    long now = System.nanoTime();
    if (perNano > 0) {
      long due = (long) ((now - paceFrom) * perNano) - paced;
      paced += due;
      count = (int) Math.min(due, free);
      if (counting) {
        refused += due - count;
      }
    }
    if (!running || count == 0) {
      return;
    }
    Channel to = open();
    for (int i = 0; i < count; i++) {
      while (sentAt[slot(next)] != 0) {
        next++;
      }
      sentAt[slot(next)] = now;
      free--;
      byte[] request = BindingRequest.encode(new TransactionId(identity, next++));
      to.write(to.alloc().directBuffer(request.length).writeBytes(request), to.voidPromise());
      if (counting) {
        requests++;
      }
    }
    to.flush();
  }

  private int slot(int number) {
    return Integer.remainderUnsigned(number, sentAt.length);
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    DatagramPacket packet = (DatagramPacket) message;
    try {
      ByteBuf content = packet.content();
      int length = Math.min(content.readableBytes(), answer.length);
      content.readBytes(answer, 0, length);
      received(BindingAnswer.parse(answer, 0, length));
    } catch (StunFormatException e) {
      wrong();
    } finally {
      packet.release();
    }
  }

  private void received(BindingAnswer received) {
    TransactionId id = received.id();
    int slot = slot(id.low());
    if (id.high() != identity || sentAt[slot] == 0) {
      wrong();
      return;
    }
    if (seenAs == null) {
      seenAs = received.mapped();
      translated = !seenAs.equals(open().localAddress());
    }
    if (!seenAs.equals(received.mapped())) {
      wrong();
    } else if (counting) {
      answers++;
      times.recordValue(Math.clamp(System.nanoTime() - sentAt[slot], 0, LONGEST_NANOS));
    }
    sentAt[slot] = 0;
    free++;
  }

  private void wrong() {
    if (counting) {
      wrong++;
    }
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) {
    if (perNano == 0) {
      fill();
    }
  }

  /// Nobody listens there, and the system says so: the requests count as lost when their time is
  /// over.
  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {}

  void addTo(Histogram sum) {
    sum.add(times);
  }

  long requests() {
    return requests;
  }

  long answers() {
    return answers;
  }

  long lost() {
    return lost;
  }

  long wrongOnes() {
    return wrong;
  }

  /// Requests that the schedule asked for and that found all slots taken.
  long refused() {
    return refused;
  }

  boolean isTranslated() {
    return translated;
  }
}

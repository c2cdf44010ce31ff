package dev.derp4j.bench.load.wire;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/// Connections that begin and never finish, as those of an attacker, a scanner or a network that
/// ate the rest: a number of them all the time. One that the server has enough of is replaced a
/// second later.
///
/// A quarter each say nothing at all, send half a ClientHello (without TLS: half a request line),
/// leave the request's head without its end, and ask for the upgrade but do not introduce
/// themselves.
public final class HalfOpenCrowd implements AutoCloseable {
  private static final int AT_ONCE = 64;
  private static final long REPLACE_MILLIS = 1000;

  /// The head of a record and of the ClientHello in it, which says that it is 508 bytes long.
  private static final byte[] HALF_HELLO = {
    0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0x01, (byte) 0xfc, 0x03, 0x03, 1, 2, 3, 4, 5, 6, 7, 8
  };

  private final Dialer dialer;
  private final int size;
  private final List<Beginning> beginnings = new ArrayList<>();
  private final Set<Channel> open = ConcurrentHashMap.newKeySet();
  private final AtomicLong ended = new AtomicLong();
  private final AtomicLong failed = new AtomicLong();
  private volatile boolean closing;

  /// @param secure whether it comes behind a TLS handshake, where the server speaks TLS
  private record Beginning(boolean secure, ByteBuf bytes) {}

  /// @param target where the dialler leads to
  public HalfOpenCrowd(Dialer dialer, Target target, int size) {
    this.dialer = dialer;
    this.size = size;
    String head = "GET /derp HTTP/1.1\r\nHost: " + target.hostHeader() + "\r\n";
    beginnings.add(new Beginning(false, bytes()));
    beginnings.add(
        target.tls()
            ? new Beginning(false, bytes(HALF_HELLO))
            : new Beginning(false, bytes("GET /de")));
    beginnings.add(new Beginning(true, bytes(head)));
    beginnings.add(
        new Beginning(true, bytes(head + "Upgrade: DERP\r\nConnection: Upgrade\r\n\r\n")));
  }

  private static ByteBuf bytes(String text) {
    return bytes(text.getBytes(StandardCharsets.US_ASCII));
  }

  private static ByteBuf bytes(byte... bytes) {
    return Unpooled.unreleasableBuffer(Unpooled.wrappedBuffer(bytes)).asReadOnly();
  }

  /// Opens them all, some at a time, and returns when each was tried.
  ///
  /// @param perSecond how many a second
  public void gather(int perSecond) throws InterruptedException {
    MassDialer pace = new MassDialer(AT_ONCE, perSecond);
    for (int i = 0; i < size; i++) {
      int number = i;
      pace.start(() -> begin(number), (_, _) -> {});
    }
    pace.drain();
  }

  private CompletableFuture<Channel> begin(int number) {
    EventLoop loop = dialer.loopFor(number);
    Beginning beginning = beginnings.get(number % beginnings.size());
    return dialer
        .begin(loop, beginning.secure(), beginning.bytes())
        .whenComplete(
            (channel, failure) -> {
              if (failure != null) {
                failed.incrementAndGet();
                replace(number, loop);
                return;
              }
              open.add(channel);
              channel
                  .closeFuture()
                  .addListener(
                      closed -> {
                        open.remove(channel);
                        if (!closing) {
                          ended.incrementAndGet();
                          replace(number, loop);
                        }
                      });
            });
  }

  private void replace(int number, EventLoop loop) {
    if (!closing) {
      loop.schedule(
          () -> {
            if (!closing) {
              var _ = begin(number);
            }
          },
          REPLACE_MILLIS,
          TimeUnit.MILLISECONDS);
    }
  }

  /// How many there are now.
  public int open() {
    return open.size();
  }

  /// How many the server has ended so far.
  public long ended() {
    return ended.get();
  }

  /// How many did not come as far as they were to.
  public long failed() {
    return failed.get();
  }

  @Override
  public void close() {
    closing = true;
    open.forEach(Channel::close);
  }
}

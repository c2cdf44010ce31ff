package dev.derp4j.client.dial;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.ScheduledFuture;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// Connects to whichever of several addresses answers first.
///
/// IPv4 and IPv6 run beside each other, IPv4 200 ms later where IPv6 is preferred. Within a family
/// the next address is tried when one fails, and also when one has said nothing for 250 ms, which
/// then may still win. Whatever is open besides the winner is closed. Addresses that are known are
/// not held up by the DNS.
///
/// The winner comes with reading switched off and an empty pipeline. Owned by the event loop; the
/// result's cancellation, on that loop, abandons all attempts and the lookup.
final class AddressRace {
  /// How long IPv4 is held back; the original's figure.
  private static final Duration HELD_BACK = Duration.ofMillis(200);

  /// RFC 8305, section 5: the recommended delay between attempts.
  private static final Duration STAGGER = Duration.ofMillis(250);

  /// More addresses of a family than a name should have are not tried.
  private static final int MOST_ADDRESSES = 16;

  private final CompletableFuture<Channel> winner = new CompletableFuture<>();
  private final EventLoop loop;
  private final Targets targets;
  private final Bootstrap bootstrap;
  private final List<Channel> open = new ArrayList<>();
  private final List<ScheduledFuture<?>> timers = new ArrayList<>();
  private final List<String> failures = new ArrayList<>();
  private final Lane ipv4 = new Lane();
  private final Lane ipv6 = new Lane();
  private boolean attempted;

  AddressRace(EventLoop loop, Targets targets, ByteBufAllocator allocator) {
    this.loop = loop;
    this.targets = targets;
    this.bootstrap =
        new Bootstrap()
            .group(loop)
            .channel(SocketKinds.of(loop))
            .option(ChannelOption.ALLOCATOR, allocator)
            .option(ChannelOption.TCP_NODELAY, true)
            .option(ChannelOption.SO_KEEPALIVE, true)
            .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, 0) // whoever runs the race has a limit
            .option(ChannelOption.AUTO_READ, false)
            .handler(new EmptyPipeline());
  }

  /// Starts, on the loop.
  CompletableFuture<Channel> run(HostResolver resolver, boolean preferIpv6) {
    winner.whenComplete((won, failure) -> end(won));
    targets.known().forEach(this::add);
    targets.lookup().ifPresent(host -> lookUp(host, resolver));
    ipv6.start();
    if (preferIpv6 && !ipv6.ended) {
      timers.add(loop.schedule(ipv4::start, HELD_BACK.toMillis(), TimeUnit.MILLISECONDS));
    } else {
      ipv4.start();
    }
    return winner;
  }

  /// What it is at, or failed at: the DNS as long as there was nothing to connect to.
  DialStep step() {
    return attempted ? DialStep.TCP : DialStep.DNS;
  }

  private void add(InetAddress address) {
    (address instanceof Inet6Address ? ipv6 : ipv4)
        .add(new InetSocketAddress(address, targets.port()));
  }

  private void lookUp(String host, HostResolver resolver) {
    ipv4.awaiting = targets.lookupIpv4();
    ipv6.awaiting = targets.lookupIpv6();
    CompletableFuture<List<InetAddress>> lookup = resolver.resolve(host, loop);
    winner.whenComplete((won, failure) -> lookup.cancel(false));
    lookup.whenComplete(
        (found, failure) -> {
          List<InetAddress> addresses = found == null ? List.of() : found;
          if (!LoopTasks.run(loop, () -> found(addresses, failure))) {
            winner.completeExceptionally(new StepFailure(LoopTasks.SHUT_DOWN));
          }
        });
  }

  private void found(List<InetAddress> addresses, @Nullable Throwable failure) {
    for (InetAddress address : addresses) {
      if (address instanceof Inet6Address ? targets.lookupIpv6() : targets.lookupIpv4()) {
        add(address);
      }
    }
    if (ipv4.isIdle() && ipv6.isIdle()) {
      failures.add(failure == null ? "the host has no address" : Reasons.of(failure));
    }
    ipv6.lookedUp();
    ipv4.lookedUp();
  }

  private void end(@Nullable Channel won) {
    timers.forEach(timer -> timer.cancel(false));
    for (Channel channel : List.copyOf(open)) { // closing takes them off the list
      if (!channel.equals(won)) {
        channel.close();
      }
    }
  }

  private void laneEnded() {
    if (ipv6.ended) {
      ipv4.start(); // nothing is left to be held back for
    }
    if (ipv4.ended && ipv6.ended) {
      String all = String.join("; ", failures);
      winner.completeExceptionally(new StepFailure(all.isEmpty() ? "no address" : all));
    }
  }

  /// The addresses of one family, tried one behind the other.
  private final class Lane {
    private final Deque<InetSocketAddress> waiting = new ArrayDeque<>();
    private int pending;
    private boolean awaiting;
    private boolean started;
    private boolean ended;

    void add(InetSocketAddress address) {
      if (waiting.size() < MOST_ADDRESSES) {
        waiting.add(address);
      }
    }

    boolean isIdle() {
      return waiting.isEmpty() && pending == 0;
    }

    void start() {
      if (!started) {
        started = true;
        next();
      }
    }

    /// No more addresses will come.
    void lookedUp() {
      if (awaiting) {
        awaiting = false;
        if (started && pending == 0) {
          next();
        }
      }
    }

    private void next() {
      if (winner.isDone()) {
        return;
      }
      InetSocketAddress address = waiting.poll();
      if (address != null) {
        attempt(address);
      } else if (pending == 0 && !awaiting && !ended) {
        ended = true;
        laneEnded();
      }
    }

    private void attempt(InetSocketAddress address) {
      attempted = true;
      pending++;
      ChannelFuture connecting = bootstrap.connect(address);
      Channel channel = connecting.channel();
      open.add(channel);
      ScheduledFuture<?> impatience =
          loop.schedule(this::next, STAGGER.toMillis(), TimeUnit.MILLISECONDS);
      timers.add(impatience);
      connecting.addListener(
          done -> {
            impatience.cancel(false);
            pending--;
            if (done.isSuccess()) {
              winner.complete(channel);
            } else {
              open.remove(channel);
              failures.add(Literals.text(address) + ": " + Reasons.of(done.cause()));
              next();
            }
          });
    }
  }

  /// What is to be in the pipeline is decided once the connection stands.
  @ChannelHandler.Sharable
  private static final class EmptyPipeline extends ChannelInboundHandlerAdapter {
    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
      ctx.pipeline().remove(this);
    }
  }
}

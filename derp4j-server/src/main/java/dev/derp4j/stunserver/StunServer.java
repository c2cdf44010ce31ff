package dev.derp4j.stunserver;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Answers STUN Binding requests of Tailscale clients on a UDP port, until it is closed.
///
/// On 64-bit Linux an answer leaves from the address that its request was sent to: on a machine
/// with several, clients and the firewalls before them expect it from no other. Where the system or
/// the JVM does not allow this, one log line says so and the route to the client decides.
///
/// A server is one daemon thread and at most 100 KB. It logs nothing per packet. Hostile input
/// costs one counter: whatever is no request is dropped unanswered, and an answer is at most four
/// bytes longer than its request, so that nothing can be amplified.
public final class StunServer implements AutoCloseable {
  private final StunLoop loop;
  private final Thread thread;

  private StunServer(StunLoop loop) {
    this.loop = loop;
    this.thread = Thread.ofPlatform().name("stun").daemon().unstarted(loop);
  }

  /// Binds the port and starts serving.
  ///
  /// @param listen where; a wildcard address of either family means all addresses of both, or of
  ///     IPv4 where there is no IPv6; port 0 picks a free one
  /// @param metrics counts what happens
  /// @param log takes the few lines that operators see
  /// @throws IOException with a line such as `stun: listen udp :3478: address already in use`
  public static StunServer start(
      InetSocketAddress listen, StunMetrics metrics, Consumer<String> log) throws IOException {
    return start(listen, metrics, log, NativeSupport.whyUnavailable());
  }

  /// As above; `noNative` says why the calls of [Libc] are not to be used, null that they are.
  static StunServer start(
      InetSocketAddress listen,
      StunMetrics metrics,
      Consumer<String> log,
      @Nullable String noNative)
      throws IOException {
    if (listen.isUnresolved()) {
      throw new IOException(SocketNames.listenFailure(listen, "no such host"));
    }
    StunLoop loop = open(listen, metrics, log, noNative);
    StunServer server = new StunServer(loop);
    boolean started = false;
    try {
      log.accept("STUN server listening on " + SocketNames.text(loop.localAddress()));
      server.thread.start();
      started = true;
    } finally {
      if (!started) {
        loop.stop();
        loop.run(); // releases the socket
      }
    }
    return server;
  }

  private static StunLoop open(
      InetSocketAddress listen,
      StunMetrics metrics,
      Consumer<String> log,
      @Nullable String noNative)
      throws IOException {
    String why = noNative;
    if (why == null) {
      try {
        return new BatchLoop(LinuxUdpSocket.open(listen), metrics, log);
      } catch (LinuxUdpSocket.PacketInfoException e) {
        why = String.valueOf(e.getMessage());
      }
    }
    StunLoop loop = ChannelLoop.open(listen, metrics, log);
    log.accept(
        "STUN server: pktinfo unavailable; answers leave from the address that the route picks: "
            + why);
    return loop;
  }

  /// Where the server listens, with the port that was picked.
  public InetSocketAddress localAddress() {
    return loop.localAddress();
  }

  /// For tests.
  StunLoop loop() {
    return loop;
  }

  /// For tests.
  Thread thread() {
    return thread;
  }

  /// Stops serving and waits until the port is free again, normally some microseconds. Requests
  /// that wait in the socket are dropped. Closing again does nothing.
  @Override
  public void close() {
    loop.stop();
    if (Thread.currentThread() == thread) {
      return;
    }
    boolean interrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}

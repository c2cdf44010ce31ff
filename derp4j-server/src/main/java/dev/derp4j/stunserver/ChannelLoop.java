package dev.derp4j.stunserver;

import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.DatagramChannel;
import java.util.Locale;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Serves with what every JDK has. Answers leave from the address that the route to the client
/// picks.
///
/// [#run] belongs to one thread; [#stop] may come from any.
final class ChannelLoop implements StunLoop {
  private final DatagramChannel channel;
  private final InetSocketAddress localAddress;
  private final StunMetrics metrics;
  private final Responder responder;
  private final ReadFailures failures;

  /// One byte more than a request may have shows that a datagram was cut.
  private final ByteBuffer received = ByteBuffer.allocateDirect(Responder.MAX_REQUEST + 1);

  private final ByteBuffer toSend = ByteBuffer.allocateDirect(64);

  private ChannelLoop(
      DatagramChannel channel,
      InetSocketAddress localAddress,
      StunMetrics metrics,
      Consumer<String> log) {
    this.channel = channel;
    this.localAddress = localAddress;
    this.metrics = metrics;
    this.responder = new Responder(metrics);
    this.failures = new ReadFailures(metrics, log);
  }

  /// Binds a socket.
  ///
  /// @throws BindException if the address or the port cannot be had
  static ChannelLoop open(InetSocketAddress listen, StunMetrics metrics, Consumer<String> log)
      throws IOException {
    DatagramChannel channel = DatagramChannel.open();
    try {
      channel.bind(listen);
      return new ChannelLoop(channel, (InetSocketAddress) channel.getLocalAddress(), metrics, log);
    } catch (IOException e) {
      channel.close();
      throw new BindException(SocketNames.listenFailure(listen, reason(e)));
    }
  }

  private static String reason(IOException e) {
    String message = e.getMessage() == null ? e.toString() : e.getMessage();
    return message.substring(0, 1).toLowerCase(Locale.ROOT) + message.substring(1);
  }

  @Override
  public InetSocketAddress localAddress() {
    return localAddress;
  }

  @Override
  public void stop() {
    failures.stop();
    close();
  }

  @Override
  public void run() {
    try {
      while (channel.isOpen()) {
        try {
          serve();
        } catch (ClosedChannelException e) {
          return;
        } catch (IOException | RuntimeException e) {
          failures.failed(e.toString());
        }
      }
    } finally {
      close();
    }
  }

  private void serve() throws IOException {
    received.clear();
    SocketAddress sender = channel.receive(received);
    failures.succeeded();
    int answered = respond(received.flip(), sender);
    if (answered == 0) {
      return;
    }
    toSend.clear().put(responder.answer, 0, answered).flip();
    try {
      channel.send(toSend, sender);
      metrics.success.increment();
    } catch (ClosedChannelException e) {
      throw e;
    } catch (IOException | RuntimeException e) {
      metrics.writeError.increment();
    }
  }

  private int respond(ByteBuffer datagram, @Nullable SocketAddress sender) {
    int length = datagram.remaining();
    if (length > Responder.MAX_REQUEST || !(sender instanceof InetSocketAddress client)) {
      return responder.refuse();
    }
    datagram.get(responder.request, 0, length);
    byte[] address = client.getAddress().getAddress();
    System.arraycopy(address, 0, responder.address, 0, address.length);
    return responder.respond(length, address.length, client.getPort());
  }

  private void close() {
    try {
      channel.close();
    } catch (IOException e) {
      // The descriptor is given back all the same, and nobody can do anything about it.
    }
  }
}

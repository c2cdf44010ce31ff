package dev.derp4j.client.dial;

import dev.derp4j.codec.FrameWriter;
import dev.derp4j.frame.Frame;
import dev.derp4j.handshake.ClientInfo;
import dev.derp4j.key.MeshKey;
import dev.derp4j.key.NodePrivateKey;
import io.netty.buffer.ByteBuf;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import java.net.URI;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

class DialTest {
  static final String SWITCHING =
      "HTTP/1.1 101 Switching Protocols\r\nUpgrade: DERP\r\nConnection: Upgrade\r\n\r\n";

  private final NodePrivateKey serverKey = NodePrivateKey.generate();
  private final NodePrivateKey clientKey = NodePrivateKey.generate();
  private final DialSettings settings = DialSettings.defaults();
  private final Loops loops = Loops.nio();

  @AfterEach
  void stop() {
    loops.close();
  }

  @Test
  void aLinkCarriesPacketsBothWaysAndNoByteBehindServerInfoIsLost() throws Exception {
    BlockingQueue<ClientInfo> introductions = new LinkedBlockingQueue<>();
    try (StubServer server =
        StubServer.plain(
            peer -> {
              peer.head();
              peer.write(SWITCHING);
              peer.write(new Frame.ServerKey(serverKey.publicKey()));
              introductions.add(
                  peer.admit(serverKey, new Frame.KeepAlive(), new Frame.Health("sick")));
              peer.echo();
            })) {
      DerpIdentity identity =
          new DerpIdentity(clientKey, Optional.of(MeshKey.generate()), true, true, "a test");
      DerpLink link = dial(server.endpoint().withoutTls().withIdealNode("9z"), identity);

      assertThat(link.serverKey()).isEqualTo(serverKey.publicKey());
      assertThat(link.remoteAddress()).isEqualTo(server.address());
      assertThat(link.fastStarted()).isFalse();
      assertThat(introductions.take()).isEqualTo(identity.toClientInfo());
      assertThat(server.heads)
          .containsExactly(
              "GET /derp HTTP/1.1\r\n"
                  + ("host: 127.0.0.1:" + server.port() + "\r\n")
                  + "upgrade: DERP\r\nconnection: upgrade\r\nIdeal-Node: 9z\r\n\r\n");
      Collector collector = Collector.of(link);
      assertThat(collector.next()).isEqualTo(new Frame.KeepAlive());
      assertThat(collector.next()).isEqualTo(new Frame.Health("sick"));
      ByteBuf packet = link.channel().alloc().buffer();
      FrameWriter.writeSendPacket(packet, clientKey.publicKey(), new byte[] {1, 2, 3});
      link.channel().writeAndFlush(packet);
      assertThat(collector.next())
          .isEqualTo(new Frame.RecvPacket(clientKey.publicKey(), new byte[] {1, 2, 3}));
      link.channel().close().sync();
      Loops.await(collector.ended);
    }
  }

  @Test
  void theSocketIsOfTheLoopsKind() throws Exception {
    try (StubServer server = relay();
        Loops epoll = Loops.epoll()) {
      DerpEndpoint endpoint = server.endpoint().withoutTls();
      DerpIdentity identity = DerpIdentity.of(clientKey);
      DerpLink nio = dial(endpoint, identity);
      DerpLink native0 = Loops.await(DerpDialer.dial(epoll.loop(), endpoint, identity, settings));
      assertThat(nio.channel()).isInstanceOf(NioSocketChannel.class);
      assertThat(native0.channel()).isInstanceOf(EpollSocketChannel.class);
      assertThat(native0.channel().eventLoop()).isSameAs(epoll.loop());
      nio.channel().close().sync();
      native0.channel().close().sync();
    }
  }

  @Test
  void anAnswerOtherThan101IsAnErrorWithItsStatusAndTheBeginningOfItsBody() throws Exception {
    try (StubServer server =
        StubServer.plain(
            peer -> {
              peer.head();
              peer.write(
                  "HTTP/1.1 426 Upgrade Required\r\nContent-Length: 14\r\n\r\nnot \"this\" way");
              peer.awaitClose();
            })) {
      DerpEndpoint endpoint = server.endpoint().withoutTls();
      assertThatThrownBy(() -> dial(endpoint, DerpIdentity.of(clientKey)))
          .isInstanceOfSatisfying(
              DialException.class, e -> assertThat(e.step()).isEqualTo(DialStep.UPGRADE))
          .hasMessage(
              endpoint.name()
                  + ": upgrade: the answer was 426 Upgrade Required: \"not \\\"this\\\" way\"");
      await().until(() -> server.openConnections() == 0);
    }
  }

  @Test
  void aDialThatTakesTooLongNamesTheStepAndClosesItsSocket() throws Exception {
    try (StubServer server = StubServer.plain(StubServer.Peer::awaitClose)) {
      DerpEndpoint endpoint = server.endpoint().withoutTls();
      DialSettings hasty = DialSettings.builder().timeout(Duration.ofMillis(300)).build();
      assertThatThrownBy(
              () ->
                  Loops.await(
                      DerpDialer.dial(loops.loop(), endpoint, DerpIdentity.of(clientKey), hasty)))
          .hasMessage(endpoint.name() + ": upgrade: no answer within 300 ms");
      await().until(() -> server.openConnections() == 0);
    }
  }

  @Test
  void aCancelledDialClosesItsSocket() throws Exception {
    try (StubServer server = StubServer.plain(StubServer.Peer::awaitClose)) {
      CompletableFuture<DerpLink> dial =
          DerpDialer.dial(
              loops.loop(), server.endpoint().withoutTls(), DerpIdentity.of(clientKey), settings);
      await().until(() -> server.openConnections() == 1);
      dial.cancel(false);
      await().until(() -> server.openConnections() == 0);
    }
  }

  @Test
  void aPortThatNobodyListensOnIsAnErrorOfTcp() throws Exception {
    DerpEndpoint endpoint;
    try (StubServer server = relay()) {
      endpoint = server.endpoint().withoutTls();
    }
    assertThatThrownBy(() -> dial(endpoint, DerpIdentity.of(clientKey)))
        .isInstanceOfSatisfying(
            DialException.class, e -> assertThat(e.step()).isEqualTo(DialStep.TCP))
        .hasMessage(endpoint.name() + ": tcp: " + endpoint.name() + ": connection refused");
  }

  @Test
  void aUrlHasTheSchemesPortAndDerpsPathUnlessItSaysOtherwise() {
    DerpEndpoint short0 = DerpEndpoint.of(URI.create("https://Derp.example"));
    assertThat(short0.name()).isEqualTo("Derp.example:443");
    assertThat(short0.hostHeader()).isEqualTo("Derp.example");
    assertThat(short0.path()).isEqualTo("/derp");
    DerpEndpoint full = DerpEndpoint.of(URI.create("http://[::1]:3340/x/derp?a=b"));
    assertThat(full.host()).isEqualTo("::1");
    assertThat(full.tls()).isFalse();
    assertThat(full.hostHeader()).isEqualTo("[::1]:3340");
    assertThat(full.path()).isEqualTo("/x/derp?a=b");
    assertThatThrownBy(() -> DerpEndpoint.of(URI.create("ftp://a")))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private StubServer relay() throws Exception {
    return StubServer.plain(
        peer -> {
          peer.head();
          peer.write(SWITCHING);
          peer.write(new Frame.ServerKey(serverKey.publicKey()));
          peer.admit(serverKey);
          peer.echo();
        });
  }

  private DerpLink dial(DerpEndpoint endpoint, DerpIdentity identity) throws Exception {
    return Loops.await(DerpDialer.dial(loops.loop(), endpoint, identity, settings));
  }
}

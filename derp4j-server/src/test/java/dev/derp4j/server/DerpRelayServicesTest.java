package dev.derp4j.server;

import dev.derp4j.frame.Frame;
import dev.derp4j.frame.PeerGoneReason;
import dev.derp4j.frame.PeerPresentFlags;
import dev.derp4j.key.MeshKey;
import dev.derp4j.key.NodePrivateKey;
import dev.derp4j.key.NodePublicKey;
import dev.derp4j.metrics.CloseReason;
import dev.derp4j.metrics.Metric;
import dev.derp4j.routing.DuplicatePolicy;
import dev.derp4j.stun.BindingAnswer;
import dev.derp4j.stun.BindingRequest;
import dev.derp4j.stun.TransactionId;
import dev.derp4j.testkit.DerpTestClient;
import dev.derp4j.testkit.RawConnection;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import static dev.derp4j.server.Eventually.LIMIT;
import static dev.derp4j.server.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

/// What a whole relay does besides passing packets: several connections of one key, presence for
/// its mesh, STUN, the plain port, and its metrics.
class DerpRelayServicesTest {
  static Stream<Wiring> wirings() {
    return Stream.of(
        Wiring.plain().withLoops(1), Wiring.overTls(), Wiring.overTls().withJdkTls().withNio());
  }

  // Several connections of one key

  @ParameterizedTest
  @MethodSource("wirings")
  void theConnectionOfAKeyThatSpokeLastGetsItsPackets(Wiring wiring) throws Exception {
    NodePrivateKey key = NodePrivateKey.generate();
    try (TestRelay relay = TestRelay.start(wiring);
        DerpTestClient sender = relay.connect();
        DerpTestClient first = relay.connect(relay.options().key(key));
        DerpTestClient second = relay.connect(relay.options().key(key))) {
      assertThat(first.expect(Frame.Health.class).problem()).contains("another connection");
      assertThat(second.expect(Frame.Health.class).problem()).contains("another connection");
      Packets.pass(sender, second, Packets.numbered(1, 100));

      speak(first);
      Packets.pass(sender, first, Packets.numbered(2, 100));
      speak(second);
      Packets.pass(sender, second, Packets.numbered(3, 100));

      second.close();
      assertThat(first.expect(Frame.Health.class).problem()).isEmpty();
      Packets.pass(sender, first, Packets.numbered(4, 100));
    }
  }

  @ParameterizedTest
  @MethodSource("wirings")
  void connectionsThatFightOverAKeyGetNothingUntilOneIsLeft(Wiring wiring) throws Exception {
    NodePrivateKey key = NodePrivateKey.generate();
    try (TestRelay relay =
            TestRelay.start(
                wiring, config -> config.duplicatePolicy(DuplicatePolicy.DISABLE_FIGHTERS));
        DerpTestClient sender = relay.connect();
        DerpTestClient first = relay.connect(relay.options().key(key));
        DerpTestClient second = relay.connect(relay.options().key(key))) {
      first.expect(Frame.Health.class);
      second.expect(Frame.Health.class);
      speak(first);
      speak(second);
      speak(first);
      sender.send(key.publicKey(), Packets.numbered(1, 100));
      speak(sender);
      Varz varz = relay.varz();
      assertThat(varz.dropped("dup_client", "other")).isEqualTo(1);
      assertThat(varz.droppedBytes("dup_client", "other")).isEqualTo(100);

      second.close();
      assertThat(first.expect(Frame.Health.class).problem()).isEmpty();
      Packets.pass(sender, first, Packets.numbered(2, 100));
    }
  }

  /// When this returns, the relay has dealt with all that the client sent.
  private static void speak(DerpTestClient client) throws IOException {
    client.ping(17);
    assertThat(client.expect(Frame.Pong.class).data()).isEqualTo(17);
  }

  // Presence, for those who showed the mesh key

  @ParameterizedTest
  @MethodSource("wirings")
  void aWatcherIsToldWhoIsHereWhoComesAndWhoGoes(Wiring wiring) throws Exception {
    MeshKey meshKey = MeshKey.generate();
    try (TestRelay relay = TestRelay.start(wiring, config -> config.meshKey(meshKey));
        DerpTestClient early = relay.connect();
        DerpTestClient watcher = relay.connect(relay.options().meshKey(meshKey))) {
      watcher.watch();
      assertThat(
              List.of(
                  watcher.expect(Frame.PeerPresent.class).peer(),
                  watcher.expect(Frame.PeerPresent.class).peer()))
          .containsExactlyInAnyOrder(early.publicKey(), watcher.publicKey());

      DerpTestClient late = relay.connect(relay.options().prober());
      Frame.PeerPresent present = watcher.expect(Frame.PeerPresent.class);
      assertThat(present.peer()).isEqualTo(late.publicKey());
      assertThat(present.address()).isEqualTo(late.connection().localAddress());
      assertThat(present.flags() & PeerPresentFlags.PROBER).isNotZero();

      late.close();
      expectGone(watcher, late.publicKey());
    }
  }

  @ParameterizedTest
  @MethodSource("wirings")
  void aMeshPeerCanHaveAllConnectionsOfAKeyClosed(Wiring wiring) throws Exception {
    MeshKey meshKey = MeshKey.generate();
    NodePrivateKey key = NodePrivateKey.generate();
    try (TestRelay relay = TestRelay.start(wiring, config -> config.meshKey(meshKey));
        DerpTestClient bystander = relay.connect();
        DerpTestClient mesh = relay.connect(relay.options().meshKey(meshKey));
        DerpTestClient first = relay.connect(relay.options().key(key));
        DerpTestClient second = relay.connect(relay.options().key(key))) {
      mesh.closePeer(key.publicKey());
      first.expectClosed(LIMIT);
      second.expectClosed(LIMIT);
      eventually(() -> assertThat(relay.closed(CloseReason.CLOSED_BY_MESH)).isEqualTo(2));
      assertThat(relay.closed()).isEqualTo(2);
      Packets.pass(mesh, bystander, Packets.numbered(1, 100));
    }
  }

  @ParameterizedTest
  @MethodSource("wirings")
  void whoeverGotPacketsFromAClientIsToldThatItLeft(Wiring wiring) throws Exception {
    try (TestRelay relay = TestRelay.start(wiring);
        DerpTestClient stays = relay.connect();
        DerpTestClient leaves = relay.connect()) {
      Packets.pass(leaves, stays, new byte[10]);
      leaves.close();
      expectGone(stays, leaves.publicKey());
    }
  }

  private static void expectGone(DerpTestClient at, NodePublicKey peer) throws IOException {
    Frame.PeerGone gone = at.expect(Frame.PeerGone.class);
    assertThat(gone.peer()).isEqualTo(peer);
    assertThat(gone.reason()).isEqualTo(PeerGoneReason.DISCONNECTED);
  }

  // Beside DERP

  @ParameterizedTest
  @MethodSource("wirings")
  void stunAnswersBesideDerp(Wiring wiring) throws Exception {
    try (TestRelay relay = TestRelay.start(wiring, config -> config.stun(true).stunPort(0));
        DatagramSocket socket = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
      socket.setSoTimeout((int) LIMIT.toMillis());
      TransactionId id = TransactionId.random();
      byte[] request = BindingRequest.encode(id);
      socket.send(
          new DatagramPacket(request, request.length, relay.relay().stunAddress().orElseThrow()));
      DatagramPacket answer = new DatagramPacket(new byte[1500], 1500);
      socket.receive(answer);

      assertThat(BindingAnswer.parse(answer.getData(), 0, answer.getLength()))
          .isEqualTo(
              new BindingAnswer(
                  id,
                  new InetSocketAddress(InetAddress.getLoopbackAddress(), socket.getLocalPort())));
      eventually(
          () ->
              assertThat(relay.varz().get("stun_requests{disposition=\"success\"}")).isEqualTo(1));
    }
  }

  @ParameterizedTest
  @MethodSource("wirings")
  void whoeverIsNotAskedForIsNotThere(Wiring wiring) {
    try (TestRelay relay = TestRelay.start(wiring)) {
      assertThat(relay.relay().stunAddress()).isEmpty();
      assertThat(relay.relay().httpAddress()).isEmpty();
    }
  }

  static Stream<Wiring> tlsEngines() {
    return Stream.of(Wiring.overTls(), Wiring.overTls().withJdkTls().withNio());
  }

  @ParameterizedTest
  @MethodSource("tlsEngines")
  void thePlainPortAnswersTheCaptivePortalCheckAndSendsOthersToTls(Wiring wiring) throws Exception {
    try (TestRelay relay = TestRelay.start(wiring, config -> config.httpPort(0))) {
      InetSocketAddress plain = relay.relay().httpAddress().orElseThrow();
      assertThat(get(RawConnection.connect(plain), "/generate_204")).startsWith("HTTP/1.1 204 ");
      assertThat(get(RawConnection.connect(plain), "/derp"))
          .startsWith("HTTP/1.1 302 ")
          .contains("Location: https://" + TestRelay.HOST + "/derp");
      assertThat(get(relay.open(), "/generate_204")).startsWith("HTTP/1.1 204 ");
    }
  }

  private static String get(RawConnection connection, String path) throws IOException {
    try (connection) {
      connection.write(
          "GET " + path + " HTTP/1.1\r\nHost: " + TestRelay.HOST + "\r\nConnection: close\r\n\r\n");
      return new String(connection.readUntilClosed(LIMIT), StandardCharsets.ISO_8859_1);
    }
  }

  // Metrics

  @ParameterizedTest
  @MethodSource("wirings")
  void theMetricsTellWhatHappened(Wiring wiring) throws Exception {
    try (TestRelay relay = TestRelay.start(wiring);
        DerpTestClient alice = relay.connect();
        DerpTestClient bob = relay.connect()) {
      NodePublicKey nobody = NodePrivateKey.generate().publicKey();
      Packets.pass(alice, bob, new byte[1000]);
      Packets.pass(alice, bob, Packets.disco());
      alice.send(nobody, new byte[500]);
      alice.send(nobody, Packets.disco());
      assertThat(alice.expect(Frame.PeerGone.class).reason()).isEqualTo(PeerGoneReason.NOT_HERE);
      alice.notePreferred(true);
      speak(alice);
      DerpTestClient leaves = relay.connect();
      leaves.close();
      eventually(() -> assertThat(relay.value(Metric.DERP_CURRENT_CONNECTIONS)).isEqualTo(2));
      eventually(() -> assertThat(relay.closed(CloseReason.CLOSED_BY_PEER)).isEqualTo(1));

      Varz varz = relay.varz();
      assertThat(varz.get("derp_accepts")).isEqualTo(3);
      assertThat(varz.get("derp_current_connections")).isEqualTo(2);
      assertThat(varz.get("derp_current_home_connections")).isEqualTo(1);
      assertThat(varz.get("derp_got_ping")).isEqualTo(1);
      assertThat(varz.get("derp_sent_pong")).isEqualTo(1);
      assertThat(varz.get("derp_packets_received")).isEqualTo(4);
      assertThat(varz.get("derp_packets_sent")).isEqualTo(2);
      assertThat(varz.get("derp_packets_received_kind{kind=\"disco\"}")).isEqualTo(2);
      assertThat(varz.get("derp_packets_received_kind{kind=\"other\"}")).isEqualTo(2);
      assertThat(varz.dropped("unknown_dest", "disco")).isEqualTo(1);
      assertThat(varz.dropped("unknown_dest", "other")).isEqualTo(1);
      assertThat(varz.droppedBytes("unknown_dest", "other")).isEqualTo(500);
      assertThat(varz.dropped("queue_head", "other")).isZero();
      assertThat(varz.get("derp_peer_gone_not_here_frames")).isEqualTo(1);
      assertThat(varz.closed("closed_by_peer")).isEqualTo(1);
      assertThat(varz.closed("protocol_error")).isZero();
    }
  }
}

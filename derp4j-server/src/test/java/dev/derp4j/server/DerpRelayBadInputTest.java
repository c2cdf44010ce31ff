package dev.derp4j.server;

import dev.derp4j.codec.FrameWriter;
import dev.derp4j.frame.Frame;
import dev.derp4j.frame.FrameLimits;
import dev.derp4j.frame.FrameType;
import dev.derp4j.handshake.SharedBox;
import dev.derp4j.key.NodePrivateKey;
import dev.derp4j.key.NodePublicKey;
import dev.derp4j.metrics.CloseReason;
import dev.derp4j.metrics.DropReason;
import dev.derp4j.metrics.Metric;
import dev.derp4j.testkit.DerpTestClient;
import dev.derp4j.testkit.RawConnection;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

import static dev.derp4j.server.Eventually.LIMIT;
import static dev.derp4j.server.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

/// What strangers and broken clients send: it costs them their connection, and nobody else
/// anything.
///
/// One relay lives through all of it, so what one test leaves behind shows in the next.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class DerpRelayBadInputTest {
  private static final String UPGRADE =
      "GET /derp HTTP/1.1\r\nHost: derp.test\r\nUpgrade: DERP\r\nConnection: Upgrade\r\n\r\n";
  private static final long FOUR_GIGABYTES = 0xffff_ffffL;
  private static final int PACKET_LIMIT = FrameLimits.MAX_PACKET + NodePublicKey.LENGTH;

  private final AbusedRelay plain = abused(Wiring.plain());
  private final AbusedRelay tls = abused(Wiring.overTls());
  private final AbusedRelay jdkTls = abused(Wiring.overTls().withJdkTls().withNio());

  private static AbusedRelay abused(Wiring wiring) {
    try {
      return new AbusedRelay(wiring);
    } catch (Exception e) {
      throw new AssertionError("the relay does not start", e);
    }
  }

  @BeforeAll
  void theRelaysServe() throws IOException {
    for (AbusedRelay each : List.of(plain, tls, jdkTls)) {
      each.bystanders().exchange();
    }
  }

  @AfterAll
  void stop() throws Exception {
    plain.close();
    tls.close();
    jdkTls.close();
  }

  Stream<AbusedRelay> overTls() {
    return Stream.of(tls, jdkTls);
  }

  // Before TLS

  @ParameterizedTest(autoCloseArguments = false)
  @MethodSource("overTls")
  void garbageInPlaceOfTls(AbusedRelay relay) throws Exception {
    byte[] garbage = new byte[5000];
    new Random(7).nextBytes(garbage);
    garbage[0] = (byte) 0xee;
    relay.endsOneConnection(
        CloseReason.TLS_HANDSHAKE,
        relay.relay().openTcp(),
        connection -> {
          connection.write(garbage);
          connection.readUntilClosed(LIMIT);
        });
  }

  @ParameterizedTest(autoCloseArguments = false)
  @MethodSource("overTls")
  void plainHttpToTheTlsPort(AbusedRelay relay) throws Exception {
    relay.endsOneConnection(
        CloseReason.TLS_HANDSHAKE,
        relay.relay().openTcp(),
        connection -> {
          connection.write("GET / HTTP/1.1\r\nHost: derp.test\r\n\r\n");
          connection.readUntilClosed(LIMIT);
        });
  }

  // HTTP

  @Test
  void garbageInPlaceOfHttp() throws Exception {
    plain.endsOneConnection(
        CloseReason.HTTP_MALFORMED,
        connection -> {
          connection.write("\u0016\u0003\u0001 hello?\r\n\r\n");
          assertThat(connection.readHead(LIMIT)).startsWith("HTTP/1.1 400 ");
        });
  }

  @Test
  void aRequestLineWithoutEnd() throws Exception {
    plain.endsOneConnection(
        CloseReason.HTTP_MALFORMED,
        connection -> {
          connection.write("GET /" + "a".repeat(20_000));
          assertThat(connection.readHead(LIMIT)).startsWith("HTTP/1.1 414 ");
        });
  }

  @Test
  void headersWithoutEnd() throws Exception {
    plain.endsOneConnection(
        CloseReason.HTTP_MALFORMED,
        connection -> {
          connection.write("GET / HTTP/1.1\r\nHost: derp.test\r\n" + "x: y\r\n".repeat(300));
          assertThat(connection.readHead(LIMIT)).startsWith("HTTP/1.1 431 ");
        });
  }

  @Test
  void aStrangerWhoLeavesInTheMiddleOfAHead() throws Exception {
    plain.endsOneConnection(CloseReason.CLOSED_BY_PEER, connection -> connection.write("GET / HT"));
  }

  // The handshake

  static Stream<Arguments> badIntroductions() {
    byte[] box = new byte[40];
    byte[] tooLong = Bytes.frame(FrameType.CLIENT_INFO.code(), new byte[256 * 1024 + 1]);
    return Stream.of(
        Arguments.of(
            "another frame first", CloseReason.CLIENT_INFO_INVALID, Bytes.of(new Frame.Ping(1))),
        Arguments.of("an oversized ClientInfo", CloseReason.CLIENT_INFO_INVALID, tooLong),
        Arguments.of(
            "a ClientInfo of 4 GB",
            CloseReason.CLIENT_INFO_INVALID,
            Bytes.frame(FrameType.CLIENT_INFO.code(), FOUR_GIGABYTES, box)),
        Arguments.of(
            "a ClientInfo shorter than any",
            CloseReason.CLIENT_INFO_INVALID,
            Bytes.frame(FrameType.CLIENT_INFO.code(), new byte[55])),
        Arguments.of(
            "a ClientInfo of the zero key",
            CloseReason.CLIENT_INFO_INVALID,
            Bytes.frame(FrameType.CLIENT_INFO.code(), new byte[100])),
        Arguments.of(
            "a box that does not open",
            CloseReason.CLIENT_INFO_UNDECRYPTABLE,
            introduction(new byte[100])));
  }

  private static byte[] introduction(byte[] sealed) {
    ByteBuf out = Unpooled.buffer();
    FrameWriter.writeClientInfo(out, NodePrivateKey.generate().publicKey(), sealed);
    return ByteBufUtil.getBytes(out);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("badIntroductions")
  void anIntroductionThatIsNone(String what, CloseReason reason, byte[] bytes) throws Exception {
    for (AbusedRelay relay : List.of(plain, tls)) {
      List<String> lines =
          relay.endsOneConnection(reason, connection -> introduce(connection, bytes));
      assertThat(lines).as(what).hasSize(1);
    }
  }

  @Test
  void anIntroductionWhoseJsonIsNone() throws Exception {
    NodePrivateKey key = NodePrivateKey.generate();
    byte[] sealed =
        SharedBox.between(key, plain.relay().relay().publicKey())
            .sealWithRandomNonce("{\"version\":".getBytes(StandardCharsets.UTF_8));
    ByteBuf out = Unpooled.buffer();
    FrameWriter.writeClientInfo(out, key.publicKey(), sealed);
    byte[] bytes = ByteBufUtil.getBytes(out);
    plain.endsOneConnection(
        CloseReason.CLIENT_INFO_INVALID, connection -> introduce(connection, bytes));
  }

  /// Sends what will not be accepted, perhaps not even taken to its end.
  private static void introduce(RawConnection connection, byte[] bytes) throws IOException {
    connection.write(UPGRADE);
    assertThat(connection.readHead(LIMIT)).startsWith("HTTP/1.1 101 ");
    try {
      connection.write(bytes);
    } catch (IOException closedMeanwhile) {
      // as it should be: the rest was too much
    }
    connection.readUntilClosed(LIMIT);
  }

  @Test
  void aClientThatLeavesInTheMiddleOfItsIntroduction() throws Exception {
    byte[] half = Arrays.copyOf(introduction(new byte[100]), 60);
    plain.endsOneConnection(
        CloseReason.CLOSED_BY_PEER,
        connection -> {
          connection.write(UPGRADE);
          connection.readHead(LIMIT);
          connection.write(half);
        });
  }

  // Frames

  static Stream<Arguments> badFrames() {
    byte[] some = new byte[100];
    return Stream.of(
        bad("an unknown frame of 4 GB", 0x7f, FOUR_GIGABYTES, some),
        bad("an unknown frame beyond the limit", 0x7f, FrameLimits.MAX_UNKNOWN + 1L, some),
        bad("a packet of 4 GB", FrameType.SEND_PACKET.code(), FOUR_GIGABYTES, some),
        bad("a packet one byte too long", FrameType.SEND_PACKET.code(), PACKET_LIMIT + 1L, some),
        bad("a packet without a whole key", FrameType.SEND_PACKET.code(), 31, some),
        bad("a ping that is too short", FrameType.PING.code(), 7, some),
        bad("a ping that is too long", FrameType.PING.code(), FrameLimits.MAX_PING + 1L, some),
        bad("a preference of no byte", FrameType.NOTE_PREFERRED.code(), 0, some),
        forbidden("a watch by a stranger", FrameType.WATCH_CONNS.code(), 0, new byte[0]),
        forbidden("a close by a stranger", FrameType.CLOSE_PEER.code(), 32, new byte[32]),
        forbidden("a forward by a stranger", FrameType.FORWARD_PACKET.code(), 100, some),
        forbidden("a forward of 4 GB", FrameType.FORWARD_PACKET.code(), FOUR_GIGABYTES, some));
  }

  private static Arguments bad(String what, int type, long length, byte[] payload) {
    return Arguments.of(what, CloseReason.PROTOCOL_ERROR, Bytes.frame(type, length, payload));
  }

  private static Arguments forbidden(String what, int type, long length, byte[] payload) {
    return Arguments.of(
        what, CloseReason.INSUFFICIENT_PERMISSIONS, Bytes.frame(type, length, payload));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("badFrames")
  void aFrameThatMayNotBeEndsItsConnection(String what, CloseReason reason, byte[] bytes)
      throws Exception {
    for (AbusedRelay relay : List.of(plain, tls)) {
      DerpTestClient client = relay.relay().connect();
      List<String> lines =
          relay.endsOneConnection(
              reason,
              client.connection(),
              _ -> {
                client.sendRaw(bytes);
                assertThat(client.expectClosed(LIMIT)).isEmpty();
              });
      assertThat(lines)
          .as(what)
          .singleElement()
          .asString()
          .contains(client.publicKey().shortText());
    }
  }

  @Test
  void whatStandsBeforeABadFrameIsStillAnswered() throws Exception {
    DerpTestClient client = plain.relay().connect();
    byte[] bytes =
        Bytes.joined(
            Bytes.of(new Frame.Ping(5)),
            Bytes.frame(0x7f, FOUR_GIGABYTES, new byte[0]),
            Bytes.of(new Frame.Ping(6)));
    plain.endsOneConnection(
        CloseReason.PROTOCOL_ERROR,
        client.connection(),
        _ -> {
          client.sendRaw(bytes);
          assertThat(client.expectClosed(LIMIT)).containsExactly(new Frame.Pong(5));
        });
  }

  @Test
  void unknownFramesAreSteppedOver() throws Exception {
    byte[] unknown =
        Bytes.joined(
            Bytes.frame(0x7f, new byte[0]),
            Bytes.frame(0x00, new byte[FrameLimits.MAX_UNKNOWN]),
            Bytes.frame(FrameType.PONG.code(), new byte[3]));
    leavesInPeace(
        client -> {
          client.sendRaw(unknown);
          client.ping(42);
          assertThat(client.expect(Frame.Pong.class).data()).isEqualTo(42);
        });
  }

  @Test
  void packetsForOneselfAndEmptyOnesArePackets() throws Exception {
    leavesInPeace(
        client -> {
          Packets.pass(client, client, new byte[0]);
          Packets.pass(client, client, Packets.numbered(1, 1400));
        });
  }

  @Test
  void framesMayBeSplitAtEveryByte() throws Exception {
    leavesInPeace(
        client -> {
          byte[] frames =
              Bytes.joined(
                  Bytes.of(
                      new Frame.SendPacket(client.publicKey(), Packets.numbered(3, 70)),
                      new Frame.SendPacket(client.publicKey(), new byte[0])),
                  Bytes.frame(0x7f, new byte[10]),
                  Bytes.of(new Frame.Ping(9)));
          for (int cut = 0; cut <= frames.length; cut++) {
            client.sendRaw(Arrays.copyOf(frames, cut));
            client.sendRaw(Arrays.copyOfRange(frames, cut, frames.length));
            expectAll(client);
          }
          client.sendRaw(frames, 1, Duration.ZERO);
          expectAll(client);
        });
  }

  private static void expectAll(DerpTestClient client) throws IOException {
    Packets.expect(client, client.publicKey(), Packets.numbered(3, 70));
    Packets.expect(client, client.publicKey(), new byte[0]);
    assertThat(client.expect(Frame.Pong.class).data()).isEqualTo(9);
  }

  /// What is odd but allowed: the connection lives on until its client ends it.
  interface Oddity {
    void on(DerpTestClient client) throws Exception;
  }

  private void leavesInPeace(Oddity oddity) throws Exception {
    for (AbusedRelay relay : List.of(plain, tls, jdkTls)) {
      DerpTestClient client = relay.relay().connect();
      assertThat(
              relay.endsOneConnection(
                  CloseReason.CLOSED_BY_PEER, client.connection(), _ -> oddity.on(client)))
          .isEmpty();
    }
  }

  @Test
  void aClientThatLeavesInTheMiddleOfAFrame() throws Exception {
    for (AbusedRelay relay : List.of(plain, tls, jdkTls)) {
      DerpTestClient client = relay.relay().connect();
      byte[] half = Bytes.frame(FrameType.SEND_PACKET.code(), PACKET_LIMIT, new byte[30_000]);
      relay.endsOneConnection(
          CloseReason.CLOSED_BY_PEER, client.connection(), _ -> client.sendRaw(half));
    }
  }

  @Test
  void packetsForNobodyAreCountedAndSaidOnlyOfDiscovery() throws Exception {
    NodePublicKey nobody = NodePrivateKey.generate().publicKey();
    long before = plain.relay().dropped(DropReason.UNKNOWN_DEST);
    DerpTestClient client = plain.relay().connect();
    plain.endsOneConnection(
        CloseReason.CLOSED_BY_PEER,
        client.connection(),
        _ -> {
          client.send(nobody, new byte[100]);
          client.send(nobody, Packets.disco());
          assertThat(client.expect(Frame.PeerGone.class).peer()).isEqualTo(nobody);
          client.ping(1);
          client.expect(Frame.Pong.class);
        });
    assertThat(plain.relay().dropped(DropReason.UNKNOWN_DEST)).isEqualTo(before + 2);
  }

  // Many, slow, silent

  @Test
  void aThousandConnectionsThatSayNothing() throws Exception {
    int each = 500;
    long endedBefore = plain.relay().closed() + tls.relay().closed();
    List<RawConnection> silent = new ArrayList<>();
    try {
      plain
          .bystanders()
          .exchangeWhile(
              () -> {
                for (int i = 0; i < each; i++) {
                  silent.add(plain.relay().openTcp());
                  silent.add(tls.relay().openTcp());
                }
              });
      tls.bystanders().exchange();
    } finally {
      for (RawConnection connection : silent) {
        connection.close();
      }
    }
    eventually(
        () ->
            assertThat(plain.relay().closed() + tls.relay().closed())
                .isEqualTo(endedBefore + 2 * each));
    assertThat(plain.log().lines()).isEmpty();
  }

  /// The head of a record and of a ClientHello in it of 508 bytes, and a few of these.
  private static final String HALF_HELLO =
      "\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001\u00fc\u0003\u0003hello";

  private static final PhaseDeadlines SHORT =
      new PhaseDeadlines(Duration.ofMillis(300), Duration.ofMillis(300), Duration.ofMillis(300));

  @Test
  void whoeverDribblesOrSaysNothingIsGoneAtTheDeadlineOfThePhase() throws Exception {
    try (AbusedRelay relay = new AbusedRelay(Wiring.plain(), SHORT, _ -> {})) {
      relay.endsOneConnection(
          CloseReason.HTTP_TIMEOUT, connection -> connection.readUntilClosed(LIMIT));
      relay.endsOneConnection(
          CloseReason.HTTP_TIMEOUT,
          connection ->
              assertThat(
                      connection.dribble(
                          "GET /derp HTTP/1.1\r\nx: yyyyyyyyy".getBytes(StandardCharsets.US_ASCII),
                          Duration.ofMillis(50),
                          LIMIT))
                  .isTrue());
      relay.endsOneConnection(
          CloseReason.HANDSHAKE_TIMEOUT,
          connection -> {
            connection.write(UPGRADE);
            connection.readUntilClosed(LIMIT);
          });
      relay.endsOneConnection(
          CloseReason.HANDSHAKE_TIMEOUT,
          connection -> {
            connection.write(UPGRADE);
            byte[] truncated = Arrays.copyOf(introduction(new byte[100]), 80);
            assertThat(connection.dribble(truncated, Duration.ofMillis(50), LIMIT)).isTrue();
          });
    }
  }

  /// Some of each kind at once, so that they stand in each other's way if they can.
  @ParameterizedTest
  @MethodSource("tlsEngines")
  void beginningsOfAllKindsAreEndedAtTheirDeadlinesAndDisturbNobody(Wiring wiring)
      throws Exception {
    int each = 30;
    PhaseDeadlines deadlines =
        new PhaseDeadlines(Duration.ofSeconds(2), Duration.ofSeconds(2), Duration.ofSeconds(2));
    List<RawConnection> begun = new ArrayList<>();
    try (AbusedRelay relay = new AbusedRelay(wiring, deadlines, _ -> {})) {
      int socketsBefore = OpenSockets.count();
      relay
          .bystanders()
          .exchangeWhile(
              () -> {
                for (int i = 0; i < each; i++) {
                  begun.add(relay.relay().openTcp());
                  begun.add(saying(relay.relay().openTcp(), HALF_HELLO));
                  begun.add(saying(relay.relay().open(), "GET /derp HTTP/1.1\r\nHost: a\r\n"));
                  begun.add(saying(relay.relay().open(), UPGRADE));
                  relay.relay().connect().close();
                }
                eventually(
                    () -> {
                      assertThat(relay.relay().closed(CloseReason.TLS_TIMEOUT)).isEqualTo(2 * each);
                      assertThat(relay.relay().closed(CloseReason.HTTP_TIMEOUT)).isEqualTo(each);
                      assertThat(relay.relay().closed(CloseReason.HANDSHAKE_TIMEOUT))
                          .isEqualTo(each);
                      assertThat(relay.relay().closed(CloseReason.CLOSED_BY_PEER)).isEqualTo(each);
                    });
              });
      for (RawConnection connection : begun) {
        connection.close();
      }
      eventually(() -> assertThat(OpenSockets.count()).isEqualTo(socketsBefore));
      assertThat(relay.relay().closed()).isEqualTo(5 * each);
    } finally {
      for (RawConnection connection : begun) {
        connection.close();
      }
    }
  }

  private static RawConnection saying(RawConnection connection, String text) throws IOException {
    connection.write(text);
    return connection;
  }

  static Stream<Wiring> tlsEngines() {
    return Stream.of(Wiring.overTls(), Wiring.overTls().withJdkTls().withNio());
  }

  @ParameterizedTest
  @MethodSource("tlsEngines")
  void whoeverDoesNotFinishTlsIsGoneAtItsDeadline(Wiring wiring) throws Exception {
    PhaseDeadlines deadlines =
        new PhaseDeadlines(Duration.ofSeconds(1), LIMIT, PhaseDeadlines.STANDARD.clientInfo());
    try (AbusedRelay relay = new AbusedRelay(wiring, deadlines, _ -> {})) {
      relay.endsOneConnection(
          CloseReason.TLS_TIMEOUT,
          relay.relay().openTcp(),
          connection -> connection.readUntilClosed(LIMIT));
    }
  }

  @ParameterizedTest
  @MethodSource("tlsEngines")
  void aClientThatNeverReadsIsCutOffAtTheWriteTimeout(Wiring wiring) throws Exception {
    try (AbusedRelay relay =
        new AbusedRelay(
            wiring,
            PhaseDeadlines.STANDARD,
            config -> config.tcpWriteTimeout(Duration.ofSeconds(1)))) {
      DerpTestClient frozen = relay.relay().connect(relay.relay().options().receiveBuffer(4096));
      try (DerpTestClient sender = relay.relay().connect()) {
        relay
            .bystanders()
            .exchangeWhile(
                () -> {
                  SlowReaders.fill(relay.relay(), sender, frozen);
                  eventually(
                      () ->
                          assertThat(relay.relay().closed(CloseReason.WRITE_TIMEOUT)).isEqualTo(1));
                });
        assertThat(relay.relay().value(Metric.DERP_SCLIENT_WRITE_TIMEOUTS)).isEqualTo(1);
        assertThat(relay.relay().dropped(DropReason.GONE_DISCONNECTED)).isPositive();
        assertThat(relay.relay().closed()).isEqualTo(1);
        assertThat(relay.log().lines())
            .filteredOn(line -> line.contains(frozen.publicKey().shortText()))
            .hasSize(1);
      } finally {
        frozen.close();
      }
    }
  }
}

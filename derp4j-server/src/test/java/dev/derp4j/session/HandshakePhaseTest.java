package dev.derp4j.session;

import dev.derp4j.codec.FrameDecoder;
import dev.derp4j.codec.ProtocolException;
import dev.derp4j.frame.Frame;
import dev.derp4j.frame.FrameLimits;
import dev.derp4j.frame.FrameType;
import dev.derp4j.frame.PeerPresentFlags;
import dev.derp4j.handshake.ServerInfo;
import dev.derp4j.handshake.SharedBox;
import dev.derp4j.key.MeshKey;
import dev.derp4j.key.NodePrivateKey;
import dev.derp4j.key.NodePublicKey;
import dev.derp4j.metrics.CloseReason;
import dev.derp4j.metrics.Metric;
import dev.derp4j.routing.LocalPeer;
import dev.derp4j.routing.PeerEntry;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static dev.derp4j.session.RelayHandlerTest.joined;
import static org.assertj.core.api.Assertions.assertThat;

class HandshakePhaseTest {
  private static final String PLAIN = "{\"version\":2,\"CanAckPings\":true}";
  private static final byte[] NO_RESPONSE = {};

  @AutoClose private final CapturedLog log = new CapturedLog();
  @AutoClose private final TestRelay relay = new TestRelay();

  private final NodePrivateKey clientKey = NodePrivateKey.generate();
  private final SharedBox box = SharedBox.between(clientKey, TestRelay.PRIVATE_KEY.publicKey());

  // What goes well

  @Test
  void theRelaySaysItsKeyAtOnceAndWhatItIsOnceItKnowsTheClient() throws Exception {
    ScriptedChannel channel = newcomer();
    assertThat(frames(channel))
        .containsExactly(new Frame.ServerKey(TestRelay.PRIVATE_KEY.publicKey()));
    arrives(channel, clientInfo(PLAIN));

    Frame.ServerInfo info = (Frame.ServerInfo) frames(channel).getFirst();
    assertThat(ServerInfo.parse(box.open(info.nonce(), info.box()))).isEqualTo(ServerInfo.plain());
    assertThat(new String(box.open(info.nonce(), info.box()), StandardCharsets.UTF_8))
        .isEqualTo("{\"version\":2}");
    LocalPeer peer = registered();
    assertThat(peer.presenceFlags()).isEqualTo(PeerPresentFlags.REGULAR);
    assertThat(peer.remoteAddress()).isEqualTo(channel.remoteAddress());
    assertThat(relay.counted(Metric.DERP_ACCEPTS)).isEqualTo(1);
    assertThat(channel.pipeline().names()).doesNotContain("handshake");
    assertThat(log.lines()).isEmpty();
  }

  @Test
  void aSessionReadsWithoutTurns() {
    ScriptedChannel channel = newcomer();
    channel.pipeline().addFirst(RelaySession.TURNS, new ChannelInboundHandlerAdapter());
    arrives(channel, clientInfo(PLAIN));
    assertThat(channel.pipeline().names()).contains("relay").doesNotContain(RelaySession.TURNS);
  }

  @Test
  void theUpgradeResponsePrecedesTheFirstFrame() throws Exception {
    byte[] response = "HTTP/1.1 101 …\r\n\r\n".getBytes(StandardCharsets.UTF_8);
    ScriptedChannel channel = relay.newcomer(Optional.empty(), response);
    byte[] taken = channel.taken();
    assertThat(Arrays.copyOf(taken, response.length)).isEqualTo(response);
    assertThat(decoded(Arrays.copyOfRange(taken, response.length, taken.length))).hasSize(1);
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 1, 2, 3})
  void whatIsPipelinedBehindTheClientInfoIsNotLostInWhateverPiecesItComes(long seed)
      throws Exception {
    ScriptedChannel channel = newcomer();
    NodePublicKey own = clientKey.publicKey();
    byte[] all =
        joined(
            clientInfo(PLAIN),
            TestClient.bytes(
                new Frame.Ping(5), new Frame.SendPacket(own, Payloads.data(1, 3_000))));
    Random random = new Random(seed);
    int longest = seed == 0 ? all.length : seed == 1 ? 1 : 1 + random.nextInt(300);
    for (int from = 0; from < all.length; ) {
      int to = Math.min(all.length, from + longest);
      arrives(channel, Arrays.copyOfRange(all, from, to));
      from = to;
    }
    List<Frame> received = frames(channel);
    assertThat(received.subList(2, received.size()))
        .containsExactly(new Frame.Pong(5), new Frame.RecvPacket(own, Payloads.data(1, 3_000)));
  }

  @Test
  void aClientInfoBehindSomethingElseInASharedBufferIsRead() throws Exception {
    // As it comes from HTTP: a slice that cannot grow, of a buffer that is still used elsewhere.
    byte[] info = clientInfo(PLAIN);
    ScriptedChannel channel = newcomer();
    ByteBuf read = relay.buffer(joined(new byte[100], info));
    ByteBuf first = read.retainedSlice(100, 50);
    relay.does(() -> channel.pipeline().fireChannelRead(first));
    ByteBuf rest = read.retainedSlice(150, info.length - 50);
    relay.does(() -> channel.pipeline().fireChannelRead(rest));
    read.release();
    assertThat(registered()).isNotNull();
  }

  @Test
  void theLargestClientInfoIsTaken() throws Exception {
    ScriptedChannel channel = newcomer();
    int sealed = FrameLimits.MAX_CLIENT_INFO - NodePublicKey.LENGTH - 24 - 16;
    String json = "{\"version\":2,\"more\":\"" + "x".repeat(sealed - 23) + "\"}";
    byte[] frame = clientInfo(json);
    assertThat(frame).hasSize(5 + FrameLimits.MAX_CLIENT_INFO);
    for (int from = 0; from < frame.length; from += 10_000) {
      arrives(channel, Arrays.copyOfRange(frame, from, Math.min(frame.length, from + 10_000)));
      assertThat(relay.bytesInUse()).isLessThanOrEqualTo(2L * from + 40_000);
    }
    assertThat(registered()).isNotNull();
  }

  // What the client says of itself

  @Test
  void whatTheClientSaysOfItselfIsKnownToTheMesh() throws Exception {
    arrives(
        newcomer(),
        clientInfo("{\"version\":2,\"IsProber\":true,\"AppName\":\"an app\",\"future\":[1]}"));
    assertThat(registered().presenceFlags()).isEqualTo(PeerPresentFlags.PROBER);
    assertThat(registered().appName()).isEqualTo("an app");
  }

  @Test
  void aNewcomerMayHaveAskedForAnotherNode() {
    ScriptedChannel channel = relay.channel(relay.nextAddress());
    channel
        .pipeline()
        .addLast(
            new HandshakePhase(
                relay.services,
                relay.loop,
                new HandshakePhase.Secrets(TestRelay.PRIVATE_KEY, new MeshKeyRing(List.of())),
                relay.nextAddress(),
                true,
                NO_RESPONSE));
    arrives(channel, clientInfo(PLAIN));
    assertThat(registered().presenceFlags()).isEqualTo(PeerPresentFlags.NOT_IDEAL);
    assertThat(relay.population.notIdeal().sum()).isEqualTo(1);
  }

  @ParameterizedTest
  @CsvSource({"true, true, 2", "true, false, 1", "false, true, 1"})
  void theRightMeshKeyMakesAMeshPeer(boolean relayHasOne, boolean right, int flags) {
    String shown = right ? TestRelay.MESH_KEY.secretText() : MeshKey.generate().secretText();
    ScriptedChannel channel =
        relay.newcomer(
            relayHasOne ? Optional.of(TestRelay.MESH_KEY) : Optional.empty(), NO_RESPONSE);
    arrives(channel, clientInfo("{\"meshKey\":\"" + shown + "\",\"version\":2}"));
    assertThat(registered().presenceFlags()).isEqualTo(flags);

    arrives(channel, TestClient.bytes(new Frame.WatchConns()));
    assertThat(channel.isOpen()).isEqualTo(flags == PeerPresentFlags.MESH_PEER);
    assertThat(relay.closed(CloseReason.INSUFFICIENT_PERMISSIONS))
        .isEqualTo(flags == PeerPresentFlags.MESH_PEER ? 0 : 1);
  }

  @Test
  void aMeshKeyOfZerosOpensNothing() {
    String zeros = "0".repeat(64);
    ScriptedChannel channel = relay.newcomer(Optional.of(MeshKey.parse(zeros)), NO_RESPONSE);
    arrives(channel, clientInfo("{\"meshKey\":\"" + zeros + "\"}"));
    assertThat(registered().presenceFlags()).isEqualTo(PeerPresentFlags.REGULAR);
  }

  // What is refused

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"version\":2,\"AppName\":\"0123456789abcdef0123456789abcdef0\"}",
        "{\"version\":2,\"AppName\":\"caf\u00e9\"}",
        "{\"version\":2,\"AppName\":\"line\\nbreak\"}",
        "{\"version\":2,\"AppName\":\"\u007f\"}"
      })
  void anAppNameAgainstTheRuleIsRefusedFromAMeshPeerToo(String json) {
    String withKey =
        json.substring(0, json.length() - 1)
            + ",\"meshKey\":\""
            + TestRelay.MESH_KEY.secretText()
            + "\"}";
    for (String document : List.of(json, withKey)) {
      ScriptedChannel channel = relay.newcomer(Optional.of(TestRelay.MESH_KEY), NO_RESPONSE);
      arrives(channel, clientInfo(document));
      assertThat(channel.isOpen()).isFalse();
    }
    assertThat(relay.closed(CloseReason.CLIENT_INFO_INVALID)).isEqualTo(2);
    assertThat(log.lines())
        .hasSize(2)
        .allSatisfy(line -> assertThat(line).contains("receive client key: invalid AppName \""))
        .allSatisfy(line -> assertThat(line).matches("[ -~]*"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "{", "[]", "2", "{\"version\":\"two\"}", "{\"meshKey\":\"\"}", "{} {}"})
  void aClientInfoThatIsNoProperJsonIsRefused(String json) {
    assertRefused(clientInfo(json), CloseReason.CLIENT_INFO_INVALID);
  }

  @Test
  void nullIsAnEmptyClientInfo() {
    arrives(newcomer(), clientInfo("null"));
    assertThat(registered()).isNotNull();
  }

  @Test
  void aBoxThatDoesNotOpenIsRefused() {
    byte[] tampered = clientInfo(PLAIN);
    tampered[tampered.length - 1] ^= 1;
    assertRefused(tampered, CloseReason.CLIENT_INFO_UNDECRYPTABLE);
    assertThat(log.lines().getFirst())
        .isEqualTo(
            "derp: 192.0.2.1:10000: receive client key: box of "
                + clientKey.publicKey().shortText()
                + " does not open");
  }

  @Test
  void aBoxOfSomebodyElseIsRefused() {
    byte[] borrowed = clientInfo(PLAIN);
    byte[] otherKey = NodePrivateKey.generate().publicKey().toBytes();
    System.arraycopy(otherKey, 0, borrowed, 5, otherKey.length);
    assertRefused(borrowed, CloseReason.CLIENT_INFO_UNDECRYPTABLE);
  }

  @Test
  void aClientInfoWithoutABoxIsRefused() {
    byte[] bare = joined(TestClient.header(2, 56), clientKey.publicKey().toBytes(), new byte[24]);
    assertRefused(bare, CloseReason.CLIENT_INFO_UNDECRYPTABLE);
  }

  @Test
  void theKeyOfZerosIsRefused() {
    assertRefused(
        joined(TestClient.header(2, 100), new byte[100]), CloseReason.CLIENT_INFO_INVALID);
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 55, 262_145, 0x7fff_ffffL, 0xffff_ffffL})
  void aClientInfoOfImpossibleLengthIsRefusedAsSoonAsItsHeadIsThere(long length) {
    assertRefused(
        TestClient.header(FrameType.CLIENT_INFO.code(), length), CloseReason.CLIENT_INFO_INVALID);
    assertThat(log.lines().getFirst()).contains("ClientInfo of " + length + " bytes");
  }

  @ParameterizedTest
  @ValueSource(ints = {0x00, 0x01, 0x04, 0x06, 0x12, 0x47, 0xff})
  void anyOtherFrameIsRefusedInItsPlace(int type) {
    assertRefused(TestClient.header(type, 60), CloseReason.CLIENT_INFO_INVALID);
  }

  @Test
  void nothingBehindARefusedClientInfoIsHeeded() {
    ScriptedChannel channel = newcomer();
    relay.later(() -> channel.arrive(TestClient.header(0x47, 60)));
    relay.later(() -> channel.pipeline().fireChannelRead(relay.buffer(clientInfo(PLAIN))));
    relay.run();
    assertThat(channel.isOpen()).isFalse();
    assertThat(relay.registry.census().connections()).isZero();
  }

  // Time

  @Test
  void aClientThatSaysNothingIsClosedAfterTenSeconds() {
    ScriptedChannel channel = newcomer();
    relay.pass(Duration.ofMillis(9_999));
    assertThat(channel.isOpen()).isTrue();
    relay.pass(Duration.ofMillis(1));
    assertThat(channel.isOpen()).isFalse();
    assertThat(relay.closed(CloseReason.HANDSHAKE_TIMEOUT)).isEqualTo(1);
    assertThat(log.lines()).containsExactly("derp: 192.0.2.1:10000: receive client key: timeout");
  }

  @Test
  void dribblingDoesNotBuyTime() {
    ScriptedChannel channel = newcomer();
    byte[] info = clientInfo(PLAIN);
    for (int i = 0; i < 10; i++) {
      arrives(channel, new byte[] {info[i]});
      assertThat(channel.isOpen()).isTrue();
      relay.pass(Duration.ofSeconds(1));
    }
    assertThat(channel.isOpen()).isFalse();
    assertThat(relay.closed(CloseReason.HANDSHAKE_TIMEOUT)).isEqualTo(1);
  }

  @Test
  void onceItRelaysTheConnectionHasAllTheTimeInTheWorld() {
    ScriptedChannel channel = newcomer();
    relay.pass(Duration.ofMillis(9_999));
    arrives(channel, clientInfo(PLAIN));
    relay.pass(Duration.ofHours(1));
    assertThat(channel.isOpen()).isTrue();
  }

  @Test
  void tenSecondsGoForTheServerKeyToo() {
    ScriptedChannel channel = relay.channel(relay.nextAddress());
    relay.does(channel::fill);
    relay.does(
        () ->
            channel
                .pipeline()
                .addLast(
                    new HandshakePhase(
                        relay.services,
                        relay.loop,
                        new HandshakePhase.Secrets(
                            TestRelay.PRIVATE_KEY, new MeshKeyRing(List.of())),
                        relay.nextAddress(),
                        false,
                        NO_RESPONSE)));
    relay.pass(Duration.ofSeconds(10));
    assertThat(channel.isOpen()).isFalse();
  }

  // Other ends

  @Test
  void aClientThatLeavesMeanwhileIsCountedOnce() {
    ScriptedChannel channel = newcomer();
    arrives(channel, Arrays.copyOf(clientInfo(PLAIN), 30));
    relay.does(channel::hangUp);
    assertThat(relay.closed(CloseReason.CLOSED_BY_PEER)).isEqualTo(1);
    relay.pass(Duration.ofSeconds(20));
    assertThat(relay.closed(CloseReason.HANDSHAKE_TIMEOUT)).isZero();
    assertThat(log.lines()).isEmpty();
  }

  @Test
  void aConnectionThatBreaksMeanwhileIsCountedOnce() {
    ScriptedChannel channel = newcomer();
    relay.does(() -> channel.pipeline().fireExceptionCaught(new IOException("reset")));
    assertThat(channel.isOpen()).isFalse();
    assertThat(relay.closed(CloseReason.RESET)).isEqualTo(1);
  }

  @Test
  void aConnectionThatBreaksWhileTheServerInfoIsWrittenLosesNoPacket() {
    ScriptedChannel channel = newcomer();
    channel.breakWrites(new IOException("Broken pipe"));
    arrives(channel, clientInfo(PLAIN));
    assertThat(channel.isOpen()).isFalse();
    assertThat(relay.dropped()).isZero();
    assertThat(relay.registry.census().connections()).isZero();
  }

  private ScriptedChannel newcomer() {
    return relay.newcomer(Optional.empty(), NO_RESPONSE);
  }

  private void assertRefused(byte[] bytes, CloseReason reason) {
    ScriptedChannel channel = newcomer();
    arrives(channel, bytes);
    assertThat(channel.isOpen()).isFalse();
    assertThat(relay.closed(reason)).isEqualTo(1);
    assertThat(relay.registry.census().connections()).isZero();
    assertThat(log.lines()).hasSize(1);
    assertThat(log.lines().getFirst()).startsWith("derp: 192.0.2.1:10000: receive client key: ");
  }

  private LocalPeer registered() {
    PeerEntry entry = relay.registry.find(clientKey.publicKey());
    assertThat(entry).as("the client is registered").isNotNull();
    return entry.active();
  }

  private void arrives(ScriptedChannel channel, byte[] bytes) {
    relay.does(() -> channel.arrive(bytes));
  }

  private byte[] clientInfo(String json) {
    byte[] sealed = box.sealWithRandomNonce(json.getBytes(StandardCharsets.UTF_8));
    return joined(
        TestClient.header(FrameType.CLIENT_INFO.code(), NodePublicKey.LENGTH + sealed.length),
        clientKey.publicKey().toBytes(),
        sealed);
  }

  private static List<Frame> frames(ScriptedChannel channel) throws ProtocolException {
    return decoded(channel.taken());
  }

  private static List<Frame> decoded(byte[] bytes) throws ProtocolException {
    List<Frame> frames = new ArrayList<>();
    FrameDecoder.forServerFrames().decode(Unpooled.wrappedBuffer(bytes), frames::add);
    return frames;
  }
}

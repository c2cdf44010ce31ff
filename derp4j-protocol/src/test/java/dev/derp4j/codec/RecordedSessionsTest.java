package dev.derp4j.codec;

import dev.derp4j.frame.Frame;
import dev.derp4j.handshake.ClientInfo;
import dev.derp4j.handshake.HandshakeException;
import dev.derp4j.handshake.ServerInfo;
import dev.derp4j.handshake.SharedBox;
import dev.derp4j.key.MeshKey;
import dev.derp4j.key.NodePrivateKey;
import dev.derp4j.vectors.Descriptions;
import dev.derp4j.vectors.Vectors;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;

/// Whole connections of the original's client and server: the frames that we read out of their
/// bytes are what its API sent and received, and writing those frames gives the same bytes again.
class RecordedSessionsTest {
  private static final NodePrivateKey SERVER =
      NodePrivateKey.parse(
          "privkey:a8e2b5d0c1f3047796857463524130f1e2d3c4b5a69788796a5b4c3d2e1f007e");

  /// One recorded connection: its settings line, both streams, and what the original sent and got.
  record Connection(
      String release,
      List<String> settings,
      String fromClientColumn,
      String fromServerColumn,
      List<String> sent,
      List<String> got) {
    byte[] fromClient() {
      return Vectors.bytes(fromClientColumn);
    }

    byte[] fromServer() {
      return Vectors.bytes(fromServerColumn);
    }

    NodePrivateKey key() {
      return NodePrivateKey.parse(settings.get(2));
    }

    @Override
    public String toString() {
      return settings.get(1) + " of " + release;
    }
  }

  static List<Connection> connections() {
    return Stream.of("1.102.5", "1.104.5")
        .flatMap(release -> connections(release).stream())
        .toList();
  }

  private static List<Connection> connections(String release) {
    List<List<List<String>>> blocks = new ArrayList<>();
    for (List<String> row : Vectors.rows(release + "/sessions.txt")) {
      if (row.getFirst().equals("connection")) {
        blocks.add(new ArrayList<>());
      }
      blocks.getLast().add(row);
    }
    return blocks.stream().map(block -> connection(release, block)).toList();
  }

  private static Connection connection(String release, List<List<String>> block) {
    return new Connection(
        release,
        block.getFirst(),
        block.get(1).get(1),
        block.get(2).get(1),
        lines(block, "sent"),
        lines(block, "got"));
  }

  private static List<String> lines(List<List<String>> block, String kind) {
    return block.stream()
        .filter(row -> row.getFirst().equals(kind))
        .map(row -> String.join(" ", row.subList(1, row.size())))
        .toList();
  }

  @ParameterizedTest
  @MethodSource("connections")
  void theClientsBytesAreWhatItSent(Connection connection) throws ProtocolException {
    List<Frame> frames =
        Fragments.randomly(FrameDecoder.forClientFrames(), connection.fromClient(), 3);

    assertThat(frames.getFirst()).isInstanceOf(Frame.ClientInfo.class);
    assertThat(frames.subList(1, frames.size())).map(Descriptions::of).isEqualTo(connection.sent());
    assertThat(written(frames)).isEqualTo(connection.fromClient());
  }

  @ParameterizedTest
  @MethodSource("connections")
  void theServersBytesAreWhatTheClientGot(Connection connection) throws ProtocolException {
    List<Frame> frames =
        Fragments.randomly(FrameDecoder.forServerFrames(), connection.fromServer(), 4);

    assertThat(frames.getFirst()).isEqualTo(new Frame.ServerKey(SERVER.publicKey()));
    assertThat(frames.get(1)).isInstanceOf(Frame.ServerInfo.class);
    assertThat(connection.got().getFirst()).isEqualTo("ServerInfo 0 0");
    assertThat(frames.subList(2, frames.size()))
        .map(Descriptions::of)
        .isEqualTo(connection.got().subList(1, connection.got().size()));
    boolean shortPresence =
        connection.release().equals("1.102.5") && connection.toString().startsWith("watcher");
    if (!shortPresence) { // that release leaves the app name's length out
      assertThat(written(frames)).isEqualTo(connection.fromServer());
    }
  }

  @ParameterizedTest
  @MethodSource("connections")
  void theIntroductionOpensAndSaysWhatTheClientWasToldToSay(Connection connection)
      throws ProtocolException, HandshakeException {
    Frame.ClientInfo frame =
        (Frame.ClientInfo)
            Fragments.whole(FrameDecoder.forClientFrames(), connection.fromClient()).getFirst();
    assertThat(frame.clientKey()).isEqualTo(connection.key().publicKey());

    byte[] json = opened(SharedBox.between(SERVER, frame.clientKey()), frame.nonce(), frame.box());
    ClientInfo info = ClientInfo.parse(json);

    assertThat(info).isEqualTo(expectedInfo(connection.settings()));
    assertThat(info.toJson()).asString().isEqualTo(new String(json, StandardCharsets.UTF_8));
  }

  private static ClientInfo expectedInfo(List<String> settings) {
    String mesh = settings.get(6);
    return new ClientInfo(
        2,
        Boolean.parseBoolean(settings.get(3)),
        Boolean.parseBoolean(settings.get(4)),
        Vectors.text(settings.get(5)),
        mesh.equals("-") ? Optional.empty() : Optional.of(MeshKey.parse(mesh)));
  }

  @ParameterizedTest
  @MethodSource("connections")
  void theServersAnswerOpens(Connection connection) throws ProtocolException, HandshakeException {
    Frame.ServerInfo frame =
        (Frame.ServerInfo)
            Fragments.whole(FrameDecoder.forServerFrames(), connection.fromServer()).get(1);

    byte[] json =
        opened(SharedBox.between(connection.key(), SERVER.publicKey()), frame.nonce(), frame.box());

    assertThat(json).asString().isEqualTo("{\"version\":2}");
    assertThat(ServerInfo.parse(json)).isEqualTo(ServerInfo.plain());
    assertThat(ServerInfo.plain().toJson()).isEqualTo(json);
  }

  private static byte[] opened(SharedBox box, byte[] nonce, byte[] sealed) {
    return Objects.requireNonNull(box.open(nonce, sealed), "the box stays shut");
  }

  private static byte[] written(List<Frame> frames) {
    ByteBuf out = Unpooled.buffer();
    frames.forEach(frame -> FrameWriter.writeFrame(out, frame));
    return ByteBufUtil.getBytes(out);
  }
}

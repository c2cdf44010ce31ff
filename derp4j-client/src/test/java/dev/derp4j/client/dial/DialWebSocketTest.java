package dev.derp4j.client.dial;

import dev.derp4j.codec.FrameWriter;
import dev.derp4j.frame.Frame;
import dev.derp4j.handshake.ServerInfo;
import dev.derp4j.handshake.SharedBox;
import dev.derp4j.key.NodePrivateKey;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.io.DataInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class DialWebSocketTest {
  private static final int BINARY = 2;

  private final NodePrivateKey serverKey = NodePrivateKey.generate();
  private final DerpIdentity identity = DerpIdentity.of(NodePrivateKey.generate());
  private final DialSettings settings = DialSettings.builder().webSocket(true).build();
  private final List<Integer> lengths = new CopyOnWriteArrayList<>();
  private final Loops loops = Loops.nio();

  @AfterEach
  void stop() {
    loops.close();
  }

  @Test
  void theStreamTravelsInBinaryMessagesThatTheOriginalTakes() throws Exception {
    try (StubServer server =
        StubServer.plain(
            peer -> {
              accept(peer, "derp");
              greet(peer);
              Messages messages = new Messages(peer, lengths);
              messages.echoPackets();
            })) {
      DerpLink link = Loops.await(DerpDialer.dial(loops.loop(), plain(server), identity, settings));
      assertThat(link.serverKey()).isEqualTo(serverKey.publicKey());
      assertThat(server.heads.getFirst())
          .contains("upgrade: websocket\r\n", "sec-websocket-protocol: derp\r\n")
          .doesNotContain("Ideal-Node");
      Collector collector = Collector.of(link);
      byte[] packet = new byte[65536];
      new Random(1).nextBytes(packet);
      ByteBuf out = link.channel().alloc().buffer();
      FrameWriter.writeSendPacket(out, identity.key().publicKey(), packet);
      link.channel().writeAndFlush(out);
      assertThat(collector.next())
          .isEqualTo(new Frame.RecvPacket(identity.key().publicKey(), packet));
      assertThat(lengths).allMatch(length -> length <= 32768).contains(32768);
      link.channel().close().sync();
      Loops.await(collector.ended);
    }
  }

  @Test
  void anAnswerWithoutTheSubprotocolOrWithAnotherKeyIsRefused() throws Exception {
    try (StubServer server = StubServer.plain(peer -> accept(peer, "other"))) {
      assertRefused(server);
    }
    try (StubServer server =
        StubServer.plain(
            peer -> {
              peer.head();
              peer.write(answer(UpgradeRequest.accept("another key"), "derp"));
              peer.awaitClose();
            })) {
      assertRefused(server);
    }
  }

  private void assertRefused(StubServer server) {
    assertThatThrownBy(
            () -> Loops.await(DerpDialer.dial(loops.loop(), plain(server), identity, settings)))
        .hasMessageEndingWith(
            ": upgrade: the answer does not take up WebSocket with subprotocol derp");
  }

  private static DerpEndpoint plain(StubServer server) {
    return server.endpoint().withoutTls().withIdealNode("9z");
  }

  private static void accept(StubServer.Peer peer, String protocol) throws IOException {
    String head = peer.head();
    String key =
        head.lines()
            .filter(line -> line.startsWith("sec-websocket-key: "))
            .map(line -> line.substring("sec-websocket-key: ".length()))
            .findFirst()
            .orElseThrow();
    peer.write(answer(UpgradeRequest.accept(key), protocol));
  }

  private static String answer(String accept, String protocol) {
    return "HTTP/1.1 101 Switching Protocols\r\nUpgrade: WebSocket\r\nConnection: Upgrade\r\n"
        + ("Sec-WebSocket-Accept: " + accept + "\r\nSec-WebSocket-Protocol: " + protocol)
        + "\r\n\r\n";
  }

  /// ServerKey in a fragmented message with a ping between its fragments.
  private void greet(StubServer.Peer peer) throws IOException {
    byte[] key = StubServer.Peer.bytes(new Frame.ServerKey(serverKey.publicKey()));
    peer.write(frame(BINARY, Arrays.copyOf(key, 7)));
    peer.write(frame(0x89, new byte[] {42}));
    peer.write(frame(0x80, Arrays.copyOfRange(key, 7, key.length)));
  }

  private static byte[] frame(int head, byte[] content) {
    ByteBuf out = Unpooled.buffer();
    out.writeByte(head);
    if (content.length < 126) {
      out.writeByte(content.length);
    } else if (content.length < 65536) {
      out.writeByte(126).writeShort(content.length);
    } else {
      out.writeByte(127).writeLong(content.length);
    }
    out.writeBytes(content);
    return ByteBufUtil.getBytes(out);
  }

  /// Reads a client's messages as a strict server does.
  private final class Messages {
    private final StubServer.Peer peer;
    private final DataInputStream in;
    private final List<Integer> seen;
    private final List<Integer> types = new ArrayList<>();

    Messages(StubServer.Peer peer, List<Integer> seen) throws IOException {
      this.peer = peer;
      this.in = new DataInputStream(peer.socket.getInputStream());
      this.seen = seen;
    }

    void echoPackets() throws IOException {
      var decoder = dev.derp4j.codec.FrameDecoder.forClientFrames();
      try {
        while (true) {
          decoder.decode(Unpooled.wrappedBuffer(next()), this::answer);
        }
      } catch (dev.derp4j.codec.ProtocolException e) {
        throw new IOException(e);
      }
    }

    private byte[] next() throws IOException {
      int type = in.readUnsignedByte();
      types.add(type);
      int second = in.readUnsignedByte();
      assertThat(second & 0x80).as("a client masks").isEqualTo(0x80);
      int length =
          switch (second & 0x7f) {
            case 126 -> in.readUnsignedShort();
            case 127 -> Math.toIntExact(in.readLong());
            default -> second & 0x7f;
          };
      byte[] mask = in.readNBytes(4);
      byte[] content = in.readNBytes(length);
      for (int i = 0; i < length; i++) {
        content[i] ^= mask[i & 3];
      }
      if (type == 0x8a) {
        assertThat(content).as("pong").containsExactly(42);
        return new byte[0];
      }
      assertThat(type).as("a binary message").isEqualTo(0x82);
      seen.add(length);
      return content;
    }

    private void answer(Frame frame) {
      try {
        if (frame instanceof Frame.ClientInfo info) {
          SharedBox box = SharedBox.between(serverKey, info.clientKey());
          Objects.requireNonNull(box.open(info.nonce(), info.box()));
          ByteBuf out = Unpooled.buffer();
          FrameWriter.writeServerInfo(out, box.sealWithRandomNonce(ServerInfo.plain().toJson()));
          peer.write(frame(0x82, ByteBufUtil.getBytes(out)));
        } else if (frame instanceof Frame.SendPacket packet) {
          assertThat(types).as("the ping was answered").contains(0x8a);
          peer.write(
              frame(
                  0x82,
                  StubServer.Peer.bytes(
                      new Frame.RecvPacket(packet.destination(), packet.payload()))));
        }
      } catch (IOException e) {
        throw new IllegalStateException(e);
      }
    }
  }
}

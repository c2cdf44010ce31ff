package dev.derp4j.mesh;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.derp4j.codec.FrameWriter;
import dev.derp4j.frame.PeerGoneReason;
import dev.derp4j.key.NodePrivateKey;
import dev.derp4j.key.NodePublicKey;
import dev.derp4j.metrics.Metrics;
import dev.derp4j.routing.DuplicatePolicy;
import dev.derp4j.routing.Registry;
import dev.derp4j.session.RelayLoop;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/// What a neighbour says of who is connected there, and what becomes of it.
class PresenceReaderTest implements PresenceReader.Listener {
  private static final NodePublicKey ALICE = NodePrivateKey.generate().publicKey();
  private static final NodePublicKey BOB = NodePrivateKey.generate().publicKey();

  private final Registry registry = new Registry(DuplicatePolicy.LAST_WRITER_ACTIVE);
  private final EmbeddedChannel channel = new EmbeddedChannel();
  private final RelayLoop loop =
      RelayLoop.attach(channel.eventLoop(), new Metrics("test", "derper"), false);
  private final List<String> ends = new ArrayList<>();
  private final List<NodePublicKey> notHere = new ArrayList<>();
  private int keys;

  private final MeshLink link =
      new MeshLink(
          null, // asked only for drops, of which there are none here
          loop,
          channel,
          new NeighbourCounts(),
          MeshTiming.STANDARD,
          (ended, why) -> ends.add(why));
  private final PresenceReader reader = new PresenceReader(registry, loop, link, this);

  @AfterEach
  void close() {
    channel.finishAndReleaseAll();
  }

  @Override
  public void changed(int keysMore) {
    keys += keysMore;
  }

  @Override
  public void notHere(NodePublicKey key) {
    notHere.add(key);
  }

  @Override
  public void restarting() {}

  @Test
  void whoComesIsReachedThroughTheLinkUntilItGoes() {
    hear(present(ALICE), present(BOB), present(ALICE));
    assertThat(registry.find(ALICE).forwarder()).isSameAs(link);
    assertThat(keys).isEqualTo(2);
    hear(out -> FrameWriter.writePeerGone(out, ALICE, PeerGoneReason.DISCONNECTED));
    assertThat(registry.find(ALICE)).isNull();
    assertThat(registry.find(BOB).forwarder()).isSameAs(link);
    assertThat(keys).isEqualTo(1);
  }

  @Test
  void whoIsNotThereAfterAllIsForgotten() {
    hear(present(ALICE), out -> FrameWriter.writePeerGone(out, ALICE, PeerGoneReason.NOT_HERE));
    assertThat(registry.find(ALICE)).isNull();
    assertThat(notHere).containsExactly(ALICE);
  }

  @Test
  void aByteAtATimeMeansTheSame() {
    ByteBuf all = Unpooled.buffer();
    present(ALICE).accept(all);
    present(BOB).accept(all);
    FrameWriter.writePeerGone(all, ALICE, PeerGoneReason.DISCONNECTED);
    while (all.isReadable()) {
      reader.channelRead(null, all.readBytes(1));
    }
    assertThat(registry.find(ALICE)).isNull();
    assertThat(registry.find(BOB).forwarder()).isSameAs(link);
  }

  @Test
  void whatArrivesBehindTheEndIsNotLearnt() {
    hear(present(ALICE));
    link.close("enough");
    hear(present(BOB), out -> FrameWriter.writePeerGone(out, ALICE, PeerGoneReason.NOT_HERE));
    assertThat(registry.find(BOB)).isNull();
    assertThat(keys).isEqualTo(1);
    assertThat(ends).containsExactly("enough");
  }

  @Test
  void whatIsNoDerpEndsTheConnectionAndKeepsWhatWasSaidBefore() {
    hear(present(ALICE), out -> out.writeByte(3).writeInt(Integer.MAX_VALUE));
    assertThat(ends).hasSize(1);
    assertThat(registry.find(ALICE).forwarder()).isSameAs(link);
  }

  /// To search for real: `JAZZER_FUZZ=1 mvn -pl derp4j-server -am test
  /// -Dsurefire.failIfNoSpecifiedTests=false -Dtest='PresenceReaderTest#anyBytesInAnyPieces'`.
  @FuzzTest(maxDuration = "1m")
  void anyBytesInAnyPieces(byte[] input) {
    int start = 0;
    while (start < input.length) {
      int end = Math.min(input.length, start + 1 + (input[start] & 63));
      reader.channelRead(null, Unpooled.copiedBuffer(input, start, end - start));
      start = end;
    }
    assertThat(keys).isEqualTo(registry.region().keys());
    assertThat(ends).hasSizeLessThan(2);
  }

  @Test
  void damagedConversationsEndTheConnectionAtMost() {
    for (int seed = 0; seed < 200; seed++) {
      Random random = new Random(seed);
      ByteBuf frames = Unpooled.buffer();
      for (int i = 0; i < 20; i++) {
        present(random.nextBoolean() ? ALICE : BOB).accept(frames);
        FrameWriter.writePing(frames, random.nextLong());
      }
      byte[] bytes = new byte[frames.readableBytes()];
      frames.readBytes(bytes);
      bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
      PresenceReaderTest fresh = new PresenceReaderTest();
      fresh.anyBytesInAnyPieces(bytes);
      fresh.close();
    }
  }

  private static Consumer<ByteBuf> present(NodePublicKey key) {
    return out -> FrameWriter.writePeerPresent(out, key, new byte[16], 1, 1, new byte[0]);
  }

  @SafeVarargs
  private void hear(Consumer<ByteBuf>... frames) {
    ByteBuf bytes = Unpooled.buffer();
    for (Consumer<ByteBuf> frame : frames) {
      frame.accept(bytes);
    }
    reader.channelRead(null, bytes);
  }
}

package dev.derp4j.session;

import dev.derp4j.codec.FrameDecoder;
import dev.derp4j.codec.ProtocolException;
import dev.derp4j.frame.Frame;
import dev.derp4j.frame.PeerGoneReason;
import dev.derp4j.metrics.Metrics;
import dev.derp4j.routing.DuplicatePolicy;
import dev.derp4j.routing.PeerEntry;
import dev.derp4j.routing.Registry;
import dev.derp4j.routing.TestKeys;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class MeshFeedTest {
  private final Registry registry = new Registry(DuplicatePolicy.LAST_WRITER_ACTIVE);
  private final AtomicInteger wakes = new AtomicInteger();
  private final MeshFeed feed = new MeshFeed(wakes::incrementAndGet, new Metrics("test", "derper"));

  @Test
  void wakesItsConnectionOnceUntilAllIsWritten() {
    registry.watch(feed);
    registry.register(new StandIn(1));
    registry.register(new StandIn(2));
    assertThat(wakes).hasValue(1);
    assertThat(batch()).hasSize(2);
    registry.register(new StandIn(3));
    registry.register(new StandIn(4));
    assertThat(wakes).hasValue(2);
  }

  @Test
  void anEmptyFloodDoesNotKeepItAsleep() {
    registry.watch(feed);
    assertThat(wakes).hasValue(0);
    registry.register(new StandIn(1));
    assertThat(wakes).hasValue(1);
  }

  @Test
  void aWatcherThatDoesNotReadCostsOneNotePerKeyHoweverOftenItChanges() {
    registry.watch(feed);
    for (int round = 0; round < 10_000; round++) {
      StandIn peer = new StandIn(round % 7);
      registry.register(peer);
      registry.unregister(peer);
    }
    List<Frame> notes = batch();
    assertThat(notes).hasSize(7).allMatch(Frame.PeerGone.class::isInstance);
    assertThat(feed.hasWaiting()).isFalse();
    assertThat(wakes).hasValue(1);
  }

  @Test
  void theLastOfSeveralChangesIsToldAndInTheOrderOfTheLast() {
    StandIn first = new StandIn(1);
    StandIn second = new StandIn(2);
    registry.watch(feed);
    registry.register(first);
    registry.register(second);
    registry.unregister(first);
    registry.register(first);
    registry.unregister(second);
    assertThat(batch())
        .containsExactly(
            present(first), new Frame.PeerGone(second.key(), PeerGoneReason.DISCONNECTED));
  }

  @Test
  void whoLeftBeforeTheFloodReachedItIsOnlySaidToBeGone() {
    StandIn leaving = new StandIn(1);
    StandIn staying = new StandIn(2);
    registry.register(leaving);
    registry.register(staying);
    registry.watch(feed);
    registry.unregister(leaving);
    assertThat(batch())
        .containsExactly(
            present(staying), new Frame.PeerGone(leaving.key(), PeerGoneReason.DISCONNECTED));
  }

  @Test
  void whoLeftAndCameBackBeforeTheFloodReachedItIsPresent() {
    StandIn before = new StandIn(1);
    StandIn after = new StandIn(1, "again");
    registry.register(before);
    registry.watch(feed);
    registry.unregister(before);
    registry.register(after);
    assertThat(batch()).containsExactly(present(after));
  }

  @Test
  void aFloodOfNobodyWhoIsLeftWritesNothing() {
    StandIn leaving = new StandIn(1);
    registry.register(leaving);
    PeerEntry[] stale = {registry.find(leaving.key())};
    registry.unregister(leaving);
    feed.flood(stale);
    assertThat(batch()).isEmpty();
    assertThat(feed.hasWaiting()).isFalse();
    feed.presenceChanged(leaving.key(), leaving);
    assertThat(wakes).hasValue(2);
  }

  @Test
  void noBatchIsLongerThanItsLimitNorMuchShorterWhileMoreWaits() {
    Set<Frame> expected = new HashSet<>();
    for (int i = 0; i < 3_000; i++) {
      StandIn peer = new StandIn(i, "x".repeat(i % 33));
      registry.register(peer);
      expected.add(present(peer));
    }
    registry.watch(feed);
    for (int i = 0; i < 1_000; i++) {
      StandIn peer = new StandIn(5_000 + i);
      registry.register(peer);
      expected.add(present(peer));
    }
    List<Frame> all = new ArrayList<>();
    while (feed.hasWaiting()) {
      ByteBuf out = Unpooled.buffer();
      int frames = feed.write(out);
      assertThat(out.readableBytes()).isLessThanOrEqualTo(MeshFeed.BATCH_BYTES);
      if (feed.hasWaiting()) {
        assertThat(out.readableBytes()).isGreaterThan(MeshFeed.BATCH_BYTES - 100);
      }
      List<Frame> batch = decoded(out);
      assertThat(batch).hasSize(frames);
      all.addAll(batch);
    }
    assertThat(all).hasSize(4_000);
    assertThat(new HashSet<>(all)).isEqualTo(expected);
  }

  @Test
  void whatIsWrittenBehindOtherFramesStaysWithinTheBatch() {
    for (int i = 0; i < 1_000; i++) {
      registry.register(new StandIn(i));
    }
    registry.watch(feed);
    ByteBuf out = Unpooled.buffer();
    out.writeZero(MeshFeed.BATCH_BYTES - 50);
    assertThat(feed.write(out)).isZero();
    assertThat(out.readableBytes()).isEqualTo(MeshFeed.BATCH_BYTES - 50);
    assertThat(feed.hasWaiting()).isTrue();
  }

  @Test
  void aSecondFloodReplacesTheRestOfTheFirst() {
    for (int i = 0; i < 1_000; i++) {
      registry.register(new StandIn(i));
    }
    registry.watch(feed);
    feed.write(Unpooled.buffer());
    registry.watch(feed);
    List<Frame> all = new ArrayList<>();
    while (feed.hasWaiting()) {
      all.addAll(batch());
    }
    assertThat(all).hasSize(1_000).doesNotHaveDuplicates();
  }

  /// A thread reads batches while others come and go: at the end the watcher's picture is right.
  @Test
  void changesFromOtherThreadsAreNeitherLostNorLeftLying() throws InterruptedException {
    AtomicBoolean done = new AtomicBoolean();
    Set<Object> picture = new HashSet<>();
    registry.watch(feed);
    Thread reader =
        new Thread(
            () -> {
              boolean last;
              do {
                last = done.get();
                for (Frame frame : batch()) {
                  switch (frame) {
                    case Frame.PeerPresent come -> picture.add(come.peer());
                    case Frame.PeerGone go -> picture.remove(go.peer());
                    default -> throw new AssertionError(frame);
                  }
                }
              } while (!last || feed.hasWaiting());
            });
    reader.start();
    Random random = new Random(3);
    Set<StandIn> here = new HashSet<>();
    for (int i = 0; i < 20_000; i++) {
      StandIn peer = new StandIn(random.nextInt(500));
      if (random.nextBoolean()) {
        registry.register(peer);
        here.add(peer);
      } else if (!here.isEmpty()) {
        StandIn leaving = here.iterator().next();
        here.remove(leaving);
        registry.unregister(leaving);
      }
    }
    done.set(true);
    reader.join();
    Set<Object> keys = new HashSet<>();
    here.forEach(peer -> keys.add(peer.key()));
    assertThat(picture).isEqualTo(keys);
  }

  private List<Frame> batch() {
    ByteBuf out = Unpooled.buffer();
    feed.write(out);
    return decoded(out);
  }

  private static List<Frame> decoded(ByteBuf out) {
    List<Frame> frames = new ArrayList<>();
    try {
      FrameDecoder.forServerFrames().decode(out, frames::add);
    } catch (ProtocolException broken) {
      throw new AssertionError(broken);
    }
    return frames;
  }

  private static Frame present(StandIn peer) {
    return new Frame.PeerPresent(
        peer.key(), peer.remoteAddress(), peer.presenceFlags(), peer.appName());
  }

  /// A connection that is only there to be watched.
  private static final class StandIn extends SilentPeer {
    StandIn(int key) {
      this(key, "");
    }

    StandIn(int key, String appName) {
      super(TestKeys.key(key), appName);
    }
  }
}

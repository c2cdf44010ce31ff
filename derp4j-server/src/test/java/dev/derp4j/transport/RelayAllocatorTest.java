package dev.derp4j.transport;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/// The buffers of a connection come from memory that stays: taking and giving back does not go to
/// the operating system, which without `Unsafe` costs a handshake with all threads each time.
class RelayAllocatorTest {
  private static final int READ_BYTES = 64 * 1024;

  @AutoClose private final RelayEventLoops loops = new RelayEventLoops(Transport.choose(), 1);
  @AutoClose private Socket client;
  @TempDir private Path directory;

  private Channel channel;

  @BeforeEach
  void connect() throws Exception {
    BlockingQueue<Channel> accepted = new LinkedBlockingQueue<>();
    InetSocketAddress address =
        loops.listen(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
            new SocketOptions(Duration.ZERO, Duration.ZERO),
            new ChannelInitializer<>() {
              @Override
              protected void initChannel(Channel channel) {
                accepted.add(channel);
              }
            });
    client = new Socket(address.getAddress(), address.getPort());
    channel = accepted.take();
  }

  @Test
  void itIsPooledDirectMemoryWithAnArenaPerLoop() {
    ByteBuf buffer = channel.alloc().buffer(READ_BYTES);
    assertThat(buffer.isDirect()).isTrue();
    buffer.release();
    PooledByteBufAllocator pool = (PooledByteBufAllocator) channel.alloc();
    assertThat(pool.metric().numDirectArenas()).isEqualTo(1);
    assertThat(pool.metric().numHeapArenas()).isZero();
    assertThat(pool.metric().chunkSize()).isEqualTo(4 << 20);
  }

  @Test
  void aHundredThousandReadsOneAfterTheOtherTakeNoNewMemory() throws Exception {
    channel.eventLoop().submit(() -> reads(1, 1)).sync();
    assertThat(chunksMade(() -> reads(1, 100_000))).isZero();
  }

  @ParameterizedTest
  @ValueSource(ints = {4, 20, 60})
  void burstsThatHoldSomeReadsAtATimeTakeNoNewMemoryEither(int readsAtOnce) throws Exception {
    channel.eventLoop().submit(() -> reads(readsAtOnce, 1)).sync();
    assertThat(chunksMade(() -> reads(readsAtOnce, 500))).isZero();
  }

  /// Takes some buffers and gives them all back, again and again.
  private void reads(int atOnce, int times) {
    ArrayDeque<ByteBuf> held = new ArrayDeque<>();
    for (int i = 0; i < times; i++) {
      while (held.size() < atOnce) {
        held.add(channel.alloc().directBuffer(READ_BYTES));
      }
      while (!held.isEmpty()) {
        held.remove().release();
      }
    }
  }

  /// How many chunks Netty allocates, of any pool, while a task runs on the loop.
  private long chunksMade(Runnable task) throws Exception {
    try (Recording recording = new Recording()) {
      recording.enable("io.netty.AllocateChunk");
      recording.start();
      channel.eventLoop().submit(task).sync();
      recording.stop();
      Path file = directory.resolve("chunks.jfr");
      recording.dump(file);
      return RecordingFile.readAllEvents(file).size();
    }
  }
}

package dev.derp4j.bench.micro;

import dev.derp4j.codec.FrameWriter;
import dev.derp4j.key.NodePrivateKey;
import dev.derp4j.key.NodePublicKey;
import dev.derp4j.session.QueueMemory;
import dev.derp4j.session.SendQueue;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/// What the queue of a slow receiver costs: a packet put in and taken out, and a packet put in
/// where the oldest has to go.
///
/// ```text
/// mvn -q -pl derp4j-benchmarks -am -DskipTests package
/// cd derp4j-benchmarks
/// java -cp target/classes:$(cat target/classpath) org.openjdk.jmh.Main SendQueueBenchmark -prof gc
/// ```
///
/// `-prof gc` adds the bytes allocated per operation. A short run: `-f 1 -wi 2 -i 3`.
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(
    value = 2,
    jvmArgsAppend = {
      "-XX:+UseSerialGC",
      "-XX:+UseCompactObjectHeaders",
      "-Xmx2g",
      "--enable-native-access=ALL-UNNAMED"
    })
public class SendQueueBenchmark {
  private static final int DEPTH = 32;
  private static final int SIZE = 1280;

  private final NodePublicKey source = NodePrivateKey.generate().publicKey();
  private final NodePublicKey destination = NodePrivateKey.generate().publicKey();
  private final QueueMemory memory = new QueueMemory(1 << 24);
  private final SendQueue passing = new SendQueue(DEPTH, memory);
  private final SendQueue full = new SendQueue(DEPTH, memory);
  private final ByteBuf frame = PooledByteBufAllocator.DEFAULT.directBuffer(2048);
  private long dropped;

  /// Prepares a frame, and fills one of the queues with it.
  @Setup
  public void fill() {
    FrameWriter.writeRecvPacket(frame, source, new byte[SIZE]);
    for (int i = 0; i < DEPTH; i++) {
      full.add(run(), (kind, from, to, bytes) -> dropped++);
    }
  }

  /// Empties it.
  @TearDown
  public void release() {
    full.clear((kind, from, to, bytes) -> dropped++);
    frame.release();
  }

  /// The same bytes each time: copying them is not the queue's doing.
  private SendQueue.Run run() {
    return new SendQueue.Run(source, destination, frame.retainedDuplicate(), 1, false, 0);
  }

  /// In and out.
  @Benchmark
  public int addAndPoll() {
    passing.add(run(), (kind, from, to, bytes) -> dropped++);
    SendQueue.Run run = passing.poll();
    if (run == null) {
      throw new IllegalStateException("empty");
    }
    int length = run.frames().readableBytes();
    run.frames().release();
    return length;
  }

  /// In, and the oldest out.
  @Benchmark
  public long addWhereTheOldestHasToGo() {
    full.add(run(), (kind, from, to, bytes) -> dropped++);
    return dropped;
  }
}

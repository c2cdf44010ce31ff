package dev.derp4j.bench.micro;

import dev.derp4j.codec.FrameDecoder;
import dev.derp4j.codec.FrameWriter;
import dev.derp4j.codec.ProtocolException;
import dev.derp4j.frame.Frame;
import dev.derp4j.key.NodePrivateKey;
import dev.derp4j.key.NodePublicKey;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.infra.Blackhole;

/// What it costs to turn bytes into frames and frames into bytes, as clients, tests and the
/// handshake do; the relay's data path rewrites packets where they lie and makes no frames.
///
/// ```text
/// mvn -q -pl derp4j-benchmarks -am -DskipTests package
/// cd derp4j-benchmarks
/// java -cp target/classes:$(cat target/classpath) org.openjdk.jmh.Main FrameCodec -prof gc
/// ```
///
/// `-prof gc` adds the bytes allocated per operation. A short run: `-p size=200 -f 1 -wi 2 -i 3`.
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
public class FrameCodec {
  /// Payload bytes of a packet.
  @Param({"60", "1280"})
  public int size;

  private final NodePublicKey key = NodePrivateKey.generate().publicKey();
  private final FrameDecoder decoder = FrameDecoder.forClientFrames();
  private final ByteBuf packet = PooledByteBufAllocator.DEFAULT.directBuffer(2048);
  private final ByteBuf out = PooledByteBufAllocator.DEFAULT.directBuffer(2048);
  private byte[] payload = new byte[0];

  /// Prepares one SendPacket frame.
  @Setup
  public void write() {
    payload = new byte[size];
    FrameWriter.writeSendPacket(packet, key, payload);
  }

  /// Gives the buffers back.
  @TearDown
  public void release() {
    packet.release();
    out.release();
  }

  /// Reads the frame.
  @Benchmark
  public void decode(Blackhole sink) throws ProtocolException {
    packet.readerIndex(0);
    decoder.decode(packet, (Frame frame) -> sink.consume(frame));
  }

  /// Writes a RecvPacket frame.
  @Benchmark
  public int encode() {
    out.clear();
    FrameWriter.writeRecvPacket(out, key, payload);
    return out.writerIndex();
  }
}

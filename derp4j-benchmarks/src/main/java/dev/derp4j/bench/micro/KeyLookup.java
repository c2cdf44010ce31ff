package dev.derp4j.bench.micro;

import dev.derp4j.key.NodePublicKey;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
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

/// What it costs to find a packet's destination: read its key out of a network buffer, look it up
/// in a table of as many keys as there are clients, in an order that no cache foresees.
///
/// ```text
/// mvn -q -pl derp4j-benchmarks -am -DskipTests package
/// cd derp4j-benchmarks
/// java -cp target/classes:$(cat target/classpath) org.openjdk.jmh.Main KeyLookup -prof gc
/// ```
///
/// `-prof gc` adds the bytes allocated per lookup. A short run: `-p keys=1000 -f 1 -wi 2 -i 3`.
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
public class KeyLookup {
  /// Addresses cycled through; more than fit a processor's caches along with the table's entries.
  private static final int PACKETS = 1 << 16;

  /// Keys in the table.
  @Param({"100", "1000", "10000", "100000", "1000000"})
  public int keys;

  private final ConcurrentHashMap<NodePublicKey, Integer> table = new ConcurrentHashMap<>();
  private final ByteBuf packets =
      PooledByteBufAllocator.DEFAULT.directBuffer(PACKETS * NodePublicKey.LENGTH);
  private int next;

  /// Fills the table, and the buffer with keys that are in it.
  @Setup
  public void fill() {
    SplittableRandom random = new SplittableRandom(1);
    NodePublicKey[] all = new NodePublicKey[keys];
    for (int i = 0; i < keys; i++) {
      all[i] =
          NodePublicKey.ofWords(
              random.nextLong(), random.nextLong(), random.nextLong(), random.nextLong());
      table.put(all[i], i);
    }
    for (int i = 0; i < PACKETS; i++) {
      all[random.nextInt(keys)].write(packets);
    }
  }

  /// Gives the buffer back.
  @TearDown
  public void release() {
    packets.release();
  }

  /// One lookup.
  @Benchmark
  public @Nullable Integer lookUp() {
    next = (next + 1) & (PACKETS - 1);
    return table.get(NodePublicKey.read(packets, next * NodePublicKey.LENGTH));
  }
}

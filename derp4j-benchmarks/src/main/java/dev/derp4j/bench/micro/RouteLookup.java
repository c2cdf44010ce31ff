package dev.derp4j.bench.micro;

import dev.derp4j.key.NodePublicKey;
import dev.derp4j.routing.DuplicatePolicy;
import dev.derp4j.routing.LocalPeer;
import dev.derp4j.routing.PeerEntry;
import dev.derp4j.routing.Registry;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import java.lang.reflect.Proxy;
import java.util.SplittableRandom;
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

/// What it costs the relay to find a packet's destination: the registry's own lookup by the bytes
/// in a network buffer, among as many keys as there are clients, in an order that no cache
/// foresees.
///
/// [KeyLookup] does the same with the JDK's concurrent map, for comparison.
///
/// ```text
/// mvn -q -pl derp4j-benchmarks -am -DskipTests package
/// cd derp4j-benchmarks
/// java -cp target/classes:$(cat target/classpath) org.openjdk.jmh.Main RouteLookup -prof gc
/// ```
///
/// `-prof gc` adds the bytes allocated per operation. A short run: `-p keys=1000 -f 1 -wi 2 -i 3`.
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
public class RouteLookup {
  /// Addresses cycled through; more than fit a processor's caches along with the table's entries.
  private static final int PACKETS = 1 << 16;

  /// Keys in the registry.
  @Param({"100", "1000", "10000", "100000", "1000000"})
  public int keys;

  private final Registry registry = new Registry(DuplicatePolicy.LAST_WRITER_ACTIVE);
  private final ByteBuf packets =
      PooledByteBufAllocator.DEFAULT.directBuffer(PACKETS * NodePublicKey.LENGTH);
  private int next;

  /// Registers a connection for each key, and fills the buffer with keys that are known.
  @Setup
  public void fill() {
    SplittableRandom random = new SplittableRandom(1);
    NodePublicKey[] all = new NodePublicKey[keys];
    for (int i = 0; i < keys; i++) {
      all[i] =
          NodePublicKey.ofWords(
              random.nextLong(), random.nextLong(), random.nextLong(), random.nextLong());
      registry.register(peer(all[i]));
    }
    for (int i = 0; i < PACKETS; i++) {
      all[random.nextInt(keys)].write(packets);
    }
  }

  /// A connection of which the registry asks nothing but its key.
  private static LocalPeer peer(NodePublicKey key) {
    return (LocalPeer)
        Proxy.newProxyInstance(
            RouteLookup.class.getClassLoader(),
            new Class<?>[] {LocalPeer.class},
            (proxy, method, arguments) -> {
              if (method.getName().equals("key")) {
                return key;
              }
              throw new UnsupportedOperationException(method.getName());
            });
  }

  /// Gives the buffer back.
  @TearDown
  public void release() {
    packets.release();
  }

  /// One lookup.
  @Benchmark
  public @Nullable PeerEntry find() {
    next = (next + 1) & (PACKETS - 1);
    return registry.find(packets, next * NodePublicKey.LENGTH);
  }
}

package dev.derp4j.bench.micro;

import dev.derp4j.handshake.ClientInfo;
import dev.derp4j.handshake.SharedBox;
import dev.derp4j.key.NodePrivateKey;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/// What the boxes of a handshake cost: the curve product of two keys, sealing, opening.
///
/// A server makes one product, opens one box and seals one for each client that connects.
///
/// ```text
/// mvn -q -pl derp4j-benchmarks -am -DskipTests package
/// cd derp4j-benchmarks
/// java -cp target/classes:$(cat target/classpath) org.openjdk.jmh.Main SealedBox -prof gc
/// ```
///
/// `-prof gc` adds the bytes allocated per operation. A short run: `-f 1 -wi 2 -i 3`.
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
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
public class SealedBox {
  private final NodePrivateKey server = NodePrivateKey.generate();
  private final NodePrivateKey client = NodePrivateKey.generate();
  private final SharedBox box = SharedBox.between(server, client.publicKey());
  private final byte[] plain = ClientInfo.plain().toJson();
  private byte[] nonce = new byte[0];
  private byte[] sealed = new byte[0];

  /// Prepares what a client sends.
  @Setup
  public void seal() {
    byte[] both = SharedBox.between(client, server.publicKey()).sealWithRandomNonce(plain);
    nonce = Arrays.copyOf(both, SharedBox.NONCE_LENGTH);
    sealed = Arrays.copyOfRange(both, SharedBox.NONCE_LENGTH, both.length);
  }

  /// The product of our private and a client's public key.
  @Benchmark
  public SharedBox agree() {
    return SharedBox.between(server, client.publicKey());
  }

  /// Opens a client's box.
  @Benchmark
  public byte @Nullable [] open() {
    return box.open(nonce, sealed);
  }

  /// Seals ours.
  @Benchmark
  public byte[] sealWithRandomNonce() {
    return box.sealWithRandomNonce(plain);
  }
}

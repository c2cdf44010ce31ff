package dev.derp4j.bench.micro;

import dev.derp4j.stun.BindingAnswer;
import dev.derp4j.stun.BindingRequest;
import dev.derp4j.stun.RequestChecker;
import dev.derp4j.stun.RequestVerdict;
import dev.derp4j.stun.TransactionId;
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
import org.openjdk.jmh.annotations.Warmup;

/// What a STUN server does with a datagram, apart from the system calls: look whether it is a
/// request of ours, checksum and all, and write the answer.
///
/// ```text
/// mvn -q -pl derp4j-benchmarks -am -DskipTests package
/// cd derp4j-benchmarks
/// java -cp target/classes:$(cat target/classpath) org.openjdk.jmh.Main StunAnswer -prof gc
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
public class StunAnswer {
  private final RequestChecker checker = new RequestChecker();
  private final byte[] address = {127, 0, 0, 1};
  private final byte[] answer = new byte[BindingAnswer.IPV6_LENGTH];
  private byte[] request = new byte[0];
  private byte[] foreign = new byte[0];

  /// Makes a valid request, and one whose checksum is wrong.
  @Setup
  public void ask() {
    request = BindingRequest.encode(TransactionId.random());
    foreign = request.clone();
    foreign[foreign.length - 1]++;
  }

  /// Checks and answers.
  @Benchmark
  public int answer() {
    return checker.check(request, 0, request.length) == RequestVerdict.VALID
        ? BindingAnswer.write(request, 0, address, address.length, 41641, answer)
        : 0;
  }

  /// Checks what is not to be answered.
  @Benchmark
  public RequestVerdict refuse() {
    return checker.check(foreign, 0, foreign.length);
  }
}

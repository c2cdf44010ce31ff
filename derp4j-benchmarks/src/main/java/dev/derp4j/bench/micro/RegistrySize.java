package dev.derp4j.bench.micro;

import dev.derp4j.key.NodePublicKey;
import dev.derp4j.routing.DuplicatePolicy;
import dev.derp4j.routing.Forwarder;
import dev.derp4j.routing.Registry;
import io.netty.buffer.ByteBuf;
import java.util.List;
import java.util.Random;

/// How much memory the registry takes for each key that another node of the region has: what is in
/// use of the heap with a million keys, less what was in use before, after garbage collection.
///
/// ```text
/// java -XX:+UseSerialGC -XX:+UseCompactObjectHeaders -Xmx2g \
///   -cp target/classes:$(cat target/classpath) dev.derp4j.bench.micro.RegistrySize
/// ```
public final class RegistrySize {
  private static final int KEYS = 1_000_000;

  private RegistrySize() {}

  /// Prints bytes per key.
  public static void main(String[] arguments) {
    Forwarder elsewhere =
        (NodePublicKey source, NodePublicKey key, ByteBuf run, int packets, boolean disco) ->
            run.release();
    Registry registry = new Registry(DuplicatePolicy.LAST_WRITER_ACTIVE);
    Random random = new Random(1);
    byte[] key = new byte[NodePublicKey.LENGTH];
    long before = used();
    for (int i = 0; i < KEYS; i++) {
      random.nextBytes(key);
      registry.addForwarder(List.of(NodePublicKey.of(key)), elsewhere);
    }
    long added = used() - before;
    // Asked now, so that it cannot have been collected before.
    int held = registry.region().keys();
    System.out.printf("%,d keys, %.1f bytes each%n", held, (double) added / held);
  }

  @SuppressWarnings("DoNotCallSuggester")
  private static long used() {
    System.gc();
    return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
  }
}

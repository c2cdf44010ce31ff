package dev.derp4j.systemtests;

import dev.derp4j.client.DerpClient;
import dev.derp4j.client.DerpMessage;
import java.io.IOException;
import java.time.Duration;
import java.util.function.Predicate;

/// Waiting for messages, with an end.
final class Expect {
  static final Duration LIMIT = Duration.ofSeconds(20);

  private Expect() {}

  /// The next message of a type that fits, whatever comes before it.
  static <M extends DerpMessage> M message(DerpClient client, Class<M> type, Predicate<M> fits)
      throws IOException, InterruptedException {
    long deadline = System.nanoTime() + LIMIT.toNanos();
    while (true) {
      Duration left = Duration.ofNanos(deadline - System.nanoTime());
      DerpMessage message =
          (left.isPositive() ? client.receive(left) : java.util.Optional.<DerpMessage>empty())
              .orElseThrow(
                  () -> new AssertionError("no " + type.getSimpleName() + " within " + LIMIT));
      if (type.isInstance(message) && fits.test(type.cast(message))) {
        return type.cast(message);
      }
    }
  }

  static <M extends DerpMessage> M message(DerpClient client, Class<M> type)
      throws IOException, InterruptedException {
    return message(client, type, any -> true);
  }

  static byte[] packet(DerpClient client) throws IOException, InterruptedException {
    return message(client, DerpMessage.Packet.class).payload();
  }
}

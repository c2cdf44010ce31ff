package dev.derp4j.server;

import dev.derp4j.frame.Frame;
import dev.derp4j.metrics.Metric;
import dev.derp4j.testkit.DerpTestClient;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

import static dev.derp4j.server.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

/// Many pairs for a while: nothing lost, changed, reordered or kept.
///
/// A pair never has more on its way than its queue holds, so whatever is missing was lost by the
/// relay. What is sent comes from [#SEED]; only when it is sent is the machine's affair.
class DerpRelaySoakTest {
  private static final long SEED = 20_251_101;
  private static final int PAIRS = 20;
  private static final Duration TIME = Duration.ofSeconds(6);
  private static final int DEPTH = 64;
  private static final int LARGEST = 2000;

  @Test
  void twentyPairsOverTlsLoseNothing() throws Exception {
    try (TestRelay relay =
            TestRelay.start(Wiring.overTls(), config -> config.sendQueueDepth(DEPTH));
        ExecutorService threads = Executors.newCachedThreadPool()) {
      List<Pair> pairs = new ArrayList<>();
      try {
        for (int i = 0; i < PAIRS; i++) {
          pairs.add(new Pair(relay.connect(), relay.connect(), new Random(SEED + i)));
        }
        long end = System.nanoTime() + TIME.toNanos();
        List<Future<Integer>> halves = new ArrayList<>();
        for (Pair pair : pairs) {
          halves.add(threads.submit(pair.sender(end)));
          halves.add(threads.submit(pair.receiver()));
        }
        long sentAndReceived = 0;
        for (Future<Integer> half : halves) {
          sentAndReceived += half.get(2 * Eventually.LIMIT.toSeconds(), TimeUnit.SECONDS);
        }

        long received = sentAndReceived / 2;
        assertThat(received).isGreaterThan(PAIRS * DEPTH);
        // A burst is counted once it is flushed: the last packets may be here before their count.
        eventually(
            () -> {
              assertThat(relay.value(Metric.DERP_PACKETS_RECEIVED)).isEqualTo(received);
              assertThat(relay.value(Metric.DERP_PACKETS_SENT)).isEqualTo(received);
            });
        assertThat(relay.dropped()).isZero();
        assertThat(relay.closed()).isZero();
      } finally {
        for (Pair pair : pairs) {
          pair.close();
        }
      }
    }
  }

  /// One who sends in bursts and one who checks what arrives.
  private record Pair(DerpTestClient from, DerpTestClient to, Random random, Semaphore room) {
    /// Longer than any packet, so it cannot be taken for one.
    private static final byte[] LAST = new byte[LARGEST + 1];

    Pair(DerpTestClient from, DerpTestClient to, Random random) {
      this(from, to, random, new Semaphore(DEPTH));
    }

    Callable<Integer> sender(long end) {
      return () -> {
        int number = 0;
        while (System.nanoTime() < end) {
          Frame[] burst = new Frame[1 + random.nextInt(DEPTH / 2)];
          for (int i = 0; i < burst.length; i++) {
            burst[i] = new Frame.SendPacket(to.publicKey(), next(number++));
          }
          take(burst.length);
          from.write(burst);
        }
        take(1);
        from.send(to.publicKey(), LAST);
        return number + 1;
      };
    }

    private byte[] next(int number) {
      return Packets.numbered(number, Packets.LEAST + random.nextInt(LARGEST - Packets.LEAST));
    }

    private void take(int packets) throws InterruptedException {
      if (!room.tryAcquire(packets, Eventually.LIMIT.toSeconds(), TimeUnit.SECONDS)) {
        throw new AssertionError("packets were lost: " + room.availablePermits() + " arrived");
      }
    }

    Callable<Integer> receiver() {
      return () -> {
        int number = 0;
        while (true) {
          byte[] packet = Packets.receive(to).payload();
          room.release();
          if (packet.length == LAST.length) {
            return number + 1;
          }
          assertThat(Packets.numberOf(packet)).isEqualTo(number++);
        }
      };
    }

    void close() throws IOException {
      from.close();
      to.close();
    }
  }
}

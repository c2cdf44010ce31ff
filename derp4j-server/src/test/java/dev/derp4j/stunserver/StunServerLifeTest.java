package dev.derp4j.stunserver;

import com.sun.management.ThreadMXBean;
import dev.derp4j.stun.BindingRequest;
import dev.derp4j.stun.TransactionId;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;

class StunServerLifeTest {
  private static final InetSocketAddress LOOPBACK = TestClient.at("127.0.0.1", 0);

  private final StunMetrics metrics = new StunMetrics();

  private StunServer start(StunServerTest.Kind kind, InetSocketAddress listen) throws IOException {
    return StunServer.start(listen, metrics, line -> {}, kind.noNative());
  }

  @ParameterizedTest
  @EnumSource
  void closingAnIdleServerTakesNoTime(StunServerTest.Kind kind) throws IOException {
    long before = System.nanoTime();
    for (int i = 0; i < 20; i++) {
      StunServer server = start(kind, LOOPBACK);
      try (TestClient client = new TestClient("127.0.0.1")) {
        client.ask(server.localAddress());
      }
      server.close();
      server.close();
    }
    // The receive time-out alone would need 20 s.
    assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(Duration.ofSeconds(10));
  }

  @ParameterizedTest
  @EnumSource
  void closingUnderLoadFreesThePortAtOnce(StunServerTest.Kind kind) throws Exception {
    AtomicBoolean done = new AtomicBoolean();
    StunServer first = start(kind, LOOPBACK);
    InetSocketAddress address = first.localAddress();
    first.close();
    Thread flood = Thread.ofPlatform().start(() -> flood(address, done));
    try {
      for (int i = 0; i < 20; i++) {
        long answered = metrics.success.sum();
        try (StunServer server = start(kind, address)) {
          assertThat(server.localAddress()).isEqualTo(address);
          Awaitility.await()
              .pollDelay(Duration.ZERO)
              .pollInterval(Duration.ofMillis(1))
              .until(() -> metrics.success.sum() >= answered + 100);
        }
      }
    } finally {
      done.set(true);
      flood.join();
    }
    assertThat(metrics.readError.sum()).isZero();
  }

  private static void flood(InetSocketAddress to, AtomicBoolean done) {
    byte[] request = BindingRequest.encode(TransactionId.random());
    try (TestClient client = new TestClient("127.0.0.1")) {
      while (!done.get()) {
        client.send(request, to);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @ParameterizedTest
  @EnumSource
  void twoHundredLivesLeaveNoDescriptorAndNoThreadBehind(StunServerTest.Kind kind)
      throws IOException {
    Path descriptors = Path.of("/proc/self/fd");
    Assumptions.assumeTrue(Files.isDirectory(descriptors), "SKIPPED: no /proc here");
    start(kind, LOOPBACK).close();
    long before = count(descriptors);
    for (int i = 0; i < 200; i++) {
      StunServer server = start(kind, LOOPBACK);
      try (server) {
        assertThatBusy(kind, server.localAddress());
      }
      assertThat(server.thread().isAlive()).isFalse();
    }
    assertThat(count(descriptors)).isLessThan(before + 20);
  }

  /// A start that fails must leave nothing behind either.
  private void assertThatBusy(StunServerTest.Kind kind, InetSocketAddress address) {
    try (StunServer second = start(kind, address)) {
      throw new AssertionError("two servers on " + second.localAddress());
    } catch (IOException e) {
      assertThat(e).hasMessageContaining("address already in use");
    }
  }

  private static long count(Path directory) throws IOException {
    try (Stream<Path> entries = Files.list(directory)) {
      return entries.count();
    }
  }

  @Test
  void servingAllocatesNothingPerRequest() throws IOException {
    TestClient.assumeNative();
    StunServer server = start(StunServerTest.Kind.NATIVE, LOOPBACK);
    try (server;
        TestClient client = new TestClient("127.0.0.1")) {
      ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
      long perRequest = Long.MAX_VALUE;
      // Interpreted code does allocate; the compiler needs a while to see the whole path.
      for (int round = 0; round < 30 && perRequest > 0; round++) {
        long before = threads.getThreadAllocatedBytes(server.thread().threadId());
        exchange(client, server, 20_000);
        long after = threads.getThreadAllocatedBytes(server.thread().threadId());
        perRequest = (after - before) / 20_000;
      }
      assertThat(perRequest).isZero();
    }
  }

  private static void exchange(TestClient client, StunServer server, int requests)
      throws IOException {
    byte[] request = BindingRequest.encode(TransactionId.random());
    int burst = 20;
    for (int i = 0; i < requests; i += burst) {
      for (int j = 0; j < burst; j++) {
        client.send(request, server.localAddress());
      }
      for (int j = 0; j < burst; j++) {
        client.receive();
      }
    }
  }
}

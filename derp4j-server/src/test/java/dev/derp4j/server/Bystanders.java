package dev.derp4j.server;

import dev.derp4j.testkit.DerpTestClient;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;

/// Two clients that do nothing but exchange packets, and mind if one is missing, late or changed,
/// or if they hear of anything else.
final class Bystanders implements AutoCloseable {
  private static final int[] SIZES = {0, 4, 62, 1280, 20_000};

  /// Between two rounds: their business is to be there, not to load the machine.
  private static final long PAUSE_NANOS = 500_000;

  private final DerpTestClient alice;
  private final DerpTestClient bob;
  private int number;

  /// What is done to the relay meanwhile.
  interface Action {
    void run() throws Exception;
  }

  Bystanders(TestRelay relay) throws IOException {
    alice = relay.connect();
    bob = relay.connect();
  }

  /// A round of packets both ways.
  void exchange() throws IOException {
    for (int size : SIZES) {
      byte[] packet = size < Packets.LEAST ? new byte[size] : Packets.numbered(number++, size);
      Packets.pass(alice, bob, packet);
      Packets.pass(bob, alice, packet);
    }
  }

  /// Exchanges packets before the action, all the time while it runs, and after it.
  void exchangeWhile(Action action) throws Exception {
    exchange();
    AtomicBoolean over = new AtomicBoolean();
    CompletableFuture<Void> rounds = new CompletableFuture<>();
    Thread.ofPlatform().name("bystanders").start(() -> exchangeUntil(over, rounds));
    try {
      action.run();
    } finally {
      over.set(true);
      finish(rounds);
    }
    exchange();
  }

  private void exchangeUntil(AtomicBoolean over, CompletableFuture<Void> rounds) {
    try {
      do {
        exchange();
        LockSupport.parkNanos(PAUSE_NANOS);
      } while (!over.get());
      rounds.complete(null);
    } catch (IOException | RuntimeException | Error disturbed) {
      rounds.completeExceptionally(disturbed);
    }
  }

  private static void finish(CompletableFuture<Void> rounds) throws Exception {
    try {
      rounds.get(2 * Eventually.LIMIT.toSeconds(), TimeUnit.SECONDS);
    } catch (ExecutionException disturbed) {
      throw new AssertionError("the well-behaved clients were disturbed", disturbed.getCause());
    } catch (TimeoutException stuck) {
      throw new AssertionError("the well-behaved clients are stuck", stuck);
    }
  }

  @Override
  public void close() throws IOException {
    alice.close();
    bob.close();
  }
}

package dev.derp4j.client.dial;

import io.netty.channel.EventLoop;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/// Asks the system's resolver through the JDK, which also caches its answers.
///
/// A DNS client of our own on the event loops would need no threads, but it would know only part of
/// what makes names resolve on a machine (name service switch, split DNS, a rewritten
/// `resolv.conf`), and cost a relay its classes and buffers for a handful of names.
///
/// The system's lookup cannot be interrupted: where the name servers are silent, it keeps its
/// thread for as long as the system is patient. So threads and waiting lookups are bounded, and a
/// lookup that was cancelled while it waited is not made at all. Thread-safe.
final class SystemResolver implements HostResolver {
  private static final int THREADS = 4;
  private static final int WAITING = 256;
  private static final int IDLE_SECONDS = 5;

  private final ThreadPoolExecutor threads;

  SystemResolver() {
    threads =
        new ThreadPoolExecutor(
            THREADS,
            THREADS,
            IDLE_SECONDS,
            TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(WAITING),
            Thread.ofPlatform().daemon().name("derp4j-dns-", 0).factory());
    threads.allowCoreThreadTimeOut(true);
  }

  @Override
  public CompletableFuture<List<InetAddress>> resolve(String host, EventLoop loop) {
    CompletableFuture<List<InetAddress>> answer = new CompletableFuture<>();
    try {
      threads.execute(() -> lookUp(host, answer));
    } catch (RejectedExecutionException full) {
      answer.completeExceptionally(new UnknownHostException("too many lookups are waiting"));
    }
    return answer;
  }

  private static void lookUp(String host, CompletableFuture<List<InetAddress>> answer) {
    if (answer.isDone()) {
      return;
    }
    try {
      answer.complete(List.of(InetAddress.getAllByName(host)));
    } catch (UnknownHostException | RuntimeException e) {
      answer.completeExceptionally(e);
    }
  }
}

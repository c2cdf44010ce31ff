package dev.derp4j.client.dial;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.ScheduledFuture;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// A resolver that asks the nodes of a DERP map when the DNS fails.
///
/// Another resolver is asked first. When it fails, has no address, or has said nothing for 750 ms,
/// up to six addresses of nodes are asked one behind the other, in random order and by turns IPv4
/// and IPv6; the first usable answer wins, from wherever it comes. 750 ms, because a name server
/// that is silent takes longer to fail than a node of a region has for its connection.
///
/// The nodes see the names that are asked for: use it for names of the same map only.
public final class BootstrapResolver implements HostResolver {
  private static final int PATIENCE_MILLIS = 750;
  private static final int MOST_QUESTIONS = 6;

  private final HostResolver first;
  private final Supplier<List<BootstrapNode>> nodes;
  private final DialSettings settings;

  /// @param first who is asked first
  /// @param nodes whom to ask otherwise, looked up each time
  /// @param settings roots and buffers for the connections to nodes, which go past proxies
  public BootstrapResolver(
      HostResolver first, Supplier<List<BootstrapNode>> nodes, DialSettings settings) {
    this.first = first;
    this.nodes = nodes;
    this.settings = settings;
  }

  @Override
  public HostResolver withoutFallback() {
    return first.withoutFallback();
  }

  @Override
  public CompletableFuture<List<InetAddress>> resolve(String host, EventLoop loop) {
    Lookup lookup = new Lookup(host, loop);
    if (!LoopTasks.run(loop, lookup::begin)) {
      lookup.answer.completeExceptionally(new UnknownHostException(LoopTasks.SHUT_DOWN));
    }
    return lookup.answer;
  }

  private record Question(BootstrapNode node, InetAddress at) {}

  private Deque<Question> questions() {
    List<Question> ipv4 = new ArrayList<>();
    List<Question> ipv6 = new ArrayList<>();
    for (BootstrapNode node : nodes.get()) {
      for (InetAddress at : node.addresses()) {
        (at instanceof Inet4Address ? ipv4 : ipv6).add(new Question(node, at));
      }
    }
    Collections.shuffle(ipv4);
    Collections.shuffle(ipv6);
    Deque<Question> all = new ArrayDeque<>();
    for (int i = 0; i < Math.max(ipv4.size(), ipv6.size()) && all.size() < MOST_QUESTIONS; i++) {
      if (i < ipv4.size()) {
        all.add(ipv4.get(i));
      }
      if (i < ipv6.size() && all.size() < MOST_QUESTIONS) {
        all.add(ipv6.get(i));
      }
    }
    return all;
  }

  /// One name's way; owned by the event loop.
  private final class Lookup {
    private final CompletableFuture<List<InetAddress>> answer = new CompletableFuture<>();
    private final String host;
    private final EventLoop loop;
    private @Nullable Deque<Question> left;
    private @Nullable CompletableFuture<List<InetAddress>> asking;
    private @Nullable Throwable refusal;

    Lookup(String host, EventLoop loop) {
      this.host = host;
      this.loop = loop;
    }

    void begin() {
      ScheduledFuture<?> impatience =
          loop.schedule(this::fallBack, PATIENCE_MILLIS, TimeUnit.MILLISECONDS);
      CompletableFuture<List<InetAddress>> asked = first.resolve(host, loop);
      asked.whenComplete((found, failure) -> LoopTasks.run(loop, () -> answered(found, failure)));
      answer.whenComplete(
          (found, failure) ->
              LoopTasks.run(
                  loop,
                  () -> {
                    impatience.cancel(false);
                    asked.cancel(false);
                    if (asking != null) {
                      asking.cancel(false);
                    }
                  }));
    }

    private void answered(@Nullable List<InetAddress> found, @Nullable Throwable failure) {
      if (found != null && !found.isEmpty()) {
        answer.complete(found);
        return;
      }
      refusal = failure == null ? new UnknownHostException("the host has no address") : failure;
      if (left == null) {
        fallBack();
      } else if (asking == null) {
        next(); // tells the failure, since all questions have been asked
      }
    }

    private void fallBack() {
      if (left == null && !answer.isDone()) {
        left = questions();
        next();
      }
    }

    private void next() {
      if (answer.isDone()) {
        return;
      }
      Question question = left == null ? null : left.poll();
      if (question == null) {
        asking = null;
        if (refusal != null) {
          answer.completeExceptionally(refusal);
        }
        return;
      }
      CompletableFuture<List<InetAddress>> query =
          BootstrapQuery.ask(loop, question.node(), question.at(), host, settings);
      asking = query;
      query.whenComplete(
          (found, failure) -> {
            if (found != null && !found.isEmpty()) {
              answer.complete(found);
            } else {
              next();
            }
          });
    }
  }
}

package dev.derp4j.admission;

import dev.derp4j.json.JsonFields;
import dev.derp4j.limits.ClientLimits;
import io.netty.util.NetUtil;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Asks admission controllers: `-verify-client-url`.
///
/// ```text
/// POST <url>   {"NodePublic":"nodekey:<64 hex>","Source":"<ip>"}
/// 200          {"Allow":true,
///               "RateLimitBytesPerSec":…,"RateBurstBytes":…,"QuotaBytes":…}   these may be missing
/// ```
///
/// The URLs name one authority that may be reached in several places: they are asked in order, and
/// the first that answers decides. Where none does, what was answered lately for that key still
/// counts; without that, clients are admitted or not as the operator chose. Thread-safe.
public final class Controllers implements Verifier {
  private static final int OK = 200;
  private static final int AT_ONCE = 64;

  /// Lines about clients admitted because nobody could be asked, in [#PERIOD_NANOS].
  private static final int LINES = 200;

  private static final long PERIOD_NANOS = TimeUnit.SECONDS.toNanos(30);
  private static final Logger LOG = LoggerFactory.getLogger(Controllers.class);

  private final List<URI> urls;
  private final boolean failOpen;
  private final ControllerClient client;
  private final RememberedVerdicts remembered;
  private final Semaphore places = new Semaphore(AT_ONCE);
  private final AtomicLong periodStart = new AtomicLong(System.nanoTime());
  private final AtomicLong lines = new AtomicLong();

  /// @param urls at least one
  /// @param failOpen whether clients are admitted while no controller answers
  /// @param cacheTime how long an answer counts while no controller answers; zero for not at all
  public Controllers(
      List<URI> urls, boolean failOpen, Duration cacheTime, ControllerClient client) {
    this.urls = List.copyOf(urls);
    this.failOpen = failOpen;
    this.client = client;
    this.remembered = new RememberedVerdicts(cacheTime);
  }

  @Override
  public Verdict verify(Newcomer newcomer, Duration limit) throws InterruptedException {
    long end = System.nanoTime() + limit.toNanos();
    if (!places.tryAcquire(limit.toNanos(), TimeUnit.NANOSECONDS)) {
      return unreachable(newcomer, "too slow");
    }
    try {
      return ask(newcomer, end);
    } finally {
      places.release();
    }
  }

  private Verdict ask(Newcomer newcomer, long end) throws InterruptedException {
    String question = question(newcomer);
    String why = "";
    for (int i = 0; i < urls.size(); i++) {
      // One that swallows everything must leave time for the next.
      long left = (end - System.nanoTime()) / (urls.size() - i);
      try {
        ControllerReply reply =
            client.post(urls.get(i), question, Duration.ofNanos(Math.max(1_000_000, left)));
        Verdict verdict = verdictOf(reply);
        if (verdict.reason() != Reason.URL_BAD_ANSWER) {
          remembered.put(newcomer.key(), verdict);
        }
        return verdict;
      } catch (IOException failed) {
        why = LogText.of(failed);
      }
    }
    return unreachable(newcomer, why);
  }

  private static String question(Newcomer newcomer) {
    return "{\"NodePublic\":\""
        + newcomer.key()
        + "\",\"Source\":\""
        + NetUtil.toAddressString(newcomer.remote().getAddress())
        + "\"}";
  }

  private static Verdict verdictOf(ControllerReply reply) {
    if (reply.status() != OK) {
      return new Verdict.Rejected(
          Reason.URL_BAD_ANSWER, "admission controller: status " + reply.status());
    }
    try {
      JsonFields answer = JsonFields.parse(reply.body());
      return answer.flag("Allow")
          ? new Verdict.Admitted(Reason.URL, limits(answer))
          : new Verdict.Rejected(Reason.URL_DENIED, "admission controller: not allowed");
    } catch (JsonFields.BadJsonException | IllegalArgumentException bad) {
      return new Verdict.Rejected(
          Reason.URL_BAD_ANSWER, "admission controller: answer: " + bad.getMessage());
    }
  }

  private static ClientLimits limits(JsonFields answer) throws JsonFields.BadJsonException {
    return new ClientLimits(
        answer.number("RateLimitBytesPerSec"),
        answer.number("RateBurstBytes"),
        answer.number("QuotaBytes"));
  }

  private Verdict unreachable(Newcomer newcomer, String why) {
    @Nullable Verdict before = remembered.get(newcomer.key());
    if (before != null) {
      return switch (before) {
        case Verdict.Admitted admitted ->
            new Verdict.Admitted(Reason.URL_REMEMBERED, admitted.limits());
        case Verdict.Rejected _ ->
            new Verdict.Rejected(
                Reason.URL_DENIED, "admission controller unreachable; not allowed before");
      };
    }
    if (failOpen) {
      if (mayLog()) {
        LOG.info("admission controller unreachable; allowing client {}", newcomer.key());
      }
      return new Verdict.Admitted(Reason.URL_UNREACHABLE_OPEN);
    }
    return new Verdict.Rejected(Reason.URL_UNREACHABLE, "admission controller unreachable: " + why);
  }

  private boolean mayLog() {
    long now = System.nanoTime();
    long start = periodStart.get();
    if (now - start >= PERIOD_NANOS && periodStart.compareAndSet(start, now)) {
      long left = lines.getAndSet(0) - LINES;
      if (left > 0) {
        LOG.info("admission controller unreachable; {} lines about clients left out", left);
      }
    }
    return lines.incrementAndGet() <= LINES;
  }
}

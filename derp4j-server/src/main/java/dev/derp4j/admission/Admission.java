package dev.derp4j.admission;

import dev.derp4j.admission.AdmissionCounts.Kind;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Decides who may come in, and remembers who did.
///
/// First the rules, in their order: the first that has an opinion decides. Where none has, the
/// verifiers are asked one after the other, and all of them must agree. Where there is no verifier
/// either, the newcomer is admitted.
///
/// Thread-safe. Verifiers run on virtual threads, a bounded number at a time; beyond it newcomers
/// are turned away rather than kept waiting.
public final class Admission {
  /// How long the decision may take in all.
  public static final Duration LIMIT = Duration.ofSeconds(5);

  /// Newcomers who wait for an answer at once. Each costs some kilobytes for at most [#LIMIT].
  private static final int MAX_WAITING = 4096;

  private static final int VERIFIED_AGAIN_AT_ONCE = 16;

  private static final Logger LOG = LoggerFactory.getLogger(Admission.class);

  private final List<Rule> rules;
  private final List<Verifier> verifiers;
  private final AdmissionCounts counts = new AdmissionCounts();
  private final Set<Guest> guests = ConcurrentHashMap.newKeySet();
  private final Semaphore places = new Semaphore(MAX_WAITING);

  public Admission(List<Rule> rules, List<Verifier> verifiers) {
    this.rules = List.copyOf(rules);
    this.verifiers = List.copyOf(verifiers);
  }

  /// Everybody may come in, without being counted or remembered.
  public static Admission open() {
    return new Admission(List.of(), List.of());
  }

  /// Whether there is nothing to decide, ever. Newcomers then need not be brought here.
  public boolean isOpen() {
    return rules.isEmpty() && verifiers.isEmpty();
  }

  /// The verdict on a newcomer, where it can be given at once. On any thread, without I/O.
  ///
  /// @return null if somebody has to be asked: see [#verify]
  public @Nullable Verdict judge(Newcomer newcomer) {
    Verdict verdict = byRule(newcomer);
    if (verdict != null) {
      counts.count(verdict);
    }
    return verdict;
  }

  private @Nullable Verdict byRule(Newcomer newcomer) {
    for (Rule rule : rules) {
      Verdict verdict = rule.judge(newcomer);
      if (verdict != null) {
        return verdict;
      }
    }
    return verifiers.isEmpty() ? new Verdict.Admitted(Reason.NO_OBJECTION) : null;
  }

  /// Has the verifiers asked about a newcomer on whom [#judge] could not tell. Returns at once.
  ///
  /// @param answer gets the verdict within about [#LIMIT], on another thread; never if cancelled
  /// @return to be cancelled when the newcomer leaves meanwhile
  public Future<?> verify(Newcomer newcomer, Consumer<Verdict> answer) {
    FutureTask<?> task =
        new FutureTask<>(
            () -> {
              tell(askIfThereIsRoom(newcomer), answer);
              return null;
            });
    Thread.ofVirtual().name("derp4j-admission").start(task);
    return task;
  }

  private Verdict askIfThereIsRoom(Newcomer newcomer) throws InterruptedException {
    if (!places.tryAcquire()) {
      return new Verdict.Rejected(Reason.BUSY, "too many clients wait for admission");
    }
    try {
      return ask(newcomer);
    } finally {
      places.release();
    }
  }

  private void tell(Verdict verdict, Consumer<Verdict> answer) {
    counts.count(verdict);
    answer.accept(verdict);
  }

  private Verdict ask(Newcomer newcomer) throws InterruptedException {
    long end = System.nanoTime() + LIMIT.toNanos();
    Verdict verdict = new Verdict.Admitted(Reason.NO_OBJECTION);
    for (Verifier verifier : verifiers) {
      try {
        verdict = verifier.verify(newcomer, Duration.ofNanos(Math.max(0, end - System.nanoTime())));
      } catch (RuntimeException fault) {
        LOG.error("derp: internal error while verifying a client: {}", fault.toString());
        LOG.debug("derp: where it happened", fault);
        return new Verdict.Rejected(Reason.INTERNAL_ERROR, "internal error");
      }
      if (verdict instanceof Verdict.Rejected) {
        return verdict;
      }
    }
    return verdict;
  }

  /// A client that was admitted is connected now. The rules may have changed since they were asked.
  public void entered(Guest guest) {
    guests.add(guest);
    judgeAgain(guest);
  }

  /// It is not any more.
  public void left(Guest guest) {
    guests.remove(guest);
  }

  /// Judges all guests again by the rules, after these have changed, and sends those away who
  /// would be turned away now. Where the rules have no opinion any more on a guest whom they had
  /// admitted, the verifiers are asked.
  ///
  /// @return how many were sent away at once
  public int judgeGuests() {
    int sentAway = 0;
    for (Guest guest : guests) {
      if (judgeAgain(guest)) {
        sentAway++;
      }
    }
    return sentAway;
  }

  private boolean judgeAgain(Guest guest) {
    Verdict verdict = byRule(guest.whoItIs());
    if (verdict instanceof Verdict.Rejected rejected) {
      sendAway(guest, rejected);
      return true;
    }
    if (verdict instanceof Verdict.Admitted admitted) {
      guest.limitTo(admitted.limits());
    }
    if (verdict == null && guest.admittedFor() == Reason.ALLOWED_KEY) {
      Thread.ofVirtual().name("derp4j-admission").start(() -> verifyAgain(guest));
    }
    return false;
  }

  /// Has the verifiers asked again about every guest on whom the rules have no opinion, a few at a
  /// time, and sends those away whom one of them knows and does not allow. One that cannot be asked
  /// cuts nobody off. Blocks until all were asked: on a virtual thread.
  void verifyGuests() throws InterruptedException {
    Semaphore few = new Semaphore(VERIFIED_AGAIN_AT_ONCE);
    for (Guest guest : guests) {
      if (byRule(guest.whoItIs()) == null) {
        few.acquire();
        Thread.ofVirtual()
            .name("derp4j-admission")
            .start(
                () -> {
                  try {
                    verifyAgain(guest);
                  } finally {
                    few.release();
                  }
                });
      }
    }
    few.acquire(VERIFIED_AGAIN_AT_ONCE);
  }

  private void verifyAgain(Guest guest) {
    try {
      if (!guests.contains(guest)) {
        return;
      }
      switch (ask(guest.whoItIs())) {
        case Verdict.Rejected rejected when rejected.reason().isDefinite() ->
            sendAway(guest, rejected);
        case Verdict.Admitted admitted when admitted.reason() == Reason.URL ->
            guest.limitTo(admitted.limits());
        default -> {}
      }
    } catch (InterruptedException stopping) {
      Thread.currentThread().interrupt();
    }
  }

  /// Starts to verify all guests again every so often.
  public void verifyGuestsEvery(Duration time, Watchdog watchdog) {
    AtomicBoolean underWay = new AtomicBoolean();
    watchdog.every(
        time,
        () -> {
          if (underWay.compareAndSet(false, true)) {
            Thread.ofVirtual().name("derp4j-admission").start(() -> verifyAll(underWay));
          }
        });
  }

  private void verifyAll(AtomicBoolean underWay) {
    try {
      verifyGuests();
    } catch (InterruptedException stopping) {
      Thread.currentThread().interrupt();
    } finally {
      underWay.set(false);
    }
  }

  private void sendAway(Guest guest, Verdict.Rejected verdict) {
    counts.count(Kind.REVOKED, verdict.reason());
    guest.sendAway(verdict);
  }

  /// What was decided so far.
  public AdmissionCounts counts() {
    return counts;
  }
}

package dev.derp4j.admission;

import dev.derp4j.admission.LocalHttp.Answer;
import dev.derp4j.admission.LocalHttp.TimeoutException;
import dev.derp4j.json.JsonFields;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/// Asks the `tailscaled` of this machine whether a key belongs to its tailnet: `-verify-clients`.
///
/// It is asked about the one key, never for all that it knows, which in a large tailnet is much.
/// Thread-safe.
public final class Tailscaled implements Verifier {
  /// Where it listens if nothing else is said.
  public static final Path DEFAULT_SOCKET = Path.of("/var/run/tailscale/tailscaled.sock");

  private static final String HOST = "local-tailscaled.sock";
  private static final int OK = 200;
  private static final int NOT_FOUND = 404;
  private static final int AT_ONCE = 64;

  /// How an old tailscaled says that it cannot look up keys, only addresses.
  private static final String NO_KEYS = "invalid 'addr' parameter";

  private final LocalHttp http;
  private final Semaphore places = new Semaphore(AT_ONCE);

  public Tailscaled(Path socket, Watchdog watchdog) {
    this.http = new LocalHttp(socket, HOST, watchdog);
  }

  @Override
  public Verdict verify(Newcomer newcomer, Duration limit) throws InterruptedException {
    return verify(newcomer.key().toString(), limit);
  }

  private Verdict verify(String key, Duration limit) throws InterruptedException {
    long end = System.nanoTime() + limit.toNanos();
    if (!places.tryAcquire(limit.toNanos(), TimeUnit.NANOSECONDS)) {
      return new Verdict.Rejected(Reason.TIMEOUT, "tailscaled is too slow to be asked");
    }
    try {
      Answer answer =
          http.get(
              "/localapi/v0/whois?addr=" + key,
              OK,
              Duration.ofNanos(Math.max(1, end - System.nanoTime())));
      return switch (answer.status()) {
        case OK -> new Verdict.Admitted(Reason.TAILSCALED);
        case NOT_FOUND ->
            new Verdict.Rejected(Reason.TAILSCALED_UNKNOWN, "unknown to the local tailscaled");
        default -> refusal(answer);
      };
    } catch (TimeoutException late) {
      return new Verdict.Rejected(Reason.TIMEOUT, "asking tailscaled: " + late.getMessage());
    } catch (IOException failed) {
      return new Verdict.Rejected(
          Reason.TAILSCALED_FAILED, "asking tailscaled: " + failed.getMessage());
    } finally {
      places.release();
    }
  }

  private static Verdict.Rejected refusal(Answer answer) {
    return answer.body().contains(NO_KEYS)
        ? new Verdict.Rejected(
            Reason.TAILSCALED_TOO_OLD, "the local tailscaled is too old to look up keys")
        : new Verdict.Rejected(
            Reason.TAILSCALED_FAILED,
            "tailscaled answers " + answer.status() + ": " + LogText.of(answer.body()));
  }

  /// Checks that the node on this machine would be admitted itself: if not, then nobody will be.
  ///
  /// @return what is wrong, in one line; empty if all is well
  public Optional<String> checkOwnNode(Duration limit) throws InterruptedException {
    try {
      Answer status = http.get("/localapi/v0/status?peers=false", -1, limit);
      if (status.status() != OK) {
        return Optional.of("tailscaled answers " + status.status() + " when asked for its status");
      }
      String key = JsonFields.parse(status.body()).nested("Self").text("PublicKey");
      return verify(key, limit) instanceof Verdict.Rejected rejected
          ? Optional.of("the node of this machine would be rejected: " + rejected.why())
          : Optional.empty();
    } catch (IOException | TimeoutException | JsonFields.BadJsonException failed) {
      return Optional.of("asking tailscaled for its status: " + failed.getMessage());
    }
  }
}

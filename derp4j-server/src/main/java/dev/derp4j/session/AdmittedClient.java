package dev.derp4j.session;

import dev.derp4j.admission.Guest;
import dev.derp4j.admission.Newcomer;
import dev.derp4j.admission.Reason;
import dev.derp4j.admission.Verdict;
import dev.derp4j.limits.ClientLimits;

/// A relaying connection as the room that admitted it sees it. Thread-safe.
final class AdmittedClient implements Guest {
  private final RelaySession session;
  private final Newcomer newcomer;
  private final Reason reason;

  AdmittedClient(RelaySession session, Newcomer newcomer, Reason reason) {
    this.reason = reason;
    this.session = session;
    this.newcomer = newcomer;
  }

  @Override
  public Newcomer whoItIs() {
    return newcomer;
  }

  @Override
  public Reason admittedFor() {
    return reason;
  }

  @Override
  public void limitTo(ClientLimits limits) {
    session.limitTo(limits);
  }

  @Override
  public void sendAway(Verdict.Rejected verdict) {
    session.sendAway(verdict.why());
  }
}

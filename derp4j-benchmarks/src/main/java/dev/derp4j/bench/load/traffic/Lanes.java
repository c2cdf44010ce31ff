package dev.derp4j.bench.load.traffic;

import dev.derp4j.bench.load.report.KindReport;

/// The two sequences of one sender: ordinary packets and disco, which a relay may interleave anew.
final class Lanes {
  private final SequenceTally data = new SequenceTally();
  private final SequenceTally disco = new SequenceTally();

  SequenceTally lane(boolean isDisco) {
    return isDisco ? disco : data;
  }

  /// What became of the packets of one of them.
  KindReport report(boolean isDisco) {
    SequenceTally tally = lane(isDisco);
    return new KindReport(tally.sent(), tally.delivered(), tally.missing(), tally.reordered());
  }

  void markBegin() {
    data.markBegin();
    disco.markBegin();
  }

  void markEnd() {
    data.markEnd();
    disco.markEnd();
  }

  void giveUp() {
    data.giveUp();
    disco.giveUp();
  }

  long inFlight() {
    return data.inFlight() + disco.inFlight();
  }

  long sent() {
    return data.sent() + disco.sent();
  }

  long delivered() {
    return data.delivered() + disco.delivered();
  }

  long reordered() {
    return data.reordered() + disco.reordered();
  }

  long duplicated() {
    return data.duplicated() + disco.duplicated();
  }

  long missing() {
    return data.missing() + disco.missing();
  }
}

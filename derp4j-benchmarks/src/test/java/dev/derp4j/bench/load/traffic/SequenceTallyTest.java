package dev.derp4j.bench.load.traffic;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class SequenceTallyTest {
  private final SequenceTally tally = new SequenceTally();

  @BeforeEach
  void countFromTheFirst() {
    tally.markBegin();
  }

  private void send(int count) {
    for (int i = 0; i < count; i++) {
      tally.send();
    }
  }

  private void arrive(long... sequences) {
    for (long sequence : sequences) {
      tally.arrived(sequence);
    }
  }

  @Test
  void whatArrivesInOrderIsDeliveredAndNothingElse() {
    send(5);
    arrive(0, 1, 2, 3, 4);

    assertThat(tally.delivered()).isEqualTo(5);
    assertThat(tally.missing()).isZero();
    assertThat(tally.reordered()).isZero();
    assertThat(tally.duplicated()).isZero();
    assertThat(tally.inFlight()).isZero();
  }

  @Test
  void theExampleOfTheJavadocComesOutAsItSays() {
    send(8);
    arrive(0, 1, 3, 2, 6);

    assertThat(tally.delivered()).isEqualTo(5);
    assertThat(tally.reordered()).isEqualTo(1);
    assertThat(tally.missing()).isEqualTo(3);
    assertThat(tally.inFlight()).isEqualTo(1);
  }

  @Test
  void aSecondArrivalIsADuplicateAndNotDeliveredTwice() {
    send(3);
    arrive(0, 1, 1, 2, 0);

    assertThat(tally.delivered()).isEqualTo(3);
    assertThat(tally.duplicated()).isEqualTo(2);
    assertThat(tally.reordered()).isZero();
  }

  @Test
  void numbersThatShareABitWithOneLongGoneAreNotTakenForDuplicates() {
    send(5000);
    for (long i = 0; i < 5000; i += 2) {
      tally.arrived(i);
    }
    arrive(4999, 4997, 4995);

    assertThat(tally.delivered()).isEqualTo(2503);
    assertThat(tally.reordered()).isEqualTo(2);
    assertThat(tally.duplicated()).isZero();
    assertThat(tally.missing()).isEqualTo(2497);
  }

  @Test
  void aGapLargerThanTheWindowIsLoss() {
    send(10_000);
    arrive(0, 9_999);

    assertThat(tally.delivered()).isEqualTo(2);
    assertThat(tally.missing()).isEqualTo(9_998);
  }

  @Test
  void nothingCountsBeforeTheFirstMark() {
    SequenceTally warmingUp = new SequenceTally();
    warmingUp.send();
    warmingUp.arrived(0);

    assertThat(warmingUp.isCounted(0)).isFalse();
    assertThat(warmingUp.sent()).isZero();
    assertThat(warmingUp.delivered()).isZero();
    assertThat(warmingUp.missing()).isZero();
  }

  @Test
  void onlyPacketsBetweenTheMarksCount() {
    send(10);
    arrive(0, 1, 2);
    tally.markBegin();
    send(4);
    tally.markEnd();
    send(10);
    arrive(5, 4, 10, 12, 11, 20, 20, 19);

    assertThat(tally.sent()).isEqualTo(4);
    assertThat(tally.delivered()).isEqualTo(3);
    assertThat(tally.reordered()).isEqualTo(1);
    assertThat(tally.duplicated()).isZero();
    assertThat(tally.missing()).isEqualTo(1);
  }

  @Test
  void aPacketWrittenOffFreesItsPlaceAndMayStillComeLate() {
    send(3);
    arrive(0);
    tally.giveUp();

    assertThat(tally.inFlight()).isZero();
    arrive(2);
    assertThat(tally.delivered()).isEqualTo(2);
    assertThat(tally.reordered()).isEqualTo(1);
    assertThat(tally.missing()).isEqualTo(1);
  }

  @Test
  void twoLanesAreCountedApart() {
    Lanes lanes = new Lanes();
    lanes.markBegin();
    lanes.lane(false).send();
    lanes.lane(true).send();
    lanes.lane(false).send();
    lanes.lane(true).arrived(0);
    lanes.lane(false).arrived(0);

    assertThat(lanes.sent()).isEqualTo(3);
    assertThat(lanes.delivered()).isEqualTo(2);
    assertThat(lanes.reordered()).isZero();
    assertThat(lanes.inFlight()).isEqualTo(1);
  }
}

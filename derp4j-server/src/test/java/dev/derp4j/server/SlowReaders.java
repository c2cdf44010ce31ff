package dev.derp4j.server;

import dev.derp4j.metrics.DropReason;
import dev.derp4j.testkit.DerpTestClient;
import java.io.IOException;

import static org.assertj.core.api.Assertions.assertThat;

/// Clients that stop reading.
final class SlowReaders {
  private static final int PACKET = 60_000;

  /// 120 MB: a hundred times what all buffers on the way hold.
  private static final int MOST = 2000;

  private SlowReaders() {}

  /// Sends until everything on the way to a client that does not read is full: its socket, ours,
  /// and its queue, so that packets are being dropped.
  ///
  /// @return how many packets were sent
  static int fill(TestRelay relay, DerpTestClient from, DerpTestClient to) throws IOException {
    long droppedBefore = relay.dropped(DropReason.QUEUE_HEAD);
    int sent = 0;
    while (relay.dropped(DropReason.QUEUE_HEAD) == droppedBefore && sent < MOST) {
      from.send(to.publicKey(), Packets.numbered(sent, PACKET));
      sent++;
    }
    assertThat(sent).isLessThan(MOST);
    return sent;
  }
}

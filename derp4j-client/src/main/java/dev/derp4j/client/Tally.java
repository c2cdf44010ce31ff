package dev.derp4j.client;

import java.util.concurrent.atomic.LongAdder;

/// The counters of one client; any thread.
final class Tally {
  final LongAdder packetsSent = new LongAdder();
  final LongAdder bytesSent = new LongAdder();
  final LongAdder packetsReceived = new LongAdder();
  final LongAdder bytesReceived = new LongAdder();
  final LongAdder packetsOverRate = new LongAdder();
  final LongAdder messagesUnread = new LongAdder();

  void sent(int bytes) {
    packetsSent.increment();
    bytesSent.add(bytes);
  }

  void received(int bytes) {
    packetsReceived.increment();
    bytesReceived.add(bytes);
  }

  ClientCounters snapshot() {
    return new ClientCounters(
        packetsSent.sum(),
        bytesSent.sum(),
        packetsReceived.sum(),
        bytesReceived.sum(),
        packetsOverRate.sum(),
        messagesUnread.sum());
  }
}

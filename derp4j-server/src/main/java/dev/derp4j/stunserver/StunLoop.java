package dev.derp4j.stunserver;

import java.net.InetSocketAddress;

/// A bound socket and the work on it. [#run] serves until [#stop] and releases the socket as it
/// ends.
interface StunLoop extends Runnable {
  /// Where the socket is bound.
  InetSocketAddress localAddress();

  /// Makes [#run] return soon. From any thread, any number of times, before or during the run.
  void stop();
}

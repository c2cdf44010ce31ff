package dev.derp4j.stunserver;

import java.util.concurrent.atomic.LongAdder;

/// What a STUN server counts. Servers may share an instance; counters only grow.
///
/// Every datagram is one [#notStun] or one of [#ipv4] and [#ipv6]; of the latter each ends as one
/// [#success] or one [#writeError].
public final class StunMetrics {
  /// `stun_requests{disposition="success"}`: answers handed to the system.
  public final LongAdder success = new LongAdder();

  /// `stun_requests{disposition="not_stun"}`: datagrams that are no request of a Tailscale client.
  public final LongAdder notStun = new LongAdder();

  /// `stun_requests{disposition="read_error"}`: failed reads, not datagrams.
  public final LongAdder readError = new LongAdder();

  /// `stun_requests{disposition="write_error"}`: answers that the system refused.
  public final LongAdder writeError = new LongAdder();

  /// `stun_addrfamily{family="ipv4"}`: requests from IPv4 clients, on a dual-stack socket too.
  public final LongAdder ipv4 = new LongAdder();

  /// `stun_addrfamily{family="ipv6"}`: requests from IPv6 clients.
  public final LongAdder ipv6 = new LongAdder();

  /// `stun_no_local_addr`: requests for which the system did not tell, although asked to, which
  /// address they were sent to. They are answered from the one that the route picks.
  public final LongAdder noLocalAddress = new LongAdder();
}

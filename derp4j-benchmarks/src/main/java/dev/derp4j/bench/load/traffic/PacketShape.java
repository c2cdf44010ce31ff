package dev.derp4j.bench.load.traffic;

/// What packets look like and how they are handed to the socket.
///
/// @param sizes how large they are
/// @param coalesced whether packets that are due together share a write and its TLS records;
///     otherwise each has a write, a TLS record and a system call of its own, as with stock clients
/// @param discoShare the share of packets, 0 to 1, that look like disco
public record PacketShape(PacketSizes sizes, boolean coalesced, double discoShare) {
  int largest() {
    return discoShare > 0 ? Math.max(sizes.largest(), PacketStamp.DISCO_LENGTH) : sizes.largest();
  }
}

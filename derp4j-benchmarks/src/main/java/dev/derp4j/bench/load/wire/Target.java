package dev.derp4j.bench.load.wire;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;

/// The server under load, and the way to it.
///
/// @param address where it listens
/// @param tls whether to speak TLS
/// @param fastStart whether to send upgrade request and introduction in one flight, as clients do
///     that know the server's key from its certificate
/// @param sources local addresses to connect from in turn; empty leaves the choice to the kernel
public record Target(
    InetSocketAddress address, boolean tls, boolean fastStart, List<InetAddress> sources) {

  /// What to put into the request's Host header.
  public String hostHeader() {
    String host = address.getHostString();
    return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + address.getPort();
  }
}

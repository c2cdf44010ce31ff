package dev.derp4j.client.dial;

import java.net.InetAddress;
import java.util.List;

/// A node that may be asked for addresses when the DNS does not answer.
///
/// @param hostName for which its certificate is verified, and the Host of the request
/// @param addresses where it is; no name is looked up for it
/// @param port its HTTPS port
/// @param certificate what it must show
public record BootstrapNode(
    String hostName, List<InetAddress> addresses, int port, CertificateCheck certificate) {

  /// Takes a copy of the addresses.
  public BootstrapNode {
    addresses = List.copyOf(addresses);
  }
}

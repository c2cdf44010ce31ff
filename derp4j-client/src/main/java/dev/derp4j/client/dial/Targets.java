package dev.derp4j.client.dial;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// The addresses that a host stands for: those known without asking, and the name to ask the DNS
/// for.
///
/// @param port the TCP port of all of them
/// @param known addresses that need no DNS
/// @param lookup the name that the DNS is to be asked for
/// @param lookupIpv4 whether IPv4 addresses of the answer count
/// @param lookupIpv6 whether IPv6 addresses of the answer count
record Targets(
    int port,
    List<InetAddress> known,
    Optional<String> lookup,
    boolean lookupIpv4,
    boolean lookupIpv6) {

  /// A host that is itself what is dialled, such as a proxy.
  static Targets of(String host, int port) throws StepFailure {
    return of(host, port, FamilyAddress.DNS, FamilyAddress.DNS);
  }

  /// An endpoint's targets: its fixed addresses, and for the families without one what the DNS says
  /// of the dialled host. A host that is an address is dialled in its own family alone.
  static Targets of(DerpEndpoint endpoint) throws StepFailure {
    return of(
        endpoint.dialHost().orElse(endpoint.host()),
        endpoint.port(),
        endpoint.ipv4(),
        endpoint.ipv6());
  }

  private static Targets of(String host, int port, FamilyAddress ipv4, FamilyAddress ipv6)
      throws StepFailure {
    InetAddress literal = Literals.address(host);
    Optional<InetAddress> first = known(ipv4, literal instanceof Inet4Address ? literal : null);
    Optional<InetAddress> second = known(ipv6, literal instanceof Inet4Address ? null : literal);
    boolean named = literal == null && !host.isEmpty();
    boolean lookupIpv4 = named && ipv4 instanceof FamilyAddress.FromDns;
    boolean lookupIpv6 = named && ipv6 instanceof FamilyAddress.FromDns;
    List<InetAddress> known = Stream.concat(first.stream(), second.stream()).toList();
    boolean lookup = lookupIpv4 || lookupIpv6;
    if (known.isEmpty() && !lookup) {
      throw new StepFailure(
          host.isEmpty() ? "no host to dial" : "no address family of the host may be dialled");
    }
    return new Targets(
        port, known, lookup ? Optional.of(host) : Optional.empty(), lookupIpv4, lookupIpv6);
  }

  private static Optional<InetAddress> known(FamilyAddress family, @Nullable InetAddress literal) {
    return switch (family) {
      case FamilyAddress.FromDns() -> Optional.ofNullable(literal);
      case FamilyAddress.Disabled() -> Optional.empty();
      case FamilyAddress.Fixed(InetAddress address) -> Optional.of(address);
    };
  }
}

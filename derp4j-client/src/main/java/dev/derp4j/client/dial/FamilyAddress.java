package dev.derp4j.client.dial;

import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;

/// How one address family of an endpoint is dialled.
public sealed interface FamilyAddress {
  /// What the DNS says of the host.
  FamilyAddress DNS = new FromDns();

  /// Not at all.
  FamilyAddress DISABLED = new Disabled();

  /// The host's addresses of this family, as its name or its literal has them.
  record FromDns() implements FamilyAddress {}

  /// This family is not dialled.
  record Disabled() implements FamilyAddress {}

  /// One address, whatever the DNS says.
  record Fixed(InetAddress address) implements FamilyAddress {}

  /// Reads the `IPv4` field of a DERP map's node: empty for [#DNS], an IPv4 address for itself,
  /// anything else (`none` by custom) for [#DISABLED].
  static FamilyAddress ofIpv4(String field) {
    return of(field, Inet4Address.class);
  }

  /// Reads the `IPv6` field of a DERP map's node, as [#ofIpv4] does.
  static FamilyAddress ofIpv6(String field) {
    return of(field, Inet6Address.class);
  }

  private static FamilyAddress of(String field, Class<? extends InetAddress> family) {
    if (field.isEmpty()) {
      return DNS;
    }
    InetAddress address = Literals.address(field);
    return family.isInstance(address) ? new Fixed(family.cast(address)) : DISABLED;
  }
}

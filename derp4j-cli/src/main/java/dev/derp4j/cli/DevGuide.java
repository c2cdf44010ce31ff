package dev.derp4j.cli;

import dev.derp4j.server.DerpRelay;
import dev.derp4j.server.RelayConfig;
import java.net.InetSocketAddress;

/// The few lines that a developer's relay prints once it serves: where it is, who it is, and what
/// to do next.
final class DevGuide {
  private DevGuide() {}

  static String of(RelayConfig config, DerpRelay relay) {
    String scheme = config.tls() ? "https" : "http";
    String base = scheme + "://" + authority(relay.derpAddress());
    StringBuilder guide = new StringBuilder();
    guide.append("\n  DERP        ").append(base).append("/derp\n");
    relay
        .stunAddress()
        .ifPresent(
            stun -> guide.append("  STUN        ").append(authority(stun)).append(" (UDP)\n"));
    guide.append("  public key  ").append(relay.publicKey()).append('\n');
    guide.append("\n  Is it up?   curl -i ").append(base).append("/derp/probe\n");
    guide.append("  A DERP map with this relay alone, for a client on this machine:\n    ");
    guide.append(map(config, relay)).append('\n');
    if (!config.tls()) {
      guide.append("  It has no TLS: start the client with TS_DEBUG_USE_DERP_HTTP=1.\n");
    }
    return guide.append("  Ctrl-C stops it.\n\n").toString();
  }

  private static String map(RelayConfig config, DerpRelay relay) {
    return """
    {"Regions":{"900":{"RegionID":900,"RegionCode":"dev","RegionName":"dev","Nodes":[\
    {"Name":"900a","RegionID":900,"HostName":"%s","DERPPort":%d,"STUNPort":%d}]}}}"""
        .formatted(
            config.tls() ? config.hostname() : host(relay.derpAddress()),
            relay.derpAddress().getPort(),
            relay.stunAddress().map(InetSocketAddress::getPort).orElse(-1));
  }

  private static String authority(InetSocketAddress address) {
    String host = host(address);
    return (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + address.getPort();
  }

  private static String host(InetSocketAddress address) {
    return address.getAddress().isAnyLocalAddress()
        ? "127.0.0.1"
        : address.getAddress().getHostAddress();
  }
}

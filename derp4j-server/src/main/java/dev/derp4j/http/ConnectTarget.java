package dev.derp4j.http;

import java.util.Optional;
import java.util.regex.Pattern;

/// Where a client that cannot reach the control plane by itself may be connected to (ACE): its two
/// ports, on hosts of its domain that are no relays. Nothing else, so that a relay is no open
/// proxy.
///
/// Port 80 is there because what is spoken on it is encrypted by itself, and twice is enough.
record ConnectTarget(String host, int port) implements Answer {
  private static final String DOMAIN = ".tailscale.com";
  private static final Pattern HOST = Pattern.compile("[A-Za-z0-9-]+(\\.[A-Za-z0-9-]+)+");
  private static final int LONGEST = 253;

  /// Empty if the target of the request is none of those.
  static Optional<ConnectTarget> parse(String authority) {
    int colon = authority.lastIndexOf(':');
    if (colon < 0) {
      return Optional.empty();
    }
    String host = authority.substring(0, colon);
    int port =
        switch (authority.substring(colon + 1)) {
          case "443" -> 443;
          case "80" -> 80;
          default -> 0;
        };
    boolean allowed =
        port != 0
            && host.length() <= LONGEST
            && host.endsWith(DOMAIN)
            && !host.contains("derp")
            && HOST.matcher(host).matches();
    return allowed ? Optional.of(new ConnectTarget(host, port)) : Optional.empty();
  }
}

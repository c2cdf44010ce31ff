package dev.derp4j.client.dial;

import java.util.regex.Pattern;

/// Whether a host may stand in a request's head.
///
/// A DERP map comes from elsewhere: a host with a line break in it would write headers of its own
/// into our requests, to the server and to a proxy.
final class HostHeader {
  /// Characters of a DNS name, of an address, or of what some use as one. The original takes every
  /// character that a URI's authority may have; nobody's host needs more than these.
  private static final Pattern VALID = Pattern.compile("[A-Za-z0-9._:%~-]+");

  private HostHeader() {}

  static void check(DerpEndpoint endpoint) throws StepFailure {
    String host = endpoint.host();
    if (!host.isEmpty() && !VALID.matcher(host).matches()) {
      throw new StepFailure("the host is not valid in a Host header");
    }
    if (endpoint.dialHost().filter(dialled -> !VALID.matcher(dialled).matches()).isPresent()) {
      throw new StepFailure("the host to dial is neither a name nor an address");
    }
    if (!endpoint.idealNode().orElse("").chars().allMatch(c -> c >= ' ' && c <= '~')) {
      throw new StepFailure("the ideal node's name is not valid in a header");
    }
  }
}

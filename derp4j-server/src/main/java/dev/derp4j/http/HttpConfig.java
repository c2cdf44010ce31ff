package dev.derp4j.http;

import dev.derp4j.debug.AddressRanges;
import dev.derp4j.http.names.BootstrapEntry;
import java.util.List;

/// What an operator may say of the relay's HTTP beside what every relay has.
///
/// @param bootstrapNames told to everybody at `/bootstrap-dns` (`-bootstrap-dns-names`)
/// @param hiddenBootstrapNames told to who asks for them (`-unpublished-bootstrap-dns-names`)
/// @param ace whether `CONNECT` leads to the control plane, over TLS (`-ace`)
/// @param proxyProtocolFrom whose connections begin with a PROXY header (`-proxy-protocol-from`)
/// @param forwardedForFrom whose `X-Forwarded-For` is believed (`-trust-forwarded-for-from`)
public record HttpConfig(
    List<BootstrapEntry> bootstrapNames,
    List<BootstrapEntry> hiddenBootstrapNames,
    boolean ace,
    AddressRanges proxyProtocolFrom,
    AddressRanges forwardedForFrom) {
  /// Nothing beside that.
  public static final HttpConfig STANDARD =
      new HttpConfig(List.of(), List.of(), false, AddressRanges.NONE, AddressRanges.NONE);

  public HttpConfig {
    bootstrapNames = List.copyOf(bootstrapNames);
    hiddenBootstrapNames = List.copyOf(hiddenBootstrapNames);
  }

  public HttpConfig withBootstrapNames(
      List<BootstrapEntry> published, List<BootstrapEntry> unpublished) {
    return new HttpConfig(published, unpublished, ace, proxyProtocolFrom, forwardedForFrom);
  }

  public HttpConfig withAce(boolean enabled) {
    return new HttpConfig(
        bootstrapNames, hiddenBootstrapNames, enabled, proxyProtocolFrom, forwardedForFrom);
  }

  public HttpConfig withProxies(AddressRanges proxyProtocol, AddressRanges forwardedFor) {
    return new HttpConfig(bootstrapNames, hiddenBootstrapNames, ace, proxyProtocol, forwardedFor);
  }
}

package dev.derp4j.cli;

import dev.derp4j.cli.flags.Flag;
import dev.derp4j.cli.flags.FlagSet;
import dev.derp4j.debug.AddressRanges;
import dev.derp4j.http.HttpConfig;
import dev.derp4j.http.names.BootstrapEntry;
import java.util.List;
import java.util.function.Function;

/// The flags of what is served over HTTP beside DERP, and of proxies in front of it.
final class HttpFlags {
  private final Flag<String> bootstrapNames;
  private final Flag<String> hiddenBootstrapNames;
  private final Flag<Boolean> ace;
  private final Flag<String> proxyProtocolFrom;
  private final Flag<String> forwardedForFrom;

  HttpFlags(FlagSet set) {
    bootstrapNames =
        set.string("bootstrap-dns-names", "", "comma list of names told at /bootstrap-dns");
    hiddenBootstrapNames =
        set.string(
            "unpublished-bootstrap-dns-names",
            "",
            "the same for names told only to those who ask for them: name[/txtname]; the TXT "
                + "record of txtname says to what percentage of them");
    ace =
        set.bool("ace", false, "CONNECT over TLS to ports 443 and 80 of the control plane's hosts");
    proxyProtocolFrom =
        set.string(
            "proxy-protocol-from",
            "",
            "comma list of networks whose connections begin with a PROXY protocol header, version "
                + "1 or 2");
    forwardedForFrom =
        set.string(
            "trust-forwarded-for-from",
            "",
            "comma list of networks whose X-Forwarded-For headers are believed");
  }

  /// @throws StartException if a list has an item that makes no sense
  HttpConfig config() throws StartException {
    List<BootstrapEntry> published = parse(bootstrapNames, BootstrapEntry::parse);
    List<BootstrapEntry> hidden = parse(hiddenBootstrapNames, BootstrapEntry::parse);
    return HttpConfig.STANDARD
        .withBootstrapNames(published, hidden)
        .withAce(ace.value())
        .withProxies(
            parse(proxyProtocolFrom, AddressRanges::parse),
            parse(forwardedForFrom, AddressRanges::parse));
  }

  private static <T> T parse(Flag<String> flag, Function<String, T> parser) throws StartException {
    try {
      return parser.apply(flag.value());
    } catch (IllegalArgumentException e) {
      throw new StartException("-" + flag.name() + ": " + e.getMessage());
    }
  }
}

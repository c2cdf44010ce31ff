package dev.derp4j.cli;

import dev.derp4j.cli.flags.Flag;
import dev.derp4j.cli.flags.FlagSet;
import dev.derp4j.cli.flags.GoText;
import dev.derp4j.server.RelayConfig;
import dev.derp4j.tls.acme.AcmeAuthority;
import java.net.InetAddress;
import java.net.URI;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The flags that say where the TLS certificate comes from, and what they come to.
final class CertificateFlags {
  private static final Logger log = LoggerFactory.getLogger(CertificateFlags.class);
  private static final String DEFAULT_HOSTNAME = "derp.tailscale.com";

  /// What Go programs look at when they connect somewhere.
  private static final Set<String> OUTGOING =
      Set.of(
          "SSL_CERT_FILE",
          "SSL_CERT_DIR",
          "HTTPS_PROXY",
          "https_proxy",
          "HTTP_PROXY",
          "http_proxy",
          "NO_PROXY",
          "no_proxy",
          "REQUEST_METHOD");

  final Flag<String> mode;
  final Flag<String> hostname;
  private final Flag<String> directory;
  private final Flag<Boolean> anyPort;
  private final Flag<String> acmeDirectory;
  private final Flag<String> keyId;
  private final Flag<String> key;
  private final Flag<String> email;
  private final Flag<Boolean> addresses;
  private final Flag<String> publicAddresses;

  CertificateFlags(FlagSet set, Map<String, String> environment) {
    mode =
        set.string(
            "certmode",
            "letsencrypt",
            "where the TLS certificate comes from: manual (files in -certdir); letsencrypt and gcp "
                + "(issued when first needed, and renewed)");
    directory =
        set.string(
            "certdir",
            UserDirectories.cache(environment)
                .map(dir -> dir + "/tailscale/derper-certs")
                .orElse(""),
            "directory with <hostname>.crt and <hostname>.key, or with what was issued");
    hostname =
        set.string(
            "hostname",
            DEFAULT_HOSTNAME,
            "TLS host name. With -certmode manual it may be an IP address, which gets a self-signed "
                + "certificate if it has none; with -acme-ip-certs too, and no name is served then");
    anyPort = set.bool("tls", false, "serve TLS on whatever port -a names [not in the original]");
    acmeDirectory =
        set.string(
            "acme-directory",
            "",
            "ACME directory URL of another authority than that of -certmode [not in the original]");
    keyId = set.string("acme-eab-kid", "", "ACME external account: key ID; gcp needs one");
    key =
        set.string("acme-eab-key", "", "ACME external account: HMAC key in base64; gcp needs one");
    email = set.string("acme-email", "", "ACME account: contact address; gcp needs one");
    addresses =
        set.bool(
            "acme-ip-certs",
            false,
            "certificates for the addresses that clients connect to, from Let's Encrypt or "
                + "-acme-directory, which must reach port 80 at each of them");
    publicAddresses =
        set.string(
            "acme-ip-addresses",
            "",
            "comma list of the public addresses of a host behind NAT, for -acme-ip-certs [not in "
                + "the original]");
  }

  /// Where the certificate comes from; empty for plain HTTP.
  ///
  /// @param https whether `-a` names the port where clients expect TLS
  /// @param environment of the process
  Optional<RelayConfig.Certificate> certificate(boolean https, Map<String, String> environment)
      throws StartException {
    return switch (mode.value()) {
      case "manual" -> {
        if (addresses.value()) {
          throw new StartException("-acme-ip-certs needs -certmode letsencrypt");
        }
        yield Optional.of(
            new RelayConfig.ManualCertificate(certificateDirectory(), hostname.value()));
      }
      case "letsencrypt", "gcp" -> {
        if (https || anyPort.value()) {
          yield Optional.of(issued(outgoing(environment)));
        }
        warnOfPlainHttp();
        yield Optional.empty();
      }
      default -> throw new StartException("unknown -certmode " + GoText.quote(mode.value()));
    };
  }

  /// A relay on another port is one behind something that terminates TLS, as in the original.
  private void warnOfPlainHttp() {
    String idle =
        List.<Flag<?>>of(acmeDirectory, keyId, key, email, addresses, publicAddresses).stream()
            .filter(Flag::changed)
            .map(flag -> "-" + flag.name())
            .collect(Collectors.joining(", "));
    if (!idle.isEmpty()) {
      log.warn("derper: serving plain HTTP, so {} has no effect; -tls serves TLS", idle);
    }
  }

  private RelayConfig.IssuedCertificate issued(Map<String, String> outgoing) throws StartException {
    boolean google = mode.value().equals("gcp");
    if (google) {
      requireForGoogle();
    }
    if (!publicAddresses.value().isEmpty() && !addresses.value()) {
      throw new StartException("-acme-ip-addresses needs -acme-ip-certs");
    }
    if (!email.value().isEmpty() && !email.value().matches("[^@\\s]+@[^@\\s]+")) {
      throw new StartException("-acme-email " + GoText.quote(email.value()) + " is no address");
    }
    if (hostname.value().equals(DEFAULT_HOSTNAME)) {
      log.warn(
          "derper: -hostname is {}, the default: a certificate for any other name is not ordered",
          DEFAULT_HOSTNAME);
    }
    URI authority =
        acmeDirectory.value().isEmpty()
            ? google ? AcmeAuthority.GOOGLE : AcmeAuthority.LETS_ENCRYPT
            : url(acmeDirectory.value());
    return new RelayConfig.IssuedCertificate(
        certificateDirectory(),
        hostname.value(),
        new AcmeAuthority(authority, externalAccount(authority), email.value(), outgoing),
        addresses.value(),
        addressList());
  }

  private void requireForGoogle() throws StartException {
    if (addresses.value()) {
      throw new StartException("-acme-ip-certs needs -certmode letsencrypt");
    }
    for (Flag<String> needed : List.of(keyId, key, email)) {
      if (needed.value().isEmpty()) {
        throw new StartException("-certmode gcp needs -" + needed.name());
      }
    }
  }

  private Optional<AcmeAuthority.ExternalAccount> externalAccount(URI authority)
      throws StartException {
    if (keyId.value().isEmpty() != key.value().isEmpty()) {
      throw new StartException("-acme-eab-kid and -acme-eab-key need each other");
    }
    if (keyId.value().isEmpty()) {
      return Optional.empty();
    }
    if (authority.equals(AcmeAuthority.LETS_ENCRYPT)) {
      log.warn("derper: -acme-eab-kid has no effect: Let's Encrypt has no external accounts");
      return Optional.empty();
    }
    return Optional.of(new AcmeAuthority.ExternalAccount(keyId.value(), hmacKey()));
  }

  /// Authorities hand their keys out in either alphabet of base64. Never quotes the key.
  private byte[] hmacKey() throws StartException {
    try {
      return Base64.getUrlDecoder().decode(key.value());
    } catch (IllegalArgumentException otherAlphabet) {
      try {
        return Base64.getDecoder().decode(key.value());
      } catch (IllegalArgumentException neither) {
        throw new StartException("-acme-eab-key is no base64");
      }
    }
  }

  private static URI url(String text) throws StartException {
    try {
      URI url = URI.create(text);
      boolean web = "https".equals(url.getScheme()) || "http".equals(url.getScheme());
      if (web && url.getHost() != null) {
        return url;
      }
    } catch (IllegalArgumentException malformed) {
      // Said below.
    }
    throw new StartException("-acme-directory " + GoText.quote(text) + " is no http or https URL");
  }

  private List<InetAddress> addressList() throws StartException {
    List<InetAddress> list = new ArrayList<>();
    if (!publicAddresses.value().isEmpty()) {
      for (String item : publicAddresses.value().split(",", -1)) {
        try {
          list.add(InetAddress.ofLiteral(item.strip()));
        } catch (IllegalArgumentException noAddress) {
          throw new StartException(
              "-acme-ip-addresses: " + GoText.quote(item) + " is no IP address");
        }
      }
    }
    return list;
  }

  private Path certificateDirectory() throws StartException {
    if (directory.value().isEmpty()) {
      throw new StartException("-certmode " + mode.value() + " needs -certdir");
    }
    try {
      return Path.of(directory.value());
    } catch (InvalidPathException e) {
      throw new StartException("-certdir " + GoText.quote(directory.value()) + " is no path");
    }
  }

  private static Map<String, String> outgoing(Map<String, String> environment) {
    return environment.entrySet().stream()
        .filter(entry -> OUTGOING.contains(entry.getKey()))
        .collect(Collectors.toUnmodifiableMap(Map.Entry::getKey, Map.Entry::getValue));
  }
}

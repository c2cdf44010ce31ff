package dev.derp4j.tls;

import java.net.IDN;
import java.net.InetAddress;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// The name that this relay answers to, as the operator gave it: a DNS name or an address.
///
/// @param text what the operator wrote
/// @param host compared with: lower case, without a final dot or an address's brackets
/// @param address null for a DNS name
record ServerName(String text, String host, @Nullable InetAddress address) {
  private static final Pattern IPV4 =
      Pattern.compile("(?:0|[1-9][0-9]{0,2})(?:\\.(?:0|[1-9][0-9]{0,2})){3}");
  private static final Pattern IPV6 = Pattern.compile("[0-9A-Fa-f.:]*:[0-9A-Fa-f.:]*");
  private static final Pattern NOT_FOR_FILES = Pattern.compile("[^A-Za-z0-9.-]");

  static ServerName of(String hostname) throws TlsConfigException {
    String host = hostname.toLowerCase(Locale.ROOT);
    if (host.startsWith("[") && host.endsWith("]")) {
      host = host.substring(1, host.length() - 1);
    }
    host = withoutFinalDot(host);
    if (host.isEmpty()) {
      throw new TlsConfigException(
          "hostname \"" + hostname + "\": TLS needs a DNS name or an IP address");
    }
    return new ServerName(hostname, host, parseAddress(host));
  }

  /// An address as a name.
  static ServerName of(InetAddress address) {
    String text = Rfc5952.text(address);
    return new ServerName(text, text, address);
  }

  /// The name as the DNS has it: letters of other scripts in their ASCII form.
  ///
  /// @throws TlsConfigException if it is no DNS name
  ServerName inDns() throws TlsConfigException {
    try {
      String ascii = IDN.toASCII(host, IDN.USE_STD3_ASCII_RULES).toLowerCase(Locale.ROOT);
      return new ServerName(text, ascii, null);
    } catch (IllegalArgumentException malformed) {
      throw new TlsConfigException("hostname \"" + text + "\" is no DNS name");
    }
  }

  /// The address that the text writes out, or null. Never asks the DNS.
  static @Nullable InetAddress parseAddress(String text) {
    if (!IPV4.matcher(text).matches() && !IPV6.matcher(text).matches()) {
      return null;
    }
    try {
      return InetAddress.ofLiteral(text);
    } catch (IllegalArgumentException notAnAddress) {
      return null;
    }
  }

  boolean isAddress() {
    return address != null;
  }

  /// How the certificate's files begin: the hostname as given, without the characters that file
  /// names are spared, such as an IPv6 address's colons. Existing certificate directories are named
  /// so.
  String fileStem() {
    return NOT_FOR_FILES.matcher(text).replaceAll("");
  }

  /// Whether a client is served that asks for this name (SNI), or for none.
  ///
  /// A relay with a DNS name serves only those that ask for it, so that scanners of addresses learn
  /// nothing. A relay with an address serves all: clients that dial an address send no SNI, and
  /// some send whatever their DERP map says.
  boolean serves(@Nullable String requested) {
    return isAddress() || (requested != null && withoutFinalDot(requested).equalsIgnoreCase(host));
  }

  static String withoutFinalDot(String name) {
    return name.endsWith(".") ? name.substring(0, name.length() - 1) : name;
  }
}

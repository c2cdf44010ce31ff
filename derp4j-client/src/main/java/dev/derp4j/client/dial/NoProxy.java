package dev.derp4j.client.dial;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// The hosts that are dialled without a proxy; see [ProxyEnvironment] for the list's form.
record NoProxy(List<Rule> rules) {

  private interface Rule {
    boolean covers(String host, byte @Nullable [] address, int port);
  }

  static NoProxy parse(String list) {
    List<Rule> rules = new ArrayList<>();
    for (String part : list.split(",")) {
      String entry = part.strip().toLowerCase(Locale.ROOT);
      if (!entry.isEmpty()) {
        rules.add(rule(entry));
      }
    }
    return new NoProxy(List.copyOf(rules));
  }

  boolean covers(String uriHost, int port) {
    String host = withoutBrackets(uriHost.toLowerCase(Locale.ROOT));
    if (host.endsWith(".")) {
      host = host.substring(0, host.length() - 1);
    }
    byte[] address = address(host);
    if (host.equals("localhost") || (address != null && isLoopback(address))) {
      return true;
    }
    for (Rule rule : rules) {
      if (rule.covers(host, address, port)) {
        return true;
      }
    }
    return false;
  }

  private static Rule rule(String entry) {
    if (entry.equals("*")) {
      return (host, address, port) -> true;
    }
    int slash = entry.indexOf('/');
    byte[] network = slash < 0 ? null : address(entry.substring(0, slash));
    if (network != null && entry.substring(slash + 1).matches("\\d{1,3}")) {
      int bits = Integer.parseInt(entry.substring(slash + 1));
      if (bits <= network.length * 8) {
        return (host, address, port) -> address != null && inBlock(address, network, bits);
      }
    }
    return hostRule(entry);
  }

  private static Rule hostRule(String entry) {
    int colon = entry.lastIndexOf(':');
    boolean hasPort =
        colon > 0 && address(entry) == null && entry.substring(colon + 1).matches("\\d{1,5}");
    int wanted = hasPort ? Integer.parseInt(entry.substring(colon + 1)) : -1;
    String name = withoutBrackets(hasPort ? entry.substring(0, colon) : entry);
    byte[] only = address(name);
    if (only != null) {
      return (host, address, port) ->
          Arrays.equals(only, address) && (wanted < 0 || wanted == port);
    }
    String domain = name.startsWith("*.") ? name.substring(1) : name;
    boolean subdomainsOnly = domain.startsWith(".");
    String suffix = subdomainsOnly ? domain : "." + domain;
    return (host, address, port) ->
        (wanted < 0 || wanted == port)
            && (host.endsWith(suffix) || (!subdomainsOnly && host.equals(domain)));
  }

  private static boolean inBlock(byte[] address, byte[] network, int bits) {
    if (address.length != network.length) {
      return false;
    }
    for (int bit = 0; bit < bits; bit++) {
      int mask = 0x80 >> (bit & 7);
      if (((address[bit >> 3] ^ network[bit >> 3]) & mask) != 0) {
        return false;
      }
    }
    return true;
  }

  private static boolean isLoopback(byte[] address) {
    byte[] v6 = new byte[16];
    v6[15] = 1;
    return address.length == 4 ? address[0] == 127 : Arrays.equals(address, v6);
  }

  private static String withoutBrackets(String host) {
    return host.startsWith("[") && host.endsWith("]") ? host.substring(1, host.length() - 1) : host;
  }

  private static byte @Nullable [] address(String text) {
    try {
      return InetAddress.ofLiteral(withoutBrackets(text)).getAddress();
    } catch (IllegalArgumentException e) {
      return null;
    }
  }
}

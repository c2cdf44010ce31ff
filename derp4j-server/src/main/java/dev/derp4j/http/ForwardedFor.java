package dev.derp4j.http;

import dev.derp4j.debug.AddressRanges;
import dev.derp4j.transport.ClientAddress;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Whom a proxy that speaks HTTP speaks for: `X-Forwarded-For`, believed from trusted networks
/// only.
///
/// Each proxy appends the address that it was asked from, so the list is read from its end: as long
/// as an address is itself a trusted proxy, the one before it counts. What stands before the first
/// stranger was written by that stranger. Where the list has something else than an address, the
/// last one that was good counts.
final class ForwardedFor {
  private static final String HEADER = "X-Forwarded-For";
  private static final Pattern COMMA = Pattern.compile(",");

  private final AddressRanges trusted;

  ForwardedFor(AddressRanges trusted) {
    this.trusted = trusted;
  }

  /// @param direct who made the connection
  ClientAddress client(ClientAddress direct, HttpHeaders headers) {
    InetAddress ip = direct.ip();
    if (ip == null || !trusted.test(ip) || !headers.contains(HEADER)) {
      return direct;
    }
    List<String> hops = headers.getAll(HEADER).stream().flatMap(COMMA::splitAsStream).toList();
    InetAddress client = ip;
    for (int i = hops.size() - 1; i >= 0 && trusted.test(client); i--) {
      InetAddress before = address(hops.get(i).strip());
      if (before == null) {
        break;
      }
      client = before;
    }
    return client.equals(ip) ? direct : new ClientAddress(new InetSocketAddress(client, 0), true);
  }

  /// `192.0.2.7`, `192.0.2.7:4000`, `2001:db8::7` or `[2001:db8::7]:4000`; some proxies add ports.
  private static @Nullable InetAddress address(String text) {
    String ip = text;
    if (text.startsWith("[")) {
      ip = text.substring(1, Math.max(1, text.indexOf(']')));
    } else if (text.indexOf(':') == text.lastIndexOf(':') && text.indexOf(':') > 0) {
      ip = text.substring(0, text.indexOf(':'));
    }
    byte[] bytes = ip.indexOf('%') >= 0 ? null : NetUtil.createByteArrayFromIpAddressString(ip);
    try {
      return bytes == null ? null : InetAddress.getByAddress(bytes);
    } catch (UnknownHostException impossible) {
      throw new IllegalStateException(impossible);
    }
  }
}

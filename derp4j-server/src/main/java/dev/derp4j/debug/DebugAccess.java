package dev.derp4j.debug;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Decides who may see the debug pages.
///
/// Allowed are: loopback; addresses of a tailnet; the address in `TS_ALLOW_DEBUG_IP`; the ranges in
/// `TS_DEBUG_TRUSTED_CIDRS`; and whoever sends, with GET, a `debugkey` that equals the trimmed
/// content of the file `TS_DEBUG_KEY_PATH`. A request with `X-Forwarded-For` comes through a proxy
/// whose own address says nothing about the asker: only the key helps it.
///
/// Immutable, for any thread. The key file is read at each request that brings a key, so that a new
/// key needs no restart.
public final class DebugAccess {
  /// Addresses that a tailnet gives to its machines: the carrier-grade NAT range of RFC 6598
  /// without the part that ChromeOS uses inside itself, and a unique local range of IPv6.
  private static final AddressRange TAILNET_V4 = AddressRange.parse("100.64.0.0/10");

  private static final AddressRange CHROMEOS = AddressRange.parse("100.115.92.0/23");
  private static final AddressRange TAILNET_V6 = AddressRange.parse("fd7a:115c:a1e0::/48");

  /// More than any key that a human or a program makes; a bound on what one request makes us read.
  private static final int KEY_FILE_LIMIT = 4096;

  private final List<AddressRange> trusted;
  private final @Nullable InetAddress allowedIp;
  private final @Nullable Path keyFile;

  /// Reads the settings.
  ///
  /// @param environment the environment of the process, or what takes its place in a test
  /// @throws IllegalArgumentException if a range cannot be parsed. The message is one line for an
  ///     operator. The Go relay
  ///     finds out at the first request for a debug page, and ends as a whole there; it is kinder
  /// to say so at the start
  public DebugAccess(Map<String, String> environment) {
    trusted = parseRanges(environment.getOrDefault("TS_DEBUG_TRUSTED_CIDRS", ""));
    allowedIp = parseAddress(environment.getOrDefault("TS_ALLOW_DEBUG_IP", ""));
    String path = environment.getOrDefault("TS_DEBUG_KEY_PATH", "");
    keyFile = path.isEmpty() ? null : Path.of(path);
  }

  /// Something else than an address matches nobody, as with the Go relay.
  private static @Nullable InetAddress parseAddress(String text) {
    try {
      return InetAddress.ofLiteral(text);
    } catch (IllegalArgumentException e) {
      return null;
    }
  }

  private static List<AddressRange> parseRanges(String list) {
    List<AddressRange> ranges = new ArrayList<>();
    for (String entry : list.split(",", -1)) {
      String text = entry.strip();
      if (!text.isEmpty()) {
        try {
          ranges.add(AddressRange.parse(text));
        } catch (IllegalArgumentException e) {
          throw new IllegalArgumentException(
              "invalid CIDR in TS_DEBUG_TRUSTED_CIDRS: \"" + text + "\": " + e.getMessage(), e);
        }
      }
    }
    return List.copyOf(ranges);
  }

  /// What of a request matters here.
  ///
  /// @param remote where the connection comes from; null if it has no IP address
  /// @param method the HTTP method
  /// @param query what stands behind the question mark, undecoded; empty if there is none
  /// @param forwarded whether the request has an `X-Forwarded-For` header that is not empty
  public record Asker(
      @Nullable InetAddress remote, String method, String query, boolean forwarded) {}

  /// Whether the asker may see the debug pages.
  public boolean allows(Asker asker) {
    if (asker.method().equals("GET") && hasKey(asker.query())) {
      return true;
    }
    InetAddress remote = asker.remote();
    return remote != null && !asker.forwarded() && allows(remote);
  }

  private boolean allows(InetAddress remote) {
    return remote.isLoopbackAddress()
        || isOfTailnet(remote)
        || remote.equals(allowedIp)
        || trusted.stream().anyMatch(range -> range.contains(remote));
  }

  private static boolean isOfTailnet(InetAddress remote) {
    return (TAILNET_V4.contains(remote) && !CHROMEOS.contains(remote))
        || TAILNET_V6.contains(remote);
  }

  private boolean hasKey(String query) {
    if (keyFile == null) {
      return false;
    }
    String given = QueryText.first(query, "debugkey");
    if (given.isEmpty()) {
      return false;
    }
    String expected = readKey(keyFile);
    // The time this takes tells nothing about how much of the key was right.
    return MessageDigest.isEqual(
            given.getBytes(StandardCharsets.UTF_8), expected.getBytes(StandardCharsets.UTF_8))
        && !expected.isEmpty();
  }

  private static String readKey(Path file) {
    if (!Files.isRegularFile(file)) {
      return "";
    }
    try (InputStream in = Files.newInputStream(file)) {
      byte[] bytes = in.readNBytes(KEY_FILE_LIMIT + 1);
      return bytes.length > KEY_FILE_LIMIT ? "" : new String(bytes, StandardCharsets.UTF_8).strip();
    } catch (IOException e) {
      return "";
    }
  }
}

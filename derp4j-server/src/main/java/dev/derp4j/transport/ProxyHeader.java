package dev.derp4j.transport;

import io.netty.buffer.ByteBuf;
import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// A PROXY protocol header, version 1 or 2, as HAProxy's specification has it.
///
/// ```text
/// 1   "PROXY TCP4 192.0.2.7 198.51.100.1 40000 443\r\n"     at most 107 bytes
///
/// 2   0d 0a 0d 0a 00 0d 0a 51 55 49 54 0a | 2C | FT | length (2) | addresses | TLVs
///     C: 0 LOCAL, 1 PROXY    F: 1 IPv4, 2 IPv6, 3 UNIX, 0 unknown    T: 1 stream, 2 datagram
/// ```
///
/// @param client where the client is; null if the header does not tell, or tells it in no way that
///     a TCP connection can have come
/// @param length of the header in bytes, with what it carries beside the addresses
record ProxyHeader(@Nullable InetSocketAddress client, int length) {
  /// What the proxies of this world add to addresses stays far below: a unique id, the name in the
  /// TLS handshake, a client's certificate.
  static final int LONGEST = 8 * 1024;

  private static final int LONGEST_V1 = 107;
  private static final byte[] SIGNATURE_V1 = "PROXY ".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] SIGNATURE_V2 = {
    0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a
  };
  private static final int HEAD_V2 = 16;
  private static final int VERSION_2 = 0x20;
  private static final int LOCAL = 0;
  private static final int PROXY = 1;
  private static final int TCP_OVER_V4 = 0x11;
  private static final int TCP_OVER_V6 = 0x21;
  private static final int V4_BYTES = 4;
  private static final int V6_BYTES = 16;
  private static final Pattern PORT = Pattern.compile("0|[1-9][0-9]{0,4}");
  private static final Pattern SPACE = Pattern.compile(" ");

  /// What is wrong with a header. Input of strangers: no stack trace.
  static final class MalformedException extends Exception {
    private static final long serialVersionUID = 1L;

    MalformedException(String message) {
      super(message, null, false, false);
    }
  }

  /// The header that the bytes begin with; null if it is not complete yet. Changes no index.
  ///
  /// @throws MalformedException as soon as it is clear that they begin with none
  static @Nullable ProxyHeader parse(ByteBuf in) throws MalformedException {
    if (startsLike(in, SIGNATURE_V2)) {
      return parseV2(in);
    }
    if (startsLike(in, SIGNATURE_V1)) {
      return parseV1(in);
    }
    throw new MalformedException("no PROXY header");
  }

  private static boolean startsLike(ByteBuf in, byte[] signature) {
    int known = Math.min(signature.length, in.readableBytes());
    for (int i = 0; i < known; i++) {
      if (in.getByte(in.readerIndex() + i) != signature[i]) {
        return false;
      }
    }
    return true;
  }

  private static @Nullable ProxyHeader parseV2(ByteBuf in) throws MalformedException {
    if (in.readableBytes() < HEAD_V2) {
      return null;
    }
    int start = in.readerIndex();
    int version = in.getUnsignedByte(start + 12) & 0xf0;
    int command = in.getUnsignedByte(start + 12) & 0x0f;
    int family = in.getUnsignedByte(start + 13);
    int rest = in.getUnsignedShort(start + 14);
    if (version != VERSION_2 || command > PROXY) {
      throw new MalformedException("unknown version or command of PROXY header");
    }
    if (HEAD_V2 + rest > LONGEST) {
      throw new MalformedException("PROXY header of " + (HEAD_V2 + rest) + " bytes");
    }
    int needed = needed(family);
    if (command != LOCAL && rest < needed) {
      throw new MalformedException("PROXY header without room for its addresses");
    }
    if (in.readableBytes() < HEAD_V2 + rest) {
      return null;
    }
    InetSocketAddress client =
        command == LOCAL || needed == 0 ? null : source(in, start + HEAD_V2, family);
    return new ProxyHeader(client, HEAD_V2 + rest);
  }

  /// What two addresses and ports take; nothing where they are none of ours.
  private static int needed(int family) {
    return switch (family) {
      case TCP_OVER_V4 -> 2 * V4_BYTES + 2 * Short.BYTES;
      case TCP_OVER_V6 -> 2 * V6_BYTES + 2 * Short.BYTES;
      default -> 0;
    };
  }

  private static InetSocketAddress source(ByteBuf in, int index, int family) {
    byte[] ip = new byte[family == TCP_OVER_V4 ? V4_BYTES : V6_BYTES];
    in.getBytes(index, ip);
    return new InetSocketAddress(address(ip), in.getUnsignedShort(index + 2 * ip.length));
  }

  private static InetAddress address(byte[] bytes) {
    try {
      return InetAddress.getByAddress(bytes);
    } catch (UnknownHostException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  private static @Nullable ProxyHeader parseV1(ByteBuf in) throws MalformedException {
    int start = in.readerIndex();
    int seen = Math.min(LONGEST_V1, in.readableBytes());
    int end = in.indexOf(start, start + seen, (byte) '\n');
    if (end < 0) {
      if (seen == LONGEST_V1) {
        throw new MalformedException("PROXY header without an end");
      }
      return null;
    }
    if (in.getByte(end - 1) != '\r') {
      throw new MalformedException("PROXY header without an end");
    }
    String line = in.toString(start, end - 1 - start, StandardCharsets.ISO_8859_1);
    return new ProxyHeader(client(SPACE.split(line, -1)), end + 1 - start);
  }

  private static @Nullable InetSocketAddress client(String[] words) throws MalformedException {
    String family = words[1];
    if (family.equals("UNKNOWN")) {
      return null;
    }
    boolean isV4 = family.equals("TCP4");
    if (words.length != 6 || !(isV4 || family.equals("TCP6"))) {
      throw new MalformedException("PROXY header without two addresses and ports");
    }
    byte[] source = ip(words[2], isV4);
    ip(words[3], isV4);
    port(words[5]);
    return new InetSocketAddress(address(source), port(words[4]));
  }

  private static byte[] ip(String text, boolean isV4) throws MalformedException {
    boolean valid =
        isV4
            ? NetUtil.isValidIpV4Address(text)
            : NetUtil.isValidIpV6Address(text) && text.indexOf('%') < 0;
    byte[] bytes = valid ? NetUtil.createByteArrayFromIpAddressString(text) : null;
    if (bytes == null) {
      throw new MalformedException("PROXY header with a bad address");
    }
    return bytes;
  }

  private static int port(String text) throws MalformedException {
    if (!PORT.matcher(text).matches() || Integer.parseInt(text) > 0xffff) {
      throw new MalformedException("PROXY header with a bad port");
    }
    return Integer.parseInt(text);
  }
}

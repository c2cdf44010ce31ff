package dev.derp4j.stun;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// A Binding success answer: "I see you at this address".
///
/// ```text
///  0     2     4           8                 20    22    24 25 26      28
/// +-----+-----+-----------+-----------------+-----+-----+--+--+-------+----------------------+
/// |01 01| len |21 12 A4 42| transaction id  |00 20| 4+n |00|f | port ^| address, n bytes     ^|
/// +-----+-----+-----------+-----------------+-----+-----+--+--+-------+----------------------+
///  success                                   XOR-MAPPED-ADDRESS (RFC 8489 §14.2)
/// ```
///
/// Family `f` is 1 with n = 4 (32 bytes in all) or 2 with n = 16 (44 bytes). The port is XORed with
/// 0x2112, the address with bytes 4 to 19 of the message, so that meddling middleboxes do not
/// recognise and rewrite it.
///
/// @param id of the request
/// @param mapped where the server saw the request come from; an IPv4 address is never in its
///     `::ffff:a.b.c.d` form
public record BindingAnswer(TransactionId id, InetSocketAddress mapped) {
  /// Bytes of an answer to an IPv4 client.
  public static final int IPV4_LENGTH = 32;

  /// Bytes of an answer to an IPv6 client, and the most that [#write] writes.
  public static final int IPV6_LENGTH = 44;

  private static final int ADDRESS = 28;
  private static final int PORT_MASK = Wire.MAGIC_COOKIE >>> 16;

  /// Writes the answer to a request, as a server does; allocates nothing.
  ///
  /// An IPv4-mapped address (`::ffff:a.b.c.d`, what an IPv4 client looks like on a dual-stack
  /// socket) is answered as the IPv4 address that it is.
  ///
  /// @param request holds a valid request at `requestOffset`
  /// @param address 4 or 16 bytes at its start: the client's address as the socket tells it
  /// @param addressLength 4 or 16
  /// @param port the client's port
  /// @param out takes up to [#IPV6_LENGTH] bytes from its start; not the array of the request
  /// @return the answer's length: [#IPV4_LENGTH] or [#IPV6_LENGTH]
  /// @throws IllegalArgumentException if `addressLength` is another number
  /// @throws IndexOutOfBoundsException if an array is too short
  public static int write(
      byte[] request, int requestOffset, byte[] address, int addressLength, int port, byte[] out) {
    boolean mapped = addressLength == 16 && isIpv4Mapped(address);
    int from = mapped ? 12 : 0;
    int count = addressLength - from;
    if (count != 4 && count != 16) {
      throw new IllegalArgumentException("an address of " + addressLength + " bytes");
    }
    int length = ADDRESS + count;
    Wire.putShort(out, 0, Wire.TYPE_BINDING_SUCCESS);
    Wire.putShort(out, 2, length - Wire.HEADER_LENGTH);
    Wire.putInt(out, 4, Wire.MAGIC_COOKIE);
    Wire.putLong(out, 8, Wire.longInteger(request, requestOffset + Wire.TRANSACTION_ID));
    Wire.putInt(out, 16, Wire.integer(request, requestOffset + Wire.TRANSACTION_ID + 8));
    Wire.putShort(out, 20, Wire.ATTRIBUTE_XOR_MAPPED_ADDRESS);
    Wire.putShort(out, 22, 4 + count);
    Wire.putShort(out, 24, count == 4 ? Wire.FAMILY_IPV4 : Wire.FAMILY_IPV6);
    Wire.putShort(out, 26, port ^ PORT_MASK);
    for (int i = 0; i < count; i += 4) {
      Wire.putInt(out, ADDRESS + i, Wire.integer(address, from + i) ^ Wire.integer(out, 4 + i));
    }
    return length;
  }

  /// Reads an answer, as a client does.
  ///
  /// XOR-MAPPED-ADDRESS counts (0x0020, and 0x8020 which some servers send), else MAPPED-ADDRESS
  /// (0x0001) of servers older than RFC 5389. Where one is there several times, the last counts.
  /// Other attributes and bytes behind the header's length are skipped.
  ///
  /// @throws StunFormatException if it is no success answer, its attributes do not fit into it, or
  ///     it names no address
  /// @throws IndexOutOfBoundsException if the range does not lie in the array
  public static BindingAnswer parse(byte[] bytes, int offset, int length)
      throws StunFormatException {
    Objects.checkFromIndexSize(offset, length, bytes.length);
    if (!Wire.isStun(bytes, offset, length)) {
      throw new StunFormatException("not a STUN message");
    }
    if (Wire.unsignedShort(bytes, offset) != Wire.TYPE_BINDING_SUCCESS) {
      throw new StunFormatException("not a Binding success answer");
    }
    int attributes = Wire.unsignedShort(bytes, offset + 2);
    if (attributes > length - Wire.HEADER_LENGTH) {
      throw new StunFormatException("shorter than its header says");
    }
    InetSocketAddress address =
        findAddress(bytes, offset, offset + Wire.HEADER_LENGTH + attributes);
    return new BindingAnswer(TransactionId.read(bytes, offset + Wire.TRANSACTION_ID), address);
  }

  private static InetSocketAddress findAddress(byte[] bytes, int message, int end)
      throws StunFormatException {
    @Nullable InetSocketAddress found = null;
    @Nullable InetSocketAddress fallback = null;
    int next;
    for (int at = message + Wire.HEADER_LENGTH; at < end; at = next) {
      if (end - at < Wire.ATTRIBUTE_HEADER_LENGTH) {
        throw new StunFormatException("bytes left that are no attribute");
      }
      int valueLength = Wire.unsignedShort(bytes, at + 2);
      int value = at + Wire.ATTRIBUTE_HEADER_LENGTH;
      next = value + Wire.padded(valueLength);
      if (next > end) {
        throw new StunFormatException("an attribute reaches over the end");
      }
      switch (Wire.unsignedShort(bytes, at)) {
        case Wire.ATTRIBUTE_XOR_MAPPED_ADDRESS, Wire.ATTRIBUTE_XOR_MAPPED_ADDRESS_OPTIONAL ->
            found = readAddress(bytes, value, valueLength, message + 4);
        case Wire.ATTRIBUTE_MAPPED_ADDRESS -> fallback = readAddress(bytes, value, valueLength, -1);
        default -> {}
      }
    }
    if (found == null) {
      found = fallback;
    }
    if (found == null) {
      throw new StunFormatException("names no address");
    }
    return found;
  }

  /// Reads a MAPPED-ADDRESS value; `mask` is where the 16 bytes lie that it is XORed with, or −1 if
  /// it is plain.
  private static InetSocketAddress readAddress(byte[] bytes, int value, int valueLength, int mask)
      throws StunFormatException {
    if (valueLength < 4) {
      throw new StunFormatException("an address attribute without a port");
    }
    int count =
        switch (bytes[value + 1]) {
          case Wire.FAMILY_IPV4 -> 4;
          case Wire.FAMILY_IPV6 -> 16;
          default -> throw new StunFormatException("an address of an unknown family");
        };
    if (valueLength < 4 + count) {
      throw new StunFormatException("an address that is cut short");
    }
    int port = Wire.unsignedShort(bytes, value + 2);
    byte[] address = Arrays.copyOfRange(bytes, value + 4, value + 4 + count);
    if (mask >= 0) {
      port ^= PORT_MASK;
      for (int i = 0; i < count; i++) {
        address[i] ^= bytes[mask + i];
      }
    }
    try {
      // Unwraps ::ffff:a.b.c.d, the answer of older servers to IPv4 clients.
      return new InetSocketAddress(InetAddress.getByAddress(address), port);
    } catch (UnknownHostException e) {
      throw new AssertionError("4 or 16 bytes are always an address", e);
    }
  }

  private static boolean isIpv4Mapped(byte[] address) {
    return Wire.longInteger(address, 0) == 0 && Wire.integer(address, 8) == 0x0000_FFFF;
  }
}

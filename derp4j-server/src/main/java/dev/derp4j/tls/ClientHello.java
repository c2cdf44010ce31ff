package dev.derp4j.tls;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// What of a client's first message decides which certificate it gets.
///
/// ```
/// version(2) random(32) session id<1> cipher suites<2> compression<1> extensions<2>
/// extension     type(2) body<2>
/// server_name   list<2> of kind(1) name<2>            RFC 6066 §3, kind 0 is a host name
/// ALPN          list<2> of protocol<1>                RFC 7301 §3.1
/// ```
///
/// `<n>` is a field behind its length in n bytes.
///
/// @param serverName as the client wrote it; null if it named none
/// @param protocols what it offers to speak, in its order
record ClientHello(@Nullable String serverName, List<String> protocols) {
  private static final int VERSION_AND_RANDOM = 34;
  private static final int SERVER_NAME = 0;
  private static final int ALPN = 16;

  ClientHello {
    protocols = List.copyOf(protocols);
  }

  /// Reads the message behind its type and length. The buffer's indices stay as they are.
  ///
  /// @return empty if it is malformed
  static Optional<ClientHello> parse(ByteBuf message) {
    ByteBuf in = message.slice();
    try {
      in.skipBytes(VERSION_AND_RANDOM);
      in.skipBytes(in.readUnsignedByte());
      in.skipBytes(in.readUnsignedShort());
      in.skipBytes(in.readUnsignedByte());
      return Optional.of(
          in.isReadable() ? extensions(field(in)) : new ClientHello(null, List.of()));
    } catch (IndexOutOfBoundsException cutShort) {
      return Optional.empty();
    }
  }

  private static ByteBuf field(ByteBuf in) {
    return in.readSlice(in.readUnsignedShort());
  }

  private static ClientHello extensions(ByteBuf in) {
    @Nullable String name = null;
    List<String> protocols = List.of();
    while (in.isReadable()) {
      int type = in.readUnsignedShort();
      ByteBuf body = field(in);
      switch (type) {
        case SERVER_NAME -> name = serverName(body);
        case ALPN -> protocols = protocols(body);
        default -> {
          // Nothing to do with certificates.
        }
      }
    }
    return new ClientHello(name, protocols);
  }

  private static @Nullable String serverName(ByteBuf body) {
    ByteBuf names = field(body);
    while (names.isReadable()) {
      int kind = names.readUnsignedByte();
      ByteBuf name = field(names);
      if (kind == 0) {
        return name.toString(StandardCharsets.US_ASCII);
      }
    }
    return null;
  }

  private static List<String> protocols(ByteBuf body) {
    ByteBuf list = field(body);
    List<String> protocols = new ArrayList<>();
    while (list.isReadable()) {
      protocols.add(list.readSlice(list.readUnsignedByte()).toString(StandardCharsets.US_ASCII));
    }
    return protocols;
  }
}

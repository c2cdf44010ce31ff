package dev.derp4j.transport;

import io.netty.channel.Channel;
import io.netty.util.AttributeKey;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import org.jspecify.annotations.Nullable;

/// Who is at the other end of a connection: the one who made it, or who a proxy says it speaks for.
///
/// @param address where the client is; where it is unknown to the proxy, the proxy itself
/// @param told whether a proxy said so. Such an address is good for logs and limits; it opens
///     nothing that an address may open, since whoever can speak for the proxy can choose it
public record ClientAddress(SocketAddress address, boolean told) {
  private static final AttributeKey<ClientAddress> KEY =
      AttributeKey.valueOf(ClientAddress.class, "client");

  /// The client of a connection. On its event loop, while it is open.
  public static ClientAddress of(Channel channel) {
    ClientAddress told = channel.hasAttr(KEY) ? channel.attr(KEY).get() : null;
    return told != null ? told : new ClientAddress(channel.remoteAddress(), false);
  }

  /// Remembers what a proxy said, as long as the connection lives.
  public static void tell(Channel channel, ClientAddress client) {
    channel.attr(KEY).set(client);
  }

  /// Null where a connection has no address of the internet, as in tests without a network.
  public @Nullable InetAddress ip() {
    return address instanceof InetSocketAddress internet ? internet.getAddress() : null;
  }
}

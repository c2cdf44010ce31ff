package dev.derp4j.vectors;

import dev.derp4j.frame.Frame;
import java.net.Inet6Address;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

/// Puts frames into the words of the recorder, to compare with what the original made of the same
/// bytes.
public final class Descriptions {
  private Descriptions() {}

  /// One line per frame, such as `PeerGone nodekey:… 1`.
  public static String of(Frame frame) {
    return switch (frame) {
      case Frame.ServerKey f -> "ServerKey " + f.serverKey();
      case Frame.ClientInfo f -> "ClientInfo " + f.clientKey();
      case Frame.ServerInfo f -> "ServerInfo box of " + f.box().length;
      case Frame.SendPacket f ->
          "SendPacket " + f.destination() + " " + Vectors.column(f.payload());
      case Frame.RecvPacket f -> "RecvPacket " + f.source() + " " + Vectors.column(f.payload());
      case Frame.ForwardPacket f ->
          "ForwardPacket " + f.source() + " " + f.destination() + " " + Vectors.column(f.payload());
      case Frame.KeepAlive() -> "KeepAlive";
      case Frame.NotePreferred f -> "NotePreferred " + f.preferred();
      case Frame.PeerGone f -> "PeerGone " + f.peer() + " " + f.reason();
      case Frame.PeerPresent f ->
          "PeerPresent " + f.peer() + " " + address(f) + " " + f.flags() + " " + text(f.appName());
      case Frame.WatchConns() -> "WatchConns";
      case Frame.ClosePeer f -> "ClosePeer " + f.peer();
      case Frame.Ping f -> "Ping " + HexFormat.of().toHexDigits(f.data());
      case Frame.Pong f -> "Pong " + HexFormat.of().toHexDigits(f.data());
      case Frame.Health f -> "Health " + text(f.problem());
      case Frame.Restarting f -> "Restarting " + f.reconnectInMs() + " " + f.tryForMs();
      case Frame.Unknown f -> "Unknown " + f.type() + " " + Vectors.column(f.payload());
    };
  }

  private static String text(String text) {
    return Vectors.column(text.getBytes(StandardCharsets.UTF_8));
  }

  /// Go shortens IPv6 addresses and Java does not; the recorded ones are short enough to do it by
  /// hand.
  private static String address(Frame.PeerPresent present) {
    InetSocketAddress address = present.address();
    if (address == null) {
      return "-";
    }
    String host = address.getAddress().getHostAddress();
    if (address.getAddress() instanceof Inet6Address) {
      host = "[" + host.replaceFirst("(^|:)(0(:|$))+", "::").replace(":::", "::") + "]";
    }
    return host + ":" + address.getPort();
  }
}

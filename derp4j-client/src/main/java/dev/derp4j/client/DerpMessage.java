package dev.derp4j.client;

import dev.derp4j.handshake.ServerInfo;
import dev.derp4j.key.NodePublicKey;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Optional;

/// What a client hears, in the order in which it came: packets and notices of the server, and the
/// client's own notices about its connection.
///
/// KeepAlive, Ping and Pong frames are dealt with by the client and do not show here.
public sealed interface DerpMessage {
  /// A packet for us.
  ///
  /// @param source who sent it
  /// @param payload what it holds, at most 65536 bytes; the receiver's own
  @SuppressWarnings("ArrayRecordComponent") // a copy for each reader would cost more than it saves
  record Packet(NodePublicKey source, byte[] payload) implements DerpMessage {}

  /// A peer is not connected to the server, or no longer.
  ///
  /// @param peer whom we sent to or heard of
  /// @param reason one of [dev.derp4j.frame.PeerGoneReason], or a newer number
  record PeerGone(NodePublicKey peer, int reason) implements DerpMessage {}

  /// A peer has connected. Comes only to those who watch ([DerpClient#watchConnections]), for each
  /// connection of the peer, so also for one that is there already.
  ///
  /// @param peer who connected
  /// @param address from where, if the server says so
  /// @param flags bits of [dev.derp4j.frame.PeerPresentFlags], 0 from old servers
  /// @param appName what the peer calls its program, empty if nothing
  record PeerPresent(
      NodePublicKey peer, Optional<InetSocketAddress> address, int flags, String appName)
      implements DerpMessage {}

  /// The server finds something wrong with the connection, such as another one with the same key.
  ///
  /// @param problem what it is, as the server puts it; empty if all is well again
  record Health(String problem) implements DerpMessage {}

  /// The server is about to restart. The client waits as long as told before it connects again, and
  /// then tries for as long as told before it reports a failure; both at most a minute.
  record Restarting(Duration reconnectIn, Duration tryFor) implements DerpMessage {}

  /// A connection has been made. What the server knew of an earlier connection's is lost; what this
  /// client asked for (to be preferred, to watch) has been asked for again.
  ///
  /// @param generation 1 for the first connection, 2 for the second, ...
  /// @param node the name of the relay, as the map or the URL has it
  /// @param serverKey the relay's key
  /// @param serverInfo what it said of itself
  record Connected(int generation, String node, NodePublicKey serverKey, ServerInfo serverInfo)
      implements DerpMessage {}

  /// The connection of that generation has ended; what was on its way may be lost.
  ///
  /// @param reason why, one printable line
  record Disconnected(int generation, String reason) implements DerpMessage {}

  /// A client that keeps itself connected has failed to connect, and will try again.
  ///
  /// @param cause mostly a [dev.derp4j.client.dial.DialException], which names the step
  record ConnectFailed(IOException cause) implements DerpMessage {}
}

package dev.derp4j.client.dial;

import dev.derp4j.handshake.ServerInfo;
import dev.derp4j.key.NodePublicKey;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import java.net.SocketAddress;

/// An established DERP channel: ServerInfo has come, nothing behind it has been looked at.
///
/// Reading has stopped until [#handOver]; whoever has no use for the link closes its channel.
/// Immutable; the channel's own thread is its event loop.
public final class DerpLink {
  private final DerpEndpoint endpoint;
  private final HandshakePhase.Introduction introduction;
  private final boolean fastStarted;
  private final Channel channel;

  DerpLink(
      DerpEndpoint endpoint,
      HandshakePhase.Introduction introduction,
      boolean fastStarted,
      Channel channel) {
    this.endpoint = endpoint;
    this.introduction = introduction;
    this.fastStarted = fastStarted;
    this.channel = channel;
  }

  /// The endpoint at the other end, of several the one that worked.
  public DerpEndpoint endpoint() {
    return endpoint;
  }

  /// The server's key. It may be one's own, where a relay dialled itself.
  public NodePublicKey serverKey() {
    return introduction.serverKey();
  }

  /// What the server said of itself.
  public ServerInfo serverInfo() {
    return introduction.serverInfo();
  }

  /// Whether the upgrade took no round trip.
  public boolean fastStarted() {
    return fastStarted;
  }

  /// Where TCP goes: the server's address, or the proxy's.
  public SocketAddress remoteAddress() {
    return channel.remoteAddress();
  }

  /// The channel. Below [#handOver]'s handler it turns plain buffers of the DERP stream into what
  /// the wire wants.
  public Channel channel() {
    return channel;
  }

  /// Puts the consumer's handler at the end of the pipeline, hands it the bytes that came behind
  /// ServerInfo, in order, and starts to read. Only on the channel's event loop, and only once.
  ///
  /// If the connection has ended meanwhile, the handler is told so by `channelInactive`.
  ///
  /// @param name the handler's name in the pipeline
  /// @param next takes and writes `ByteBuf`s, pieces of the DERP stream cut anywhere
  public void handOver(String name, ChannelHandler next) {
    introduction.gate().handOver(name, next);
  }

  @Override
  public String toString() {
    return "DerpLink[" + endpoint.name() + ", server " + serverKey().shortText() + "]";
  }
}

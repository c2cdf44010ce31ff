package dev.derp4j.session;

import dev.derp4j.admission.Newcomer;
import dev.derp4j.admission.Verdict;
import dev.derp4j.handshake.ServerInfo;
import dev.derp4j.handshake.SharedBox;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import java.net.InetSocketAddress;

/// How a connection whose client may come in begins to relay.
///
/// @param box seals the ServerInfo that it gets first
record RelayEntry(
    RelayServices services,
    RelayLoop loop,
    InetSocketAddress remote,
    RelaySession.Identity identity,
    SharedBox box) {

  private static final byte[] SERVER_INFO = ServerInfo.plain().toJson();

  Newcomer newcomer() {
    return identity.newcomer(remote);
  }

  /// Puts a [RelayHandler] in the place of the phase before, registers the client, answers it, and
  /// has it read without waiting for turns. On the connection's event loop.
  ///
  /// @param verdict why it may
  /// @param rest what the client has already sent behind its ClientInfo; takes its reference
  void enter(
      ChannelHandlerContext ctx, ChannelHandler phase, Verdict.Admitted verdict, ByteBuf rest) {
    RelaySession session = new RelaySession(services, loop, ctx.channel(), remote, identity);
    RelayHandler handler = new RelayHandler(session);
    ctx.pipeline().replace(phase, "relay", handler);
    session.start(verdict);
    session.writeFirst(RelaySession.frame(ctx.channel(), box.sealWithRandomNonce(SERVER_INFO)));
    if (rest.isReadable()) {
      handler.channelRead(ctx.pipeline().context(handler), rest);
    } else {
      rest.release();
    }
    if (ctx.pipeline().get(RelaySession.TURNS) != null) {
      ctx.pipeline().remove(RelaySession.TURNS);
    }
  }
}

package dev.derp4j.codec;

import dev.derp4j.frame.Frame;
import dev.derp4j.frame.FrameLimits;
import dev.derp4j.frame.FrameType;
import dev.derp4j.handshake.ClientInfo;
import dev.derp4j.key.NodePublicKey;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// Makes the record of a frame from its whole payload, whose minimum length has been checked
/// before.
final class PayloadReader {
  static final byte[] NOTHING = {};

  private static final int KEY = NodePublicKey.LENGTH;
  private static final int IP_END = KEY + 16;
  private static final int PORT_END = IP_END + 2;

  private PayloadReader() {}

  /// @throws ProtocolException if a greeting has the wrong magic, the one rule beyond lengths
  static Frame read(FrameType type, byte[] payload) throws ProtocolException {
    return switch (type) {
      case SERVER_KEY -> serverKey(payload);
      case CLIENT_INFO ->
          new Frame.ClientInfo(
              key(payload, 0),
              Arrays.copyOfRange(payload, KEY, KEY + FrameLimits.NONCE_LENGTH),
              rest(payload, KEY + FrameLimits.NONCE_LENGTH));
      case SERVER_INFO ->
          new Frame.ServerInfo(
              Arrays.copyOf(payload, FrameLimits.NONCE_LENGTH),
              rest(payload, FrameLimits.NONCE_LENGTH));
      case SEND_PACKET -> new Frame.SendPacket(key(payload, 0), rest(payload, KEY));
      case RECV_PACKET -> new Frame.RecvPacket(key(payload, 0), rest(payload, KEY));
      case FORWARD_PACKET ->
          new Frame.ForwardPacket(key(payload, 0), key(payload, KEY), rest(payload, 2 * KEY));
      case KEEP_ALIVE -> new Frame.KeepAlive();
      case NOTE_PREFERRED -> new Frame.NotePreferred(payload[0] != 0);
      case PEER_GONE ->
          new Frame.PeerGone(key(payload, 0), payload.length > KEY ? payload[KEY] & 0xff : 0);
      case PEER_PRESENT -> peerPresent(payload);
      case WATCH_CONNS -> new Frame.WatchConns();
      case CLOSE_PEER -> new Frame.ClosePeer(key(payload, 0));
      case PING -> new Frame.Ping(ByteBuffer.wrap(payload).getLong());
      case PONG -> new Frame.Pong(ByteBuffer.wrap(payload).getLong());
      case HEALTH -> new Frame.Health(new String(payload, StandardCharsets.UTF_8));
      case RESTARTING -> restarting(ByteBuffer.wrap(payload));
    };
  }

  private static Frame serverKey(byte[] payload) throws ProtocolException {
    if (ByteBuffer.wrap(payload).getLong() != FrameLimits.MAGIC) {
      throw ProtocolException.wrongMagic();
    }
    return new Frame.ServerKey(key(payload, Long.BYTES));
  }

  private static Frame restarting(ByteBuffer payload) {
    return new Frame.Restarting(
        Integer.toUnsignedLong(payload.getInt()), Integer.toUnsignedLong(payload.getInt()));
  }

  private static Frame peerPresent(byte[] payload) {
    NodePublicKey peer = key(payload, 0);
    if (payload.length < PORT_END) {
      return new Frame.PeerPresent(peer, null, 0, "");
    }
    InetAddress address = address(Arrays.copyOfRange(payload, KEY, IP_END));
    int port = ByteBuffer.wrap(payload).getShort(IP_END) & 0xffff;
    int flags = payload.length > PORT_END ? payload[PORT_END] & 0xff : 0;
    return new Frame.PeerPresent(
        peer, new InetSocketAddress(address, port), flags, appName(payload));
  }

  private static String appName(byte[] payload) {
    int lengthAt = PORT_END + 1;
    if (payload.length <= lengthAt) {
      return "";
    }
    int end = lengthAt + 1 + (payload[lengthAt] & 0xff);
    if (payload.length < end) {
      return "";
    }
    String name =
        new String(payload, lengthAt + 1, end - lengthAt - 1, StandardCharsets.ISO_8859_1);
    return ClientInfo.isValidAppName(name) ? name : "";
  }

  /// Java itself makes an IPv4 address of `::ffff:a.b.c.d`.
  private static InetAddress address(byte[] ip16) {
    try {
      return InetAddress.getByAddress(ip16);
    } catch (UnknownHostException impossible) {
      throw new IllegalStateException("16 bytes are an address", impossible);
    }
  }

  private static NodePublicKey key(byte[] payload, int from) {
    return NodePublicKey.of(Arrays.copyOfRange(payload, from, from + KEY));
  }

  private static byte[] rest(byte[] payload, int from) {
    return Arrays.copyOfRange(payload, from, payload.length);
  }
}

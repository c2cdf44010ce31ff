package dev.derp4j.frame;

import dev.derp4j.key.NodePublicKey;
import java.net.InetSocketAddress;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// One DERP message. The diagrams show the payload, that is what follows the 5 bytes of header.
///
/// Records hold what the bytes say and check nothing: tests build wrong frames with them too.
/// Arrays are neither copied on the way in nor on the way out; whoever hands one over stops writing
/// to it. Records with an array compare it by content. The relay's hot path works on buffers and
/// makes none of these.
@SuppressWarnings(
    "ArrayRecordComponent") // compared by content below; copying would cost more than it guards
public sealed interface Frame {
  /// The first byte of this frame on the wire.
  int typeCode();

  /// The server's greeting, the first frame of every connection.
  ///
  /// ```text
  ///  0               8                              40
  ///  +---------------+-------------------------------+---------------
  ///  | magic DERP🔑  | server's public key           | ignored …
  ///  +---------------+-------------------------------+---------------
  /// ```
  ///
  /// A reader ignores what follows the key, up to 1024 bytes in all.
  record ServerKey(NodePublicKey serverKey) implements Frame {
    @Override
    public int typeCode() {
      return FrameType.SERVER_KEY.code();
    }
  }

  /// The client's introduction; the box holds JSON, see [dev.derp4j.handshake.ClientInfo].
  ///
  /// ```text
  ///  0                32              56      72
  ///  +----------------+---------------+-------+----------------------
  ///  | client's key   | nonce         | tag   | encrypted JSON …
  ///  +----------------+---------------+-------+----------------------
  ///                                   '--------- box ---------------'
  /// ```
  ///
  /// 56 to 262144 bytes.
  record ClientInfo(NodePublicKey clientKey, byte[] nonce, byte[] box) implements Frame {
    @Override
    public int typeCode() {
      return FrameType.CLIENT_INFO.code();
    }

    @Override
    public boolean equals(@Nullable Object other) {
      return other instanceof ClientInfo that
          && clientKey.equals(that.clientKey)
          && Arrays.equals(nonce, that.nonce)
          && Arrays.equals(box, that.box);
    }

    @Override
    public int hashCode() {
      return 31 * clientKey.hashCode() + Arrays.hashCode(box);
    }

    @Override
    public String toString() {
      return "ClientInfo[" + clientKey + ", box of " + box.length + " bytes]";
    }
  }

  /// The server's answer to an accepted introduction; see [dev.derp4j.handshake.ServerInfo].
  ///
  /// ```text
  ///  0               24      40
  ///  +---------------+-------+----------------------
  ///  | nonce         | tag   | encrypted JSON …
  ///  +---------------+-------+----------------------
  ///                  '--------- box ---------------'
  /// ```
  record ServerInfo(byte[] nonce, byte[] box) implements Frame {
    @Override
    public int typeCode() {
      return FrameType.SERVER_INFO.code();
    }

    @Override
    public boolean equals(@Nullable Object other) {
      return other instanceof ServerInfo that
          && Arrays.equals(nonce, that.nonce)
          && Arrays.equals(box, that.box);
    }

    @Override
    public int hashCode() {
      return 31 * Arrays.hashCode(nonce) + Arrays.hashCode(box);
    }

    @Override
    public String toString() {
      return "ServerInfo[box of " + box.length + " bytes]";
    }
  }

  /// A client's packet for another node.
  ///
  /// ```text
  ///  0                32
  ///  +----------------+----------------------------
  ///  | destination    | packet, 0 to 65536 bytes
  ///  +----------------+----------------------------
  /// ```
  record SendPacket(NodePublicKey destination, byte[] payload) implements Frame {
    @Override
    public int typeCode() {
      return FrameType.SEND_PACKET.code();
    }

    @Override
    public boolean equals(@Nullable Object other) {
      return other instanceof SendPacket that
          && destination.equals(that.destination)
          && Arrays.equals(payload, that.payload);
    }

    @Override
    public int hashCode() {
      return 31 * destination.hashCode() + Arrays.hashCode(payload);
    }

    @Override
    public String toString() {
      return "SendPacket[to " + destination + ", " + payload.length + " bytes]";
    }
  }

  /// A packet that another node sent to this client. As long as the SendPacket that it came in as,
  /// so that a relay can turn one into the other in place.
  ///
  /// ```text
  ///  0                32
  ///  +----------------+----------------------------
  ///  | source         | packet, 0 to 65536 bytes
  ///  +----------------+----------------------------
  /// ```
  record RecvPacket(NodePublicKey source, byte[] payload) implements Frame {
    @Override
    public int typeCode() {
      return FrameType.RECV_PACKET.code();
    }

    @Override
    public boolean equals(@Nullable Object other) {
      return other instanceof RecvPacket that
          && source.equals(that.source)
          && Arrays.equals(payload, that.payload);
    }

    @Override
    public int hashCode() {
      return 31 * source.hashCode() + Arrays.hashCode(payload);
    }

    @Override
    public String toString() {
      return "RecvPacket[from " + source + ", " + payload.length + " bytes]";
    }
  }

  /// A packet that one relay of a mesh passes to another; for mesh peers only, and never passed on
  /// again.
  ///
  /// ```text
  ///  0                32               64
  ///  +----------------+----------------+----------------------------
  ///  | source         | destination    | packet, 0 to 65536 bytes
  ///  +----------------+----------------+----------------------------
  /// ```
  record ForwardPacket(NodePublicKey source, NodePublicKey destination, byte[] payload)
      implements Frame {
    @Override
    public int typeCode() {
      return FrameType.FORWARD_PACKET.code();
    }

    @Override
    public boolean equals(@Nullable Object other) {
      return other instanceof ForwardPacket that
          && source.equals(that.source)
          && destination.equals(that.destination)
          && Arrays.equals(payload, that.payload);
    }

    @Override
    public int hashCode() {
      return 31 * (31 * source.hashCode() + destination.hashCode()) + Arrays.hashCode(payload);
    }

    @Override
    public String toString() {
      return "ForwardPacket[from "
          + source
          + " to "
          + destination
          + ", "
          + payload.length
          + " bytes]";
    }
  }

  /// The server's sign of life, every 60 to 65 s. No payload.
  record KeepAlive() implements Frame {
    @Override
    public int typeCode() {
      return FrameType.KEEP_ALIVE.code();
    }
  }

  /// The client says whether this relay is its home. On the wire one byte: 0x01 yes, 0x00 no. A
  /// reader takes any other value for yes.
  record NotePreferred(boolean preferred) implements Frame {
    @Override
    public int typeCode() {
      return FrameType.NOTE_PREFERRED.code();
    }
  }

  /// A peer cannot be reached here; reasons in [PeerGoneReason].
  ///
  /// ```text
  ///  0                32       33
  ///  +----------------+--------+
  ///  | peer           | reason |   old servers leave the reason out: read it as 0
  ///  +----------------+--------+
  /// ```
  record PeerGone(NodePublicKey peer, int reason) implements Frame {
    @Override
    public int typeCode() {
      return FrameType.PEER_GONE.code();
    }
  }

  /// A relay tells a mesh peer that a client is connected; bits in [PeerPresentFlags].
  ///
  /// ```text
  ///  0                32               48     50      51       52         52 + n
  ///  +----------------+----------------+------+-------+--------+----------+
  ///  | client         | IP, 16 bytes   | port | flags | length | app name |
  ///  +----------------+----------------+------+-------+--------+----------+
  /// ```
  ///
  /// An IPv4 address is written as `::ffff:a.b.c.d`. Readers take 32, 50, 51 or at least 52 bytes
  /// and ignore what is behind; a missing address is `null`, and `flags` is then 0. The app name is
  /// empty if it is missing, shorter than its length says, or against the rule of
  /// [dev.derp4j.handshake.ClientInfo#isValidAppName].
  record PeerPresent(
      NodePublicKey peer, @Nullable InetSocketAddress address, int flags, String appName)
      implements Frame {
    @Override
    public int typeCode() {
      return FrameType.PEER_PRESENT.code();
    }
  }

  /// A mesh peer asks to be told of every client that is here, comes and goes. No payload.
  record WatchConns() implements Frame {
    @Override
    public int typeCode() {
      return FrameType.WATCH_CONNS.code();
    }
  }

  /// A mesh peer asks the relay to close all connections of a client. The payload is the client's
  /// key.
  record ClosePeer(NodePublicKey peer) implements Frame {
    @Override
    public int typeCode() {
      return FrameType.CLOSE_PEER.code();
    }
  }

  /// Asks the other side for a [Pong] with the same 8 bytes. A server reads up to 1000 and echoes
  /// the first 8.
  record Ping(long data) implements Frame {
    @Override
    public int typeCode() {
      return FrameType.PING.code();
    }
  }

  /// Answers a [Ping] with its 8 bytes.
  record Pong(long data) implements Frame {
    @Override
    public int typeCode() {
      return FrameType.PONG.code();
    }
  }

  /// What is wrong with this connection, as UTF-8 text; empty means that it is well again. The
  /// original's clients read it, but its servers up to 1.104 never send it.
  record Health(String problem) implements Frame {
    @Override
    public int typeCode() {
      return FrameType.HEALTH.code();
    }
  }

  /// The server is about to restart. Both numbers are milliseconds, 0 to 4294967295. Read by the
  /// original's clients, never sent by its servers up to 1.104.
  ///
  /// ```text
  ///  0                4                8
  ///  +----------------+----------------+
  ///  | reconnect in   | then try for   |
  ///  +----------------+----------------+
  /// ```
  record Restarting(long reconnectInMs, long tryForMs) implements Frame {
    @Override
    public int typeCode() {
      return FrameType.RESTARTING.code();
    }
  }

  /// A frame that its reader has no use for: an unknown type, a type of the other direction, or,
  /// from a server, one too short for its type.
  ///
  /// `length` is the length that the header gave; `payload` holds at most the first [#KEPT_BYTES]
  /// bytes, for a look, so that skipping costs no memory.
  record Unknown(int type, int length, byte[] payload) implements Frame {
    /// How many bytes of the payload a decoder keeps.
    public static final int KEPT_BYTES = 64;

    /// A frame whose payload is all there.
    public Unknown(int type, byte[] payload) {
      this(type, payload.length, payload);
    }

    @Override
    public int typeCode() {
      return type;
    }

    @Override
    public boolean equals(@Nullable Object other) {
      return other instanceof Unknown that
          && type == that.type
          && length == that.length
          && Arrays.equals(payload, that.payload);
    }

    @Override
    public int hashCode() {
      return 31 * (31 * type + length) + Arrays.hashCode(payload);
    }

    @Override
    public String toString() {
      return "Unknown[type " + type + ", " + length + " bytes]";
    }
  }
}

package dev.derp4j.handshake;

import dev.derp4j.frame.FrameLimits;
import java.util.OptionalLong;

/// What a server says of itself once it has taken a client: the JSON in the box of a ServerInfo
/// frame.
///
/// ```text
/// {"version":2,"TokenBucketBytesPerSecond":125000,"TokenBucketBytesBurst":65568}
/// ```
///
/// With a rate, the client polices itself: it drops what exceeds the bucket, headers and keys
/// counted. The original's servers never send one. A rate or burst of 0 is the same as none.
///
/// @param version the protocol version, 0 if the server did not say
/// @param tokenBucketBytesPerSecond how much the server takes, bytes per second with all framing
/// @param tokenBucketBytesBurst how much of it at once, in bytes
public record ServerInfo(
    int version, OptionalLong tokenBucketBytesPerSecond, OptionalLong tokenBucketBytesBurst) {

  /// What a server says that sets no limit: the current version.
  public static ServerInfo plain() {
    return new ServerInfo(FrameLimits.PROTOCOL_VERSION, OptionalLong.empty(), OptionalLong.empty());
  }

  /// Reads the JSON document by the rules of [ClientInfo#parse].
  public static ServerInfo parse(byte[] json) throws HandshakeException {
    return ServerInfoJson.parse(json);
  }

  /// The JSON document, without the fields that have nothing to say.
  public byte[] toJson() {
    return ServerInfoJson.write(this);
  }
}

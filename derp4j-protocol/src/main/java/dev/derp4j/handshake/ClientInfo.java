package dev.derp4j.handshake;

import dev.derp4j.frame.FrameLimits;
import dev.derp4j.key.MeshKey;
import java.util.Optional;

/// What a client says of itself when it connects: the JSON in the box of a ClientInfo frame.
///
/// ```text
/// {"meshKey":"<64 hexadecimal digits>","version":2,"CanAckPings":true,
///  "IsProber":true,"AppName":"tool"}
/// ```
///
/// Every field may be missing. `version` is a number that nobody checks; one beyond the range of
/// `int` is kept as the nearest `int`. A mesh key of zeros counts as none. The record holds any app
/// name, for tests need wrong ones; [#parse] lets only valid ones through.
///
/// @param version the protocol version that the client was built for, 0 if it did not say
/// @param canAckPings whether it answers pings
/// @param isProber whether it is a prober
/// @param appName its name for statistics and presence, empty if none
/// @param meshKey the secret that would make it a mesh peer
public record ClientInfo(
    int version, boolean canAckPings, boolean isProber, String appName, Optional<MeshKey> meshKey) {

  /// The longest app name, in bytes, which are characters of ASCII.
  public static final int MAX_APP_NAME = 32;

  /// What a client says that has nothing special to say: the current version, and that it answers
  /// pings.
  public static ClientInfo plain() {
    return new ClientInfo(FrameLimits.PROTOCOL_VERSION, true, false, "", Optional.empty());
  }

  /// Whether a name is at most 32 characters, each printable ASCII (0x20 to 0x7e). The empty one is
  /// valid.
  public static boolean isValidAppName(String name) {
    return name.length() <= MAX_APP_NAME && name.chars().allMatch(c -> c >= ' ' && c <= '~');
  }

  /// Reads the JSON document, UTF-8, as leniently as the original and as strictly.
  ///
  /// Field names match in any letter case, the last of several wins, unknown fields are ignored,
  /// `null` leaves a field alone and `null` as the whole document is an empty one. An error is:
  /// text that is not one JSON value and nothing else, nesting deeper than 10000, a value of the
  /// wrong type, a number that is no 64-bit integer, a mesh key that is not 64 hexadecimal digits
  /// (`null` and `""` are not), and an invalid app name.
  public static ClientInfo parse(byte[] json) throws HandshakeException {
    return ClientInfoJson.parse(json);
  }

  /// The JSON document, fields in the original's order, those with nothing to say left out.
  public byte[] toJson() {
    return ClientInfoJson.write(this);
  }
}

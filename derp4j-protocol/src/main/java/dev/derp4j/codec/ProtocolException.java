package dev.derp4j.codec;

import dev.derp4j.frame.FrameType;

/// The other side broke a rule of the protocol. Its connection ends; nothing else does.
///
/// The input is hostile by assumption and may come a million times a minute, so there is no stack
/// trace: [#rule()] and the one-line message tell all there is to tell. Messages hold numbers and
/// our own words, never bytes of the peer.
public final class ProtocolException extends Exception {
  private static final long serialVersionUID = 1L;

  /// Which rule was broken.
  public enum Rule {
    /// A frame of a known type is shorter or longer than its type allows.
    LENGTH,
    /// A frame of an unknown type is too long to skip.
    UNKNOWN_TOO_LARGE,
    /// The server's greeting does not begin with the magic bytes.
    MAGIC,
    /// Another type is due at this point of the conversation.
    UNEXPECTED_TYPE,
    /// Only mesh peers may send this type.
    NOT_PERMITTED
  }

  private final Rule rule;
  private final int frameType;

  private ProtocolException(Rule rule, int frameType, String message) {
    super(message, null, false, false);
    this.rule = rule;
    this.frameType = frameType;
  }

  /// A frame of a known type with a length outside its rule.
  public static ProtocolException wrongLength(FrameType type, long length) {
    String allowed =
        type.minimumLength() == type.maximumLength()
            ? "not " + type.minimumLength()
            : "outside " + type.minimumLength() + " to " + type.maximumLength();
    return new ProtocolException(
        Rule.LENGTH, type.code(), "frame " + type + " of " + length + " bytes, " + allowed);
  }

  /// A frame that is longer than its reader takes of any type.
  public static ProtocolException tooLarge(int type, long length, int limit) {
    return new ProtocolException(
        Rule.LENGTH, type, "frame type " + type + " of " + length + " bytes, over " + limit);
  }

  /// A frame of an unknown type, longer than a server skips. The wording is the original's, for log
  /// searches.
  public static ProtocolException unknownTooLarge(int type, long length) {
    return new ProtocolException(
        Rule.UNKNOWN_TOO_LARGE,
        type,
        "unknown frame type " + type + " too large: " + length + " bytes");
  }

  /// A ServerKey frame without the magic bytes.
  public static ProtocolException wrongMagic() {
    return new ProtocolException(
        Rule.MAGIC, FrameType.SERVER_KEY.code(), "greeting without DERP's magic bytes");
  }

  /// A frame of one type where another one is due.
  public static ProtocolException unexpectedType(int type, FrameType due) {
    return new ProtocolException(
        Rule.UNEXPECTED_TYPE,
        type,
        "bad frame type 0x" + Integer.toHexString(type) + " where " + due + " is due");
  }

  /// A frame that only mesh peers may send, from someone else.
  public static ProtocolException notPermitted(FrameType type) {
    return new ProtocolException(
        Rule.NOT_PERMITTED, type.code(), "insufficient permissions for frame " + type);
  }

  /// The rule that was broken.
  public Rule rule() {
    return rule;
  }

  /// The wire code of the frame in question, 0 to 255.
  public int frameType() {
    return frameType;
  }
}

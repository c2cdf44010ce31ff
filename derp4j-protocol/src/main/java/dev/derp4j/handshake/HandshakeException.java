package dev.derp4j.handshake;

/// The other side's introduction cannot be accepted. Its connection ends; nothing else does.
///
/// The message is one line of printable ASCII, fit for a log whatever the peer sent. There is no
/// stack trace, because strangers decide how often this is thrown.
public final class HandshakeException extends Exception {
  private static final long serialVersionUID = 1L;

  /// @param reason one printable line; text of the peer goes through [dev.derp4j.json.Quoted] first
  HandshakeException(String reason) {
    super(reason, null, false, false);
  }

  /// A box that its key does not open: forged, damaged, or made for another server's key.
  public static HandshakeException boxDoesNotOpen(int length) {
    return new HandshakeException("cannot open box of " + length + " bytes");
  }
}

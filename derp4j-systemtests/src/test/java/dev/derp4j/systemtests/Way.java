package dev.derp4j.systemtests;

import java.util.ArrayList;
import java.util.List;

/// One way to reach one kind of relay.
///
/// @param original the Go original, or ours
/// @param security what the relay shows
/// @param fastStart whether the client may use the meta certificate
/// @param proxied whether a CONNECT proxy that wants a password is in between
/// @param webSocket whether DERP goes through WebSocket
record Way(
    boolean original, Security security, boolean fastStart, boolean proxied, boolean webSocket) {
  /// What the relay shows.
  enum Security {
    PLAIN,
    /// A certificate of an authority, for the relay's name.
    NAME,
    /// A self-signed one for an address, whose hash the client knows.
    PIN
  }

  static List<Way> all(boolean original) {
    List<Way> ways = new ArrayList<>();
    ways.add(new Way(original, Security.PLAIN, true, false, false));
    ways.add(new Way(original, Security.PLAIN, true, false, true));
    ways.add(new Way(original, Security.NAME, true, false, false));
    ways.add(new Way(original, Security.NAME, false, false, false));
    ways.add(new Way(original, Security.NAME, true, false, true));
    ways.add(new Way(original, Security.NAME, true, true, false));
    ways.add(new Way(original, Security.PIN, true, false, false));
    return ways;
  }

  @Override
  public String toString() {
    return (original ? "the original" : "ours")
        + switch (security) {
          case PLAIN -> ", plain";
          case NAME -> ", TLS by name";
          case PIN -> ", TLS by pin";
        }
        + (security == Security.PLAIN || webSocket || fastStart ? "" : ", no fast start")
        + (proxied ? ", through a proxy" : "")
        + (webSocket ? ", WebSocket" : "");
  }
}

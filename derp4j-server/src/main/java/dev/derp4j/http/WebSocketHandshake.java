package dev.derp4j.http;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// The opening of a WebSocket that carries DERP: RFC 6455 §4.2, with the statuses that the Go
/// relay's library answers.
///
/// Any origin is welcome, since the page that a browser runs says nothing about who may relay here.
/// Extensions are not offered, compression above all: what is relayed is encrypted already, and
/// Safari's is broken.
final class WebSocketHandshake {
  static final String SUBPROTOCOL = "derp";

  private static final String VERSION = "13";
  private static final int KEY_BYTES = 16;

  /// RFC 6455 §1.3: proof that the server has understood what it was asked for.
  private static final String GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

  private static final Pattern COMMA = Pattern.compile(",");

  private WebSocketHandshake() {}

  /// Whether a client means a WebSocket and not the plain frames that the first clients meant by
  /// the same word: then it names a subprotocol, in which the Go relay looks for these four letters
  /// anywhere.
  static boolean isMeant(HttpHeaders headers) {
    return headers.get(HttpHeaderNames.UPGRADE, "").toLowerCase(Locale.ROOT).equals("websocket")
        && headers.get(HttpHeaderNames.SEC_WEBSOCKET_PROTOCOL, "").contains(SUBPROTOCOL);
  }

  /// Why the request opens no WebSocket; null if it does.
  static @Nullable Response refusal(String method, boolean http10, HttpHeaders headers) {
    if (http10) {
      return Response.error(HttpResponseStatus.UPGRADE_REQUIRED, "WebSocket needs HTTP/1.1");
    }
    if (!headers.containsValue(HttpHeaderNames.CONNECTION, "upgrade", true)) {
      return Response.error(
              HttpResponseStatus.UPGRADE_REQUIRED, "WebSocket needs Connection: Upgrade")
          .with("Connection", "Upgrade")
          .with("Upgrade", "websocket");
    }
    if (!method.equals("GET")) {
      return Response.error(HttpResponseStatus.METHOD_NOT_ALLOWED, "WebSocket needs GET");
    }
    if (!headers.get(HttpHeaderNames.SEC_WEBSOCKET_VERSION, "").equals(VERSION)) {
      return Response.error(
              HttpResponseStatus.BAD_REQUEST, "WebSocket is spoken here in version 13 only")
          .with("Sec-WebSocket-Version", VERSION);
    }
    return hasKey(headers)
        ? null
        : Response.error(
            HttpResponseStatus.BAD_REQUEST,
            "WebSocket needs one Sec-WebSocket-Key: 16 bytes in base64");
  }

  private static boolean hasKey(HttpHeaders headers) {
    if (headers.getAll(HttpHeaderNames.SEC_WEBSOCKET_KEY).size() != 1) {
      return false;
    }
    try {
      return Base64.getDecoder().decode(key(headers)).length == KEY_BYTES;
    } catch (IllegalArgumentException noBase64) {
      return false;
    }
  }

  private static String key(HttpHeaders headers) {
    return headers.get(HttpHeaderNames.SEC_WEBSOCKET_KEY, "").strip();
  }

  /// The response to a request without [#refusal].
  static WebSocketUpgrade accept(HttpHeaders headers, UpgradeRequest derp) {
    String subprotocol = subprotocol(headers);
    StringBuilder head =
        new StringBuilder(256)
            .append("HTTP/1.1 101 Switching Protocols\r\n")
            .append("Upgrade: websocket\r\n")
            .append("Connection: Upgrade\r\n")
            .append("Sec-WebSocket-Accept: ")
            .append(proof(key(headers)))
            .append("\r\n");
    if (!subprotocol.isEmpty()) {
      head.append("Sec-WebSocket-Protocol: ").append(subprotocol).append("\r\n");
    }
    return new WebSocketUpgrade(
        head.append("\r\n").toString(), subprotocol.equals(SUBPROTOCOL), derp);
  }

  /// The first offer that is ours in any letter case, as it was written; empty if none is.
  private static String subprotocol(HttpHeaders headers) {
    return headers.getAll(HttpHeaderNames.SEC_WEBSOCKET_PROTOCOL).stream()
        .flatMap(COMMA::splitAsStream)
        .map(String::strip)
        .filter(SUBPROTOCOL::equalsIgnoreCase)
        .findFirst()
        .orElse("");
  }

  private static String proof(String key) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-1")
              .digest((key + GUID).getBytes(StandardCharsets.US_ASCII));
      return Base64.getEncoder().encodeToString(digest);
    } catch (NoSuchAlgorithmException impossible) {
      throw new IllegalStateException("every JDK has SHA-1", impossible);
    }
  }
}

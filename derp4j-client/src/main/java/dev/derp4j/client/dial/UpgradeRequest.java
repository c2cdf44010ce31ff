package dev.derp4j.client.dial;

import dev.derp4j.key.NodePublicKey;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpVersion;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/// The HTTP request that turns a connection into one of DERP, and what must be in its answer.
final class UpgradeRequest {
  private static final String DERP = "DERP";
  private static final String SUBPROTOCOL = "derp";
  private static final String FAST_START = "Derp-Fast-Start";
  private static final String IDEAL_NODE = "Ideal-Node";
  private static final String PUBLIC_KEY = "Derp-Public-Key";

  /// RFC 6455, section 1.3.
  private static final String ACCEPT_SUFFIX = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

  private static final int NONCE_BYTES = 16;
  private static final SecureRandom RANDOM = new SecureRandom();

  private UpgradeRequest() {}

  /// `GET <path>` with `Upgrade: DERP`.
  static FullHttpRequest derp(DerpEndpoint endpoint) {
    FullHttpRequest request = get(endpoint, DERP);
    endpoint.idealNode().ifPresent(node -> request.headers().set(IDEAL_NODE, node));
    return request;
  }

  /// The same as text, to be sent without waiting for an answer: with fast start there is none.
  static String fastStart(DerpEndpoint endpoint) {
    StringBuilder head = new StringBuilder("GET " + endpoint.path() + " HTTP/1.1\r\n");
    FullHttpRequest request = derp(endpoint);
    request.headers().set(FAST_START, "1");
    request
        .headers()
        .forEach(
            field ->
                head.append(field.getKey()).append(": ").append(field.getValue()).append("\r\n"));
    return head.append("\r\n").toString();
  }

  /// The same with WebSocket, for the subprotocol `derp`.
  static FullHttpRequest webSocket(DerpEndpoint endpoint) {
    byte[] nonce = new byte[NONCE_BYTES];
    RANDOM.nextBytes(nonce);
    FullHttpRequest request = get(endpoint, "websocket");
    request
        .headers()
        .set(HttpHeaderNames.SEC_WEBSOCKET_VERSION, "13")
        .set(HttpHeaderNames.SEC_WEBSOCKET_KEY, Base64.getEncoder().encodeToString(nonce))
        .set(HttpHeaderNames.SEC_WEBSOCKET_PROTOCOL, SUBPROTOCOL);
    return request;
  }

  private static FullHttpRequest get(DerpEndpoint endpoint, String protocol) {
    FullHttpRequest request =
        new DefaultFullHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.GET, endpoint.path());
    request
        .headers()
        .set(HttpHeaderNames.HOST, endpoint.hostHeader())
        .set(HttpHeaderNames.UPGRADE, protocol)
        .set(HttpHeaderNames.CONNECTION, HttpHeaderValues.UPGRADE);
    return request;
  }

  /// The key of the answer's header; a header that holds none says nothing.
  static @Nullable NodePublicKey announcedKey(HttpResponse answer) {
    String digits = answer.headers().get(PUBLIC_KEY, "");
    try {
      return digits.isEmpty() ? null : NodePublicKey.parseHex(digits);
    } catch (IllegalArgumentException noKey) {
      return null;
    }
  }

  /// Whether an answer takes the WebSocket request: its key, our subprotocol, no extension.
  static boolean takesWebSocket(String requestKey, HttpResponse answer) {
    return "websocket".equalsIgnoreCase(answer.headers().get(HttpHeaderNames.UPGRADE))
        && accept(requestKey).equals(answer.headers().get(HttpHeaderNames.SEC_WEBSOCKET_ACCEPT))
        && SUBPROTOCOL.equals(answer.headers().get(HttpHeaderNames.SEC_WEBSOCKET_PROTOCOL))
        && !answer.headers().contains(HttpHeaderNames.SEC_WEBSOCKET_EXTENSIONS);
  }

  static String accept(String requestKey) {
    try {
      byte[] text = (requestKey + ACCEPT_SUFFIX).getBytes(StandardCharsets.US_ASCII);
      return Base64.getEncoder().encodeToString(MessageDigest.getInstance("SHA-1").digest(text));
    } catch (NoSuchAlgorithmException impossible) {
      throw new IllegalStateException(impossible);
    }
  }
}

package dev.derp4j.http;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.util.Locale;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// `/derp`: where HTTP ends and DERP begins, in the open or inside a WebSocket. Immutable, for any
/// thread.
///
/// Neither the method nor the `Connection` header counts, since old clients send what they send.
/// Clients of the first months ask for `websocket` and mean plain DERP frames; those that really
/// speak WebSocket name `derp` as their subprotocol.
final class DerpRoute {
  private static final Logger LOG = LoggerFactory.getLogger(DerpRoute.class);
  private static final int LONGEST_LOGGED = 64;

  private final boolean enabled;
  private final LogBudget strangeUpgrades = new LogBudget(5, 30);

  DerpRoute(boolean enabled) {
    this.enabled = enabled;
  }

  Answer answer(Request request) {
    if (!enabled) {
      return Response.error(HttpResponseStatus.NOT_FOUND, "derp server disabled");
    }
    HttpHeaders headers = request.headers();
    if (WebSocketHandshake.isMeant(headers)) {
      return webSocket(request);
    }
    String upgrade = upgrade(headers);
    if (!isDerp(upgrade)) {
      if (!upgrade.isEmpty() && strangeUpgrades.allows()) {
        LOG.info("Weird upgrade: {}", quoted(upgrade));
      }
      return Response.error(
          HttpResponseStatus.UPGRADE_REQUIRED, "DERP requires connection upgrade");
    }
    return new UpgradeRequest(
        request.header("Derp-Fast-Start").equals("1"),
        !request.header("Ideal-Node").isEmpty(),
        request.header(HttpHeaderNames.USER_AGENT),
        false);
  }

  /// A browser's request; it can set no headers of ours, so none of them count.
  private static Answer webSocket(Request request) {
    HttpHeaders headers = request.headers();
    Response refusal = WebSocketHandshake.refusal(request.method(), request.http10(), headers);
    return refusal != null
        ? refusal
        : WebSocketHandshake.accept(
            headers,
            new UpgradeRequest(false, false, request.header(HttpHeaderNames.USER_AGENT), true));
  }

  /// Whether what follows this head is DERP and no body, whatever `Content-Length` says.
  boolean isUpgrade(HttpRequest head) {
    if (!enabled || !head.headers().contains(HttpHeaderNames.UPGRADE)) {
      return false;
    }
    return isUpgradable(head)
        && RequestTarget.parse(head.method().name(), head.uri())
            .filter(target -> target.decodedPath().equals("/derp"))
            .isPresent();
  }

  private static String upgrade(HttpHeaders headers) {
    return headers.get(HttpHeaderNames.UPGRADE, "").toLowerCase(Locale.ROOT);
  }

  private static boolean isDerp(String upgrade) {
    return upgrade.equals("derp") || upgrade.equals("websocket");
  }

  private static boolean isUpgradable(HttpRequest head) {
    HttpHeaders headers = head.headers();
    if (!WebSocketHandshake.isMeant(headers)) {
      return isDerp(upgrade(headers));
    }
    boolean http10 = HeadCheck.isHttp10(head.protocolVersion());
    return WebSocketHandshake.refusal(head.method().name(), http10, headers) == null;
  }

  /// What a peer wrote, so that it can neither end the line nor fill the log.
  private static String quoted(String text) {
    StringBuilder out = new StringBuilder("\"");
    text.codePoints()
        .limit(LONGEST_LOGGED)
        .forEach(
            c -> {
              if (c == '"' || c == '\\') {
                out.append('\\').appendCodePoint(c);
              } else if (c < ' ' || c > '~') {
                out.append(String.format("\\x%02x", c));
              } else {
                out.appendCodePoint(c);
              }
            });
    return out.append('"').append(text.length() > LONGEST_LOGGED ? "…" : "").toString();
  }
}

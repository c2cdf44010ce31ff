package dev.derp4j.client.dial;

import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpVersion;

/// The HTTP request that turns a connection into one of DERP.
final class UpgradeRequest {
  static final String DERP = "DERP";
  static final String FAST_START = "Derp-Fast-Start";
  static final String IDEAL_NODE = "Ideal-Node";
  static final String PUBLIC_KEY = "Derp-Public-Key";

  private UpgradeRequest() {}

  /// `GET <path>` with `Upgrade: DERP`.
  static FullHttpRequest of(DerpEndpoint endpoint) {
    FullHttpRequest request =
        new DefaultFullHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.GET, endpoint.path());
    request
        .headers()
        .set(HttpHeaderNames.HOST, endpoint.hostHeader())
        .set(HttpHeaderNames.UPGRADE, DERP)
        .set(HttpHeaderNames.CONNECTION, HttpHeaderValues.UPGRADE);
    endpoint.idealNode().ifPresent(node -> request.headers().set(IDEAL_NODE, node));
    return request;
  }
}

package dev.derp4j.http;

import dev.derp4j.debug.DebugAccess;
import dev.derp4j.transport.ClientAddress;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import java.net.InetAddress;
import org.jspecify.annotations.Nullable;

/// A request's head, checked as far as HTTP itself goes.
///
/// @param client who asks, as far as is known
/// @param http10 whether it was made with HTTP/1.0
record Request(
    String method,
    RequestTarget target,
    HttpHeaders headers,
    ClientAddress client,
    boolean http10) {

  /// The first value of a header; empty if there is none.
  String header(CharSequence name) {
    return headers.get(name, "");
  }

  /// The host that the client means, perhaps with a port; empty with HTTP/1.0 only.
  String host() {
    return target.form() == RequestTarget.Form.ABSOLUTE
        ? target.host()
        : header(HttpHeaderNames.HOST);
  }

  /// Whether it expects anything but a word before its body, which every answer is.
  boolean expectsTheImpossible() {
    String expectation = header(HttpHeaderNames.EXPECT);
    return !expectation.isEmpty()
        && !HttpHeaderValues.CONTINUE.contentEqualsIgnoreCase(expectation);
  }

  @Nullable InetAddress remoteIp() {
    return client.ip();
  }

  DebugAccess.Asker asker() {
    return new DebugAccess.Asker(
        remoteIp(),
        method,
        target.queryText(),
        client.told() || !header("X-Forwarded-For").isEmpty());
  }
}

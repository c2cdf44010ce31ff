package dev.derp4j.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/// A complete HTTP response. Mutable while its maker fills it, then given to the connection.
///
/// The head is written as Go's server writes it, which operators' scripts compare with: the
/// response's own headers in alphabetical order, then `Date`, `Content-Length`, a `Content-Type`
/// that follows from the body, and `Connection`.
final class Response implements Answer {
  static final String PLAIN = "text/plain; charset=utf-8";
  static final String HTML = "text/html; charset=utf-8";

  /// RFC 9110 §5.6.7.
  private static final DateTimeFormatter DATE =
      DateTimeFormatter.ofPattern("EEE, dd MMM yyyy HH:mm:ss 'GMT'", Locale.US)
          .withZone(ZoneOffset.UTC);

  private final HttpResponseStatus status;
  private final Map<String, String> headers = new TreeMap<>();
  private String bodyType = "";
  private byte[] body = {};
  private boolean close;

  private Response(HttpResponseStatus status) {
    this.status = status;
  }

  static Response of(HttpResponseStatus status) {
    return new Response(status);
  }

  static Response ok() {
    return new Response(HttpResponseStatus.OK);
  }

  /// An error, or what else a program or a person reads as one line of text.
  static Response error(HttpResponseStatus status, String text) {
    return of(status)
        .with("Content-Type", PLAIN)
        .with("X-Content-Type-Options", "nosniff")
        .body(text + "\n");
  }

  /// @param location where to go, not yet escaped
  /// @param method of the request: only GET and HEAD are told about a page
  static Response redirect(HttpResponseStatus status, String location, String method) {
    String escaped = escapeNonAscii(location);
    Response response = of(status).with("Location", escaped);
    if (method.equals("GET") || method.equals("HEAD")) {
      response.with("Content-Type", HTML);
    }
    if (method.equals("GET")) {
      String link =
          "<a href=\"" + Html.escape(escaped) + "\">" + status.reasonPhrase() + "</a>.\n\n";
      response.body(link);
    }
    return response;
  }

  Response with(String name, String value) {
    headers.put(name, value);
    return this;
  }

  /// The connection ends after this response.
  Response closing() {
    close = true;
    return with("Connection", "close");
  }

  /// A body whose type its maker states.
  Response typed(String type, String text) {
    return with("Content-Type", type).body(text);
  }

  /// A body whose type is stated behind its length, as where Go's server found it out by looking.
  Response sniffed(String type, String text) {
    bodyType = type;
    return body(text);
  }

  private Response body(String text) {
    body = text.getBytes(StandardCharsets.UTF_8);
    return this;
  }

  HttpResponseStatus status() {
    return status;
  }

  boolean isClosing() {
    return close;
  }

  ByteBuf toBytes(ByteBufAllocator allocator, Framing framing) {
    StringBuilder out = new StringBuilder(512);
    out.append(framing.http10() ? "HTTP/1.0 " : "HTTP/1.1 ").append(status).append("\r\n");
    headers.forEach((name, value) -> line(out, name, value));
    line(out, "Date", DATE.format(Instant.now()));
    boolean mayHaveBody = status.code() != HttpResponseStatus.NO_CONTENT.code();
    if (mayHaveBody && (body.length > 0 || !framing.head())) {
      line(out, "Content-Length", Integer.toString(body.length));
    }
    if (!bodyType.isEmpty()) {
      line(out, "Content-Type", bodyType);
    }
    connection(out, framing);
    out.append("\r\n");
    ByteBuf bytes = allocator.buffer(out.length() + body.length);
    ByteBufUtil.writeAscii(bytes, out);
    return framing.head() ? bytes : bytes.writeBytes(body);
  }

  private void connection(StringBuilder out, Framing framing) {
    if (headers.containsKey("Connection")) {
      return;
    }
    if (framing.keepAlive() && framing.http10()) {
      line(out, "Connection", "keep-alive");
    } else if (!framing.keepAlive() && !framing.http10()) {
      line(out, "Connection", "close");
    }
  }

  private static void line(StringBuilder out, String name, String value) {
    out.append(name).append(": ").append(value).append("\r\n");
  }

  /// Bytes above 127 came in as Latin-1; in a `Location` they go out as percent escapes, and can
  /// end no line.
  private static String escapeNonAscii(String text) {
    StringBuilder out = new StringBuilder(text.length());
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c < 0x80) {
        out.append(c);
      } else {
        out.append('%').append(Integer.toHexString(c & 0xff));
      }
    }
    return out.toString();
  }
}

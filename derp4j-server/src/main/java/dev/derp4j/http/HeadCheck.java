package dev.derp4j.http;

import dev.derp4j.transport.ClientAddress;
import io.netty.channel.Channel;
import io.netty.handler.codec.DecoderResult;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/// What a head must be before anyone looks at what it asks for.
final class HeadCheck {
  /// The characters of RFC 3986 that can be part of a host and port.
  private static final Pattern HOST = Pattern.compile("[A-Za-z0-9!$%&'()*+,\\-.:;=_~\\[\\]]*");

  private static final int HTTP_1 = 1;

  private HeadCheck() {}

  /// The request, if its head is one; else a [Malformed] that says why not.
  static Request check(Channel channel, ForwardedFor proxies, HttpRequest head) throws Malformed {
    if (head.decoderResult().isFailure()) {
      throw undecodable(head, head.decoderResult());
    }
    HttpVersion version = head.protocolVersion();
    if (version.majorVersion() != HTTP_1 && !isHttp2Preface(head)) {
      throw Malformed.because("505 HTTP Version Not Supported", "unsupported protocol version");
    }
    String method = head.method().name();
    checkHost(
        head.headers(), !isHttp10(version) && !method.equals("CONNECT") && !isHttp2Preface(head));
    Optional<RequestTarget> target = RequestTarget.parse(method, head.uri());
    if (target.isEmpty()) {
      throw new Malformed("400 Bad Request");
    }
    return new Request(
        method,
        target.get(),
        head.headers(),
        proxies.client(ClientAddress.of(channel), head.headers()),
        isHttp10(version));
  }

  static boolean isHttp10(HttpVersion version) {
    return version.majorVersion() == HTTP_1 && version.minorVersion() == 0;
  }

  /// The first line that a client sends who hopes for HTTP/2; it is answered as the odd request
  /// that it is.
  private static boolean isHttp2Preface(HttpRequest head) {
    return head.method().name().equals("PRI") && head.uri().equals("*");
  }

  private static void checkHost(HttpHeaders headers, boolean required) throws Malformed {
    List<String> hosts = headers.getAll(HttpHeaderNames.HOST);
    if (hosts.isEmpty() && required) {
      throw Malformed.because("400 Bad Request", "missing required Host header");
    }
    if (hosts.size() > 1) {
      throw new Malformed("400 Bad Request");
    }
    if (!hosts.isEmpty() && !HOST.matcher(hosts.getFirst()).matches()) {
      throw Malformed.because("400 Bad Request", "malformed Host header");
    }
  }

  private static Malformed undecodable(HttpRequest head, DecoderResult result) {
    Throwable cause = result.cause();
    if (cause instanceof TooLongHttpHeaderException) {
      return new Malformed("431 Request Header Fields Too Large");
    }
    if (cause instanceof TooLongHttpLineException) {
      return new Malformed("414 URI Too Long");
    }
    if (head.headers().contains(HttpHeaderNames.TRANSFER_ENCODING)
        && !HttpUtil.isTransferEncodingChunked(head)) {
      return Malformed.unsupportedTransferEncoding();
    }
    return new Malformed("400 Bad Request");
  }
}

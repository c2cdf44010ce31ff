package dev.derp4j.http;

import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpUtil;

/// How a response is to be sent, as its request has it.
///
/// @param head whether the body is left out
/// @param http10 whether the request was made with HTTP/1.0
/// @param keepAlive whether the connection goes on afterwards
record Framing(boolean head, boolean http10, boolean keepAlive) {
  /// How much of a body is read past for the sake of the connection: as much as Go's server reads.
  static final long BODY_LIMIT = 256 * 1024;

  static Framing of(HttpRequest request, Response response) {
    return new Framing(
        request.method().name().equals("HEAD"),
        HeadCheck.isHttp10(request.protocolVersion()),
        HttpUtil.isKeepAlive(request) && !response.isClosing() && !leavesTooMuch(request));
  }

  /// A client that waits for our leave to send its body will not send it after our answer, so where
  /// the next request begins is anybody's guess; and a large body is not worth reading.
  private static boolean leavesTooMuch(HttpRequest request) {
    long length = HttpUtil.getContentLength(request, 0L);
    boolean hasBody = length > 0 || HttpUtil.isTransferEncodingChunked(request);
    return length > BODY_LIMIT || (hasBody && HttpUtil.is100ContinueExpected(request));
  }
}

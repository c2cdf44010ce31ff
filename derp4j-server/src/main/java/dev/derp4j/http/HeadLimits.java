package dev.derp4j.http;

import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.DefaultHttpHeadersFactory;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpHeadersFactory;
import io.netty.handler.codec.http.TooLongHttpHeaderException;

/// How large the head of a request may be.
///
/// Go's server takes a mebibyte, of which no client of ours uses a hundredth; what one stranger can
/// make us hold is what a hundred thousand can. Browsers with full cookie jars stay below 16 KiB.
final class HeadLimits {
  static final int LINE = 8 * 1024;
  static final int HEADERS = 64 * 1024;

  /// A header of three bytes takes a hundred once it is parsed.
  static final int HEADER_COUNT = 256;

  /// Enough for the lines of every DERP client, so that the decoder's buffer need not grow.
  private static final int USUAL_LINE = 64;

  private HeadLimits() {}

  static HttpDecoderConfig decoderConfig() {
    return new HttpDecoderConfig()
        .setMaxInitialLineLength(LINE)
        .setMaxHeaderSize(HEADERS)
        .setInitialBufferSize(USUAL_LINE)
        // Go's server takes a bare line feed, so scripts and hand-typed requests may rely on it.
        // Nothing sits in front
        // of us that could see other boundaries than we do.
        .setStrictLineParsing(false)
        .setHeadersFactory(new CountedHeaders.Factory());
  }

  /// Headers that refuse to become too many. Names and values are checked as Netty does by default.
  private static final class CountedHeaders extends DefaultHttpHeaders {
    private int count;

    @Override
    public HttpHeaders add(CharSequence name, Object value) {
      if (++count > HEADER_COUNT) {
        throw new TooLongHttpHeaderException("more than " + HEADER_COUNT + " headers");
      }
      return super.add(name, value);
    }

    private static final class Factory implements HttpHeadersFactory {
      @Override
      public HttpHeaders newHeaders() {
        return new CountedHeaders();
      }

      @Override
      public HttpHeaders newEmptyHeaders() {
        return DefaultHttpHeadersFactory.headersFactory().newEmptyHeaders();
      }
    }
  }
}

package dev.derp4j.http;

import io.netty.channel.Channel;

/// Stops the flow of requests while one is being answered elsewhere, or while the peer does not
/// take our answers.
///
/// Nothing is decoded then and nothing more is read, so that a client's requests wait in its own
/// buffers. Owned by the connection's event loop.
final class ReadingGate {
  private final Channel channel;
  private final RequestDecoder decoder;
  private boolean shut;

  ReadingGate(Channel channel, RequestDecoder decoder) {
    this.channel = channel;
    this.decoder = decoder;
  }

  void shut() {
    shut = true;
    decoder.pause();
    channel.config().setAutoRead(false);
  }

  boolean isShut() {
    return shut;
  }

  void open() {
    if (shut) {
      shut = false;
      // In a task of its own, since the caller may have been called from inside the decoder.
      channel.eventLoop().execute(this::goOn);
    }
  }

  private void goOn() {
    if (!shut && channel.isOpen()) {
      // Reading first: what is decoded now may end HTTP, and then reading is another's affair.
      channel.config().setAutoRead(true);
      decoder.resume();
    }
  }
}

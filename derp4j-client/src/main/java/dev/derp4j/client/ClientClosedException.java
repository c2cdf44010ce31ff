package dev.derp4j.client;

import java.io.IOException;

/// The client was closed, before the call or during it.
public final class ClientClosedException extends IOException {
  private static final long serialVersionUID = 1L;

  ClientClosedException() {
    super("the client is closed");
  }
}

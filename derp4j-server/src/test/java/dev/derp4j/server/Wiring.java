package dev.derp4j.server;

import io.netty.channel.epoll.Epoll;
import io.netty.handler.ssl.OpenSsl;

/// What a test's relay runs on: every combination is how one runs at somebody's.
///
/// @param tls whether DERP is served over TLS
/// @param engine who does TLS: `jdk`, or empty for what the machine chooses
/// @param transport who talks to the kernel: `nio`, or empty for what the machine chooses
/// @param loops how many event loops own the connections
record Wiring(boolean tls, String engine, String transport, int loops) {
  private static final String ENGINE = "derp4j.tls.engine";
  private static final String TRANSPORT = "dev.derp4j.transport";

  static Wiring plain() {
    return new Wiring(false, "", "", 2);
  }

  static Wiring overTls() {
    return new Wiring(true, "", "", 2);
  }

  Wiring withJdkTls() {
    return new Wiring(tls, "jdk", transport, loops);
  }

  Wiring withNio() {
    return new Wiring(tls, engine, "nio", loops);
  }

  Wiring withLoops(int number) {
    return new Wiring(tls, engine, transport, number);
  }

  /// Starts a relay that is wired like this.
  DerpRelay start(RelayConfig config, PhaseDeadlines deadlines) throws RelayStartException {
    String engineBefore = set(ENGINE, engine);
    String transportBefore = set(TRANSPORT, transport);
    try {
      return DerpRelay.start(config, deadlines);
    } finally {
      set(ENGINE, engineBefore);
      set(TRANSPORT, transportBefore);
    }
  }

  private static String set(String property, String value) {
    String before = System.getProperty(property, "");
    if (value.isEmpty()) {
      System.clearProperty(property);
    } else {
      System.setProperty(property, value);
    }
    return before;
  }

  /// What the relay should say that it runs on.
  String description() {
    String sockets = Epoll.isAvailable() && transport.isEmpty() ? "epoll" : "NIO";
    if (!tls) {
      return sockets;
    }
    boolean isNative = OpenSsl.isAvailable() && engine.isEmpty();
    return sockets + ", " + (isNative ? "BoringSSL" : "JDK TLS");
  }

  /// As it shall stand in a test's name.
  @Override
  public String toString() {
    return description() + ", " + loops + (loops == 1 ? " loop" : " loops");
  }
}

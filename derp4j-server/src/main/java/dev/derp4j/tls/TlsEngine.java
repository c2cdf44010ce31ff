package dev.derp4j.tls;

import io.netty.handler.ssl.OpenSsl;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// Who does the cryptography of a connection.
public enum TlsEngine {
  /// BoringSSL through netty-tcnative: a third of the CPU per handshake and a fraction of the
  /// memory per connection.
  BORINGSSL,
  /// The JDK's own engine: works on every platform that Java runs on.
  JDK;

  /// Overrides the choice, for tests and for hunting a fault: `boringssl` or `jdk`.
  static final String PROPERTY = "derp4j.tls.engine";

  /// BoringSSL where its native library fits this machine, the JDK elsewhere, unless [#PROPERTY]
  /// says otherwise.
  ///
  /// @throws TlsConfigException if the property names no engine, or one that this machine cannot
  ///     run
  static TlsEngine choose() throws TlsConfigException {
    String wish = System.getProperty(PROPERTY, "").toLowerCase(Locale.ROOT);
    return switch (wish) {
      case "" -> nativeProblem() == null ? BORINGSSL : JDK;
      case "boringssl" -> BORINGSSL.orRefuse();
      case "jdk" -> JDK;
      default -> throw new TlsConfigException(PROPERTY + "=" + wish + ": must be boringssl or jdk");
    };
  }

  /// This engine, if this machine can run it.
  TlsEngine orRefuse() throws TlsConfigException {
    String problem = this == BORINGSSL ? nativeProblem() : null;
    if (problem != null) {
      throw new TlsConfigException("BoringSSL cannot be used: " + problem);
    }
    return this;
  }

  /// For the start log: which engine and, where it is the fallback, why.
  String description() {
    if (this == BORINGSSL) {
      return "BoringSSL";
    }
    String problem = nativeProblem();
    return problem == null
        ? "JDK TLS (as asked for)"
        : "JDK TLS (no native library: " + problem + ")";
  }

  private static @Nullable String nativeProblem() {
    Throwable cause = OpenSsl.unavailabilityCause();
    if (cause != null) {
      String message = cause.getMessage();
      return message == null
          ? cause.getClass().getSimpleName()
          : message.lines().findFirst().orElse("");
    }
    return "BoringSSL".equals(OpenSsl.versionString()) ? null : "it is " + OpenSsl.versionString();
  }
}

package dev.derp4j.testkit;

import java.io.IOException;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;

/// How a test connection does TLS.
///
/// @param context whom it trusts: [TestCertificates#trustAll()] or [TestCertificates#trust()]
/// @param serverName the name that it asks for (SNI) and, if `verifyName`, checks; `null` asks for
///     none
/// @param verifyName whether the certificate must be for `serverName`
/// @param versions the TLS versions that it offers, such as `TLSv1.2`; empty for Java's own choice
public record TlsSettings(
    SSLContext context, @Nullable String serverName, boolean verifyName, List<String> versions) {

  /// Trusts anyone and asks for this name, or for none.
  public static TlsSettings trustAll(@Nullable String serverName) {
    return new TlsSettings(TestCertificates.trustAll(), serverName, false, List.of());
  }

  /// Trusts only the context's authorities, and only a certificate for this name.
  public static TlsSettings verifying(SSLContext context, String serverName) {
    return new TlsSettings(context, serverName, true, List.of());
  }

  /// The same with other TLS versions.
  public TlsSettings withVersions(String... names) {
    return new TlsSettings(context, serverName, verifyName, List.of(names));
  }

  SSLSocket handshake(Socket plain, Duration limit) throws IOException {
    String host = serverName == null ? "" : serverName;
    SSLSocket socket =
        (SSLSocket) context.getSocketFactory().createSocket(plain, host, plain.getPort(), true);
    SSLParameters parameters = socket.getSSLParameters();
    parameters.setServerNames(
        isDomainName(serverName) ? List.of(new SNIHostName(host)) : List.of());
    if (verifyName) {
      parameters.setEndpointIdentificationAlgorithm("HTTPS");
    }
    if (!versions.isEmpty()) {
      parameters.setProtocols(versions.toArray(String[]::new));
    }
    socket.setSSLParameters(parameters);
    socket.setSoTimeout((int) limit.toMillis());
    socket.startHandshake();
    return socket;
  }

  /// An address is never asked for by name, in Java as elsewhere.
  private static boolean isDomainName(@Nullable String name) {
    return name != null && !name.contains(":") && !name.matches("[0-9.]+");
  }
}

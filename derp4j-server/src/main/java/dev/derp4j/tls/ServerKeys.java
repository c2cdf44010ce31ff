package dev.derp4j.tls;

import java.net.Socket;
import java.security.Principal;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedKeyManager;
import org.jspecify.annotations.Nullable;

/// What an engine asks for its certificate, once per handshake. Both engines end the handshake when
/// they get none, so this is where a client is turned away that asks for another name.
///
/// Called on the event loops of all connections in their handshake; immutable.
abstract class ServerKeys extends X509ExtendedKeyManager {
  static final String ALIAS = "relay";

  private final ServerName server;

  ServerKeys(ServerName server) {
    this.server = server;
  }

  /// The name that the client of this handshake asked for.
  abstract @Nullable String requestedName(SSLEngine engine);

  /// Whether the key is of the kind that the handshake wants now; it may ask again for another.
  abstract boolean fits(String keyType);

  @Override
  public final @Nullable String chooseEngineServerAlias(
      String keyType, Principal @Nullable [] issuers, SSLEngine engine) {
    return fits(keyType) && server.serves(server.isAddress() ? null : requestedName(engine))
        ? ALIAS
        : null;
  }

  @Override
  public final @Nullable String chooseServerAlias(
      String keyType, Principal @Nullable [] issuers, Socket socket) {
    return null;
  }

  @Override
  public final String @Nullable [] getServerAliases(
      String keyType, Principal @Nullable [] issuers) {
    return null;
  }

  @Override
  public final String @Nullable [] getClientAliases(
      String keyType, Principal @Nullable [] issuers) {
    return null;
  }

  @Override
  public final @Nullable String chooseClientAlias(
      String[] keyTypes, Principal @Nullable [] issuers, Socket socket) {
    return null;
  }
}

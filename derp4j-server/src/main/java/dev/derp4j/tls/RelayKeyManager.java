package dev.derp4j.tls;

import java.net.Socket;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedKeyManager;
import org.jspecify.annotations.Nullable;

/// Hands one chain and its key to those handshakes that ask for the right name.
///
/// In place of a key store, because key stores refuse a chain whose certificates do not vouch for
/// each other, and the meta certificate at its end vouches for none. The array is made once, never
/// changed and never lent for change, so that the chain is as long at the millionth handshake as at
/// the first.
///
/// Called on the event loops of all connections in their handshake; immutable.
abstract class RelayKeyManager extends X509ExtendedKeyManager {
  static final String ALIAS = "relay";

  private final ServerName server;
  private final X509Certificate[] chain;
  private final PrivateKey key;

  RelayKeyManager(ServerName server, X509Certificate[] chain, PrivateKey key) {
    this.server = server;
    this.chain = chain;
    this.key = key;
  }

  /// The name that the client of this handshake asked for.
  abstract @Nullable String requestedName(SSLEngine engine);

  /// Whether the key is of the kind that the handshake wants now; it may ask again for another.
  abstract boolean fits(String keyType);

  final String keyType() {
    return chain[0].getPublicKey().getAlgorithm();
  }

  @Override
  public final @Nullable String chooseEngineServerAlias(
      String keyType, Principal @Nullable [] issuers, SSLEngine engine) {
    return fits(keyType) && server.serves(server.isAddress() ? null : requestedName(engine))
        ? ALIAS
        : null;
  }

  @Override
  public final X509Certificate @Nullable [] getCertificateChain(String alias) {
    return alias.equals(ALIAS) ? chain : null;
  }

  @Override
  public final @Nullable PrivateKey getPrivateKey(String alias) {
    return alias.equals(ALIAS) ? key : null;
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

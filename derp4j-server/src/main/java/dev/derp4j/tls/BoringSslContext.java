package dev.derp4j.tls;

import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.OpenSsl;
import io.netty.internal.tcnative.CertificateCallback;
import io.netty.internal.tcnative.SSL;
import io.netty.internal.tcnative.SSLContext;
import io.netty.util.AbstractReferenceCounted;
import io.netty.util.IllegalReferenceCountException;
import io.netty.util.ReferenceCounted;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.time.Duration;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/// TLS by BoringSSL.
///
/// The native context is counted: this object holds one count until it is closed, each handler one
/// until its connection ends, so a context that was swapped out is freed with its last connection
/// and not before.
final class BoringSslContext implements RelayTlsContext {
  static {
    OpenSsl.ensureAvailability(); // Loads the library: nobody else may, or it is there twice.
  }

  /// Those of TLS 1.2, in BoringSSL's spelling. Those of 1.3 it knows by itself.
  private static final String CIPHERS_OF_1_2 =
      "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256"
          + ":ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384"
          + ":ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305";

  /// Those of Go, with the one that holds against quantum computers in front.
  private static final String[] GROUPS = {"X25519MLKEM768", "X25519", "P-256", "P-384", "P-521"};

  private static final int OPTIONS =
      SSL.SSL_OP_CIPHER_SERVER_PREFERENCE | SSL.SSL_OP_NO_COMPRESSION | SSL.SSL_OP_NO_TICKET;

  private static final int NO_CHAIN = 0;

  private final Native context;
  private final Duration handshakeTimeout;

  BoringSslContext(
      ServerName server,
      X509Certificate[] chain,
      PrivateKey key,
      String protocol,
      Duration handshakeTimeout)
      throws SSLException {
    this.handshakeTimeout = handshakeTimeout;
    context = new Native();
    boolean done = false;
    try {
      setUp(context.pointer, server, chain, key, protocol);
      done = true;
    } catch (SSLException refused) {
      throw refused;
    } catch (Exception failed) { // as the binding declares it
      throw new SSLException(failed.getMessage(), failed);
    } finally {
      if (!done) {
        SSL.clearError();
        close();
      }
    }
  }

  private static void setUp(
      long context, ServerName server, X509Certificate[] chain, PrivateKey key, String protocol)
      throws Exception {
    SSLContext.setOptions(context, OPTIONS);
    SSLContext.setCipherSuite(context, CIPHERS_OF_1_2, false);
    if (!SSLContext.setCurvesList(context, GROUPS)) {
      throw new SSLException("the library lacks a group: " + lastError());
    }
    SSLContext.setSessionCacheMode(context, SSL.SSL_SESS_CACHE_OFF);
    SSLContext.setVerify(context, SSL.SSL_CVERIFY_NONE, NO_CHAIN);
    // Its callbacks take microseconds: on the event loop they cost less than the way to a task and
    // back.
    SSLContext.setUseTasks(context, false);
    // The binding knows no refusal: a client that offers only protocols we lack is served without
    // one.
    SSLContext.setAlpnProtos(
        context, new String[] {protocol}, SSL.SSL_SELECTOR_FAILURE_NO_ADVERTISE);
    SSLContext.setCertificateCallback(context, new NameCheck(server));
    // Chain and key belong to the native context: nothing of them is set up, or kept, per
    // connection.
    try (BoringSslCredential credential = BoringSslCredential.of(chain, key)) {
      SSLContext.addCredential(context, credential.pointer());
    }
  }

  /// What the library says went wrong last.
  static String lastError() {
    String why = SSL.getErrorString(SSL.getLastErrorNumber());
    SSL.clearError();
    return why;
  }

  @Override
  public @Nullable BoringSslHandler newHandler(ByteBufAllocator allocator) {
    try {
      context.retain();
    } catch (IllegalReferenceCountException closed) {
      return null;
    }
    return new BoringSslHandler(this, handshakeTimeout);
  }

  /// A native connection, for who holds a count.
  long newConnection() {
    return SSL.newSSL(context.pointer, true);
  }

  /// Gives back the count of a handler that was made.
  void released() {
    context.release();
  }

  @Override
  public void close() {
    context.release();
  }

  private static final class Native extends AbstractReferenceCounted {
    final long pointer;

    Native() throws SSLException {
      try {
        pointer =
            SSLContext.make(
                SSL.SSL_PROTOCOL_TLSV1_2 | SSL.SSL_PROTOCOL_TLSV1_3, SSL.SSL_MODE_SERVER);
      } catch (Exception failed) { // as the binding declares it
        throw new SSLException("no context: " + failed.getMessage(), failed);
      }
    }

    @Override
    protected void deallocate() {
      SSLContext.free(pointer);
    }

    @Override
    public ReferenceCounted touch(Object hint) {
      return this;
    }
  }

  /// Asked once per handshake, when the client's first message has been read: this is where a
  /// client is turned away that asks for another name. Chain and key are the context's.
  private record NameCheck(ServerName server) implements CertificateCallback {
    @Override
    public void handle(long ssl, byte[] keyTypes, byte @Nullable [][] authorities) {
      if (!server.serves(server.isAddress() ? null : SSL.getSniHostname(ssl))) {
        throw new NameRefusedException();
      }
    }
  }
}

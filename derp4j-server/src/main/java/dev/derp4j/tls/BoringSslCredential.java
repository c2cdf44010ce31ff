package dev.derp4j.tls;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.internal.tcnative.SSL;
import io.netty.internal.tcnative.SSLCredential;
import java.security.PrivateKey;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import javax.net.ssl.SSLException;

/// A chain and its key in native memory. Contexts that were given it hold counts of their own.
///
/// @param pointer to an `SSL_CREDENTIAL`
record BoringSslCredential(long pointer) implements AutoCloseable {
  /// @throws SSLException if the library has no use for it
  static BoringSslCredential of(X509Certificate[] chain, PrivateKey key) throws SSLException {
    try {
      BoringSslCredential credential = new BoringSslCredential(SSLCredential.newX509());
      boolean done = false;
      try {
        credential.setKey(key);
        credential.setChain(chain);
        done = true;
      } finally {
        if (!done) {
          credential.close();
        }
      }
      return credential;
    } catch (SSLException | RuntimeException refused) {
      throw refused;
    } catch (Exception failed) { // as the binding declares it
      SSL.clearError();
      throw new SSLException(failed.getMessage(), failed);
    }
  }

  private void setKey(PrivateKey key) throws Exception {
    byte[] pem = Pem.write("PRIVATE KEY", key.getEncoded());
    long bio = bio(pem);
    Arrays.fill(pem, (byte) 0);
    try {
      long parsed = SSL.parsePrivateKey(bio, null);
      try {
        SSLCredential.setPrivateKey(pointer, parsed);
      } finally {
        SSL.freePrivateKey(parsed);
      }
    } finally {
      SSL.freeBIO(bio);
    }
  }

  private void setChain(X509Certificate[] chain) throws Exception {
    long bio = bio(pem(chain));
    try {
      long parsed = SSL.parseX509Chain(bio);
      try {
        SSLCredential.setCertChain(pointer, parsed);
      } finally {
        SSL.freeX509Chain(parsed);
      }
    } finally {
      SSL.freeBIO(bio);
    }
  }

  private static byte[] pem(X509Certificate[] chain) throws CertificateEncodingException {
    ByteBuf text = Unpooled.buffer();
    for (X509Certificate each : chain) {
      text.writeBytes(Pem.write("CERTIFICATE", each.getEncoded()));
    }
    return Arrays.copyOf(text.array(), text.readableBytes());
  }

  private static long bio(byte[] text) throws Exception {
    long bio = SSL.newMemBIO();
    ByteBuf direct = Unpooled.directBuffer(text.length).writeBytes(text);
    try {
      if (SSL.bioWrite(bio, NativeBytes.address(direct, 0), text.length) != text.length) {
        SSL.freeBIO(bio);
        throw new SSLException("no memory");
      }
      return bio;
    } finally {
      direct.setZero(0, text.length);
      direct.release();
    }
  }

  @Override
  public void close() {
    try {
      SSLCredential.free(pointer);
    } catch (Exception impossible) { // as the binding declares it
      throw new IllegalStateException(impossible);
    }
  }
}

package dev.derp4j.tls;

import io.netty.handler.ssl.util.SimpleTrustManagerFactory;
import java.security.KeyStore;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import javax.net.ssl.ManagerFactoryParameters;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;

/// The relay never asks for a client's certificate, so it trusts none. Without this the engines
/// would load the system's hundred-odd authorities and keep them.
final class NoClientCertificates extends SimpleTrustManagerFactory {
  @Override
  protected void engineInit(KeyStore keyStore) {
    // Nothing to trust.
  }

  @Override
  protected void engineInit(ManagerFactoryParameters parameters) {
    // Nothing to trust.
  }

  @Override
  protected TrustManager[] engineGetTrustManagers() {
    return new TrustManager[] {new TrustsNobody()};
  }

  private static final class TrustsNobody implements X509TrustManager {
    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType)
        throws CertificateException {
      throw new CertificateException("client certificates are not asked for");
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType)
        throws CertificateException {
      throw new CertificateException("this is a server");
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }
}

package dev.derp4j.tls;

import dev.derp4j.tls.acme.AcmeException;
import dev.derp4j.tls.acme.ChallengeResponder;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.ChannelHandler;
import java.math.BigInteger;
import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import javax.net.ssl.SSLException;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.DEROctetString;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.jspecify.annotations.Nullable;

/// The answers to an authority's challenges while an order is under way. Thread-safe.
final class Challenges implements ChallengeResponder {
  /// The protocol that an authority asks for, alone, in a tls-alpn-01 challenge (RFC 8737).
  static final String PROTOCOL = "acme-tls/1";

  private static final ASN1ObjectIdentifier ACME_IDENTIFIER =
      new ASN1ObjectIdentifier("1.3.6.1.5.5.7.1.31");
  private static final Duration VALIDITY = Duration.ofDays(1);

  private final TlsContexts contexts;
  private final Map<String, String> texts = new ConcurrentHashMap<>();
  private final Map<String, RelayTlsContext> certificates = new ConcurrentHashMap<>();

  Challenges(TlsContexts contexts) {
    this.contexts = contexts;
  }

  @Override
  public Answer answerHttp(String token, String text) {
    texts.put(token, text);
    return () -> texts.remove(token);
  }

  @Override
  public Answer answerTls(String name, byte[] digest) throws AcmeException {
    RelayTlsContext context;
    try {
      context = contexts.bare(ServerName.of(name), certificate(name, digest), PROTOCOL);
    } catch (SSLException | TlsConfigException refused) {
      throw new AcmeException("challenge", "cannot serve the challenge: " + Pem.firstLine(refused));
    }
    certificates.put(name, context);
    return () -> {
      certificates.remove(name);
      context.close();
    };
  }

  /// RFC 8737 §3: for the name alone, with the digest in a critical extension.
  private static ServerCertificate certificate(String name, byte[] digest) {
    KeyPair keys = KeyPairs.newP256();
    Instant now = Instant.now();
    X509Certificate certificate =
        new SelfSigned("ACME challenge", BigInteger.ONE, now.minus(VALIDITY), now.plus(VALIDITY))
            .with(
                Extension.subjectAlternativeName,
                false,
                new GeneralNames(new GeneralName(GeneralName.dNSName, name)))
            .with(ACME_IDENTIFIER, true, new DEROctetString(digest))
            .sign(keys.getPublic(), keys.getPrivate(), "SHA256withECDSA");
    return new ServerCertificate(List.of(certificate), keys.getPrivate());
  }

  /// What is at `/.well-known/acme-challenge/<token>`; null if nothing is.
  @Nullable String text(String token) {
    return texts.get(token);
  }

  /// Whether an authority may come over TLS now.
  boolean expectTls() {
    return !certificates.isEmpty();
  }

  /// For a connection that asks for [#PROTOCOL]; null where no challenge is under way for the name.
  @Nullable ChannelHandler newHandler(String name, ByteBufAllocator allocator) {
    RelayTlsContext context = certificates.get(name);
    ChannelHandler handler = context == null ? null : context.newHandler(allocator);
    return handler;
  }
}

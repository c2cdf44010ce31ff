package dev.derp4j.tls.acme;

import dev.derp4j.tls.acme.ChallengeResponder.Answer;
import java.io.IOException;
import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import org.shredzone.acme4j.AccountBuilder;
import org.shredzone.acme4j.Authorization;
import org.shredzone.acme4j.Identifier;
import org.shredzone.acme4j.Login;
import org.shredzone.acme4j.Order;
import org.shredzone.acme4j.OrderBuilder;
import org.shredzone.acme4j.Problem;
import org.shredzone.acme4j.Session;
import org.shredzone.acme4j.Status;
import org.shredzone.acme4j.challenge.Challenge;
import org.shredzone.acme4j.challenge.Http01Challenge;
import org.shredzone.acme4j.challenge.TlsAlpn01Challenge;

/// Orders certificates from one authority.
///
/// Each order is a session of its own, with an HTTP client that ends with it: between orders, which
/// are weeks apart, nothing is kept. Blocks for as long as the authority takes, minutes at most:
/// not for an event loop.
public final class AcmeClient {
  private static final Duration REQUEST_TIMEOUT = Duration.ofSeconds(30);
  private static final Duration VALIDATION_LIMIT = Duration.ofSeconds(90);
  private static final Duration ISSUANCE_LIMIT = Duration.ofSeconds(90);

  private final AcmeAuthority authority;

  public AcmeClient(AcmeAuthority authority) {
    this.authority = authority;
  }

  /// Registers the account where the authority does not know it, proves control over the name, and
  /// fetches the certificate.
  ///
  /// @param account the account's keys
  /// @param keys what the certificate is for
  /// @return the chain, leaf first
  /// @throws AcmeException with one line that says why not
  /// @throws InterruptedException if the thread was interrupted, as it is when the relay stops
  public List<X509Certificate> obtain(
      KeyPair account, AcmeOrder order, KeyPair keys, ChallengeResponder responder)
      throws AcmeException, InterruptedException {
    try {
      Session session =
          new Session(authority.directory(), new AuthorityProvider(authority.environment()));
      session.networkSettings().setTimeout(REQUEST_TIMEOUT);
      try {
        return obtain(login(session, account), order, keys, responder);
      } finally {
        session.getHttpClient().shutdownNow();
      }
    } catch (org.shredzone.acme4j.exception.AcmeException | RuntimeException failed) {
      if (Thread.interrupted()) {
        throw new InterruptedException();
      }
      throw Failures.explain(authority.directory(), failed);
    } catch (IOException unreadable) {
      throw new AcmeException("roots", String.valueOf(unreadable.getMessage()));
    }
  }

  private Login login(Session session, KeyPair keys)
      throws org.shredzone.acme4j.exception.AcmeException {
    AccountBuilder builder = new AccountBuilder().agreeToTermsOfService().useKeyPair(keys);
    if (!authority.email().isEmpty()) {
      builder.addEmail(authority.email());
    }
    if (authority.externalAccount().isPresent()) {
      AcmeAuthority.ExternalAccount external = authority.externalAccount().get();
      builder.withKeyIdentifier(external.keyId(), external.key()).withMacAlgorithm("HS256");
    }
    return builder.createLogin(session);
  }

  /// Each way to prove control gets an order of its own, since one failed attempt spoils an order.
  private static List<X509Certificate> obtain(
      Login login, AcmeOrder wanted, KeyPair keys, ChallengeResponder responder)
      throws org.shredzone.acme4j.exception.AcmeException, AcmeException, InterruptedException {
    Iterator<ChallengeKind> kinds = wanted.challenges().iterator();
    while (true) {
      Order order = place(login, wanted);
      ChallengeKind kind = kinds.next();
      try {
        for (Authorization authorization : order.getAuthorizations()) {
          prove(authorization, kind, responder);
        }
      } catch (AcmeException refused) {
        if (kinds.hasNext()) {
          continue;
        }
        throw refused;
      }
      return fetch(order, keys);
    }
  }

  private static Order place(Login login, AcmeOrder wanted)
      throws org.shredzone.acme4j.exception.AcmeException {
    OrderBuilder order = login.newOrder();
    order.identifier(
        wanted.address() == null ? Identifier.dns(wanted.name()) : Identifier.ip(wanted.address()));
    if (!wanted.profile().isEmpty()
        && login.getSession().getMetadata().isProfileAllowed(wanted.profile())) {
      order.profile(wanted.profile());
    }
    return order.create();
  }

  private static void prove(
      Authorization authorization, ChallengeKind kind, ChallengeResponder responder)
      throws org.shredzone.acme4j.exception.AcmeException, AcmeException, InterruptedException {
    if (authorization.getStatus() == Status.VALID) {
      return;
    }
    Optional<Challenge> offered = authorization.findChallenge(kind.type());
    if (offered.isEmpty()) {
      throw new AcmeException("no challenge", "the authority offers no " + kind.type());
    }
    Challenge challenge = offered.get();
    try (Answer _ = answer(challenge, authorization.getIdentifier(), responder)) {
      challenge.trigger();
      Status status = authorization.waitForCompletion(VALIDATION_LIMIT);
      if (status != Status.VALID) {
        challenge.fetch();
        throw new AcmeException(
            "validation", kind.type() + ": " + reason(challenge.getError(), status));
      }
    }
  }

  private static Answer answer(
      Challenge challenge, Identifier identifier, ChallengeResponder responder)
      throws AcmeException {
    return switch (challenge) {
      case Http01Challenge http -> responder.answerHttp(http.getToken(), http.getAuthorization());
      case TlsAlpn01Challenge tls ->
          responder.answerTls(identifier.getDomain(), tls.getAcmeValidation());
      default -> throw new AcmeException("no challenge", "cannot answer " + challenge.getType());
    };
  }

  private static List<X509Certificate> fetch(Order order, KeyPair keys)
      throws org.shredzone.acme4j.exception.AcmeException, AcmeException, InterruptedException {
    requireStatus(order, order.waitUntilReady(ISSUANCE_LIMIT), Status.READY, Status.VALID);
    order.execute(keys);
    requireStatus(order, order.waitForCompletion(ISSUANCE_LIMIT), Status.VALID);
    return order.getCertificate().getCertificateChain();
  }

  private static void requireStatus(Order order, Status status, Status... good)
      throws AcmeException {
    if (!List.of(good).contains(status)) {
      throw new AcmeException("order", reason(order.getError(), status));
    }
  }

  private static String reason(Optional<Problem> problem, Status status) {
    return problem.map(Failures::words).orElse("the authority says no more than " + status);
  }
}

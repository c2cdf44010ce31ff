package dev.derp4j.tls;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.derp4j.tls.TestAuthority.Validity;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.PublicKey;
import java.security.cert.X509Certificate;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequest;
import org.jspecify.annotations.Nullable;

/// As much of an ACME authority as the tests need, over plain HTTP: one order at a time, no
/// signatures checked. It shows what a client asks for, says what a test wants said, and offers
/// profiles, which Debian's pebble does not.
final class StubAuthority implements AutoCloseable {
  final TestAuthority authority;

  /// What was sent, by the last part of the URL.
  final List<String> accounts = new CopyOnWriteArrayList<>();

  final List<String> orders = new CopyOnWriteArrayList<>();

  /// Looks at the answer to an http-01 challenge, by its token.
  volatile Function<String, @Nullable String> http = token -> null;

  /// What new orders are refused with, if not null: an error's type.
  volatile @Nullable String refusal;

  volatile String retryAfter = "";
  volatile Validity validity = Validity.days(-1, 89);

  /// Each new order takes a permit.
  final Semaphore gate = new Semaphore(1_000_000);

  private final AtomicInteger numbers = new AtomicInteger();
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final HttpServer server;
  private volatile String identifier = "";
  private volatile String status = "pending";
  private volatile List<X509Certificate> chain = List.of();

  StubAuthority() throws Exception {
    authority = new TestAuthority();
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(threads);
    server.createContext("/", this::answer);
    server.start();
  }

  URI directory() {
    return URI.create(url("directory"));
  }

  private String url(String path) {
    return "http://127.0.0.1:" + server.getAddress().getPort() + "/" + path;
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      byte[] body = exchange.getRequestBody().readAllBytes();
      exchange.getResponseHeaders().set("Replay-Nonce", "nonce" + numbers.incrementAndGet());
      exchange.getResponseHeaders().set("Content-Type", "application/json");
      switch (exchange.getRequestURI().getPath().substring(1)) {
        case "directory" -> send(exchange, 200, directoryJson());
        case "nonce" -> exchange.sendResponseHeaders(200, -1);
        case "account" -> {
          accounts.add(payload(body));
          exchange.getResponseHeaders().set("Location", url("account/1"));
          send(exchange, 200, "{\"status\":\"valid\"}");
        }
        case "order" -> newOrder(exchange, payload(body));
        case "authz" -> send(exchange, 200, authorizationJson());
        case "challenge" -> {
          String text = http.apply("token-of-the-stub");
          status = text != null && text.startsWith("token-of-the-stub.") ? "ready" : "invalid";
          send(exchange, 200, challengeJson());
        }
        case "finalize" -> {
          certify(payload(body));
          status = "valid";
          send(exchange, 200, orderJson());
        }
        case "order/1" -> send(exchange, 200, orderJson());
        case "certificate" -> {
          exchange.getResponseHeaders().set("Content-Type", "application/pem-certificate-chain");
          StringBuilder pem = new StringBuilder();
          for (X509Certificate each : chain) {
            pem.append(
                new String(
                    Pem.write("CERTIFICATE", AddressCertificate.encoded(each)),
                    StandardCharsets.US_ASCII));
          }
          send(exchange, 200, pem.toString());
        }
        default -> exchange.sendResponseHeaders(404, -1);
      }
    } catch (Exception broken) {
      throw new IOException(broken);
    }
  }

  private void newOrder(HttpExchange exchange, String payload) throws Exception {
    orders.add(payload);
    if (!gate.tryAcquire(60, TimeUnit.SECONDS)) {
      throw new AssertionError("nobody opened the gate");
    }
    if (refusal != null) {
      exchange.getResponseHeaders().set("Content-Type", "application/problem+json");
      if (!retryAfter.isEmpty()) {
        exchange.getResponseHeaders().set("Retry-After", retryAfter);
      }
      send(
          exchange,
          429,
          "{\"type\":\"urn:ietf:params:acme:error:%s\",\"detail\":\"because\\nof that\"}"
              .formatted(refusal));
      return;
    }
    Matcher found = Pattern.compile("\"identifiers\":\\[(\\{[^}]*})]").matcher(payload);
    if (!found.find()) {
      throw new AssertionError(payload);
    }
    identifier = found.group(1);
    status = "pending";
    exchange.getResponseHeaders().set("Location", url("order/1"));
    send(exchange, 201, orderJson());
  }

  private void certify(String payload) throws Exception {
    Matcher csr = Pattern.compile("\"csr\":\"([^\"]+)\"").matcher(payload);
    Matcher name = Pattern.compile("\"value\":\"([^\"]+)\"").matcher(identifier);
    if (!csr.find() || !name.find()) {
      throw new AssertionError(payload);
    }
    PublicKey key =
        new JcaPKCS10CertificationRequest(Base64.getUrlDecoder().decode(csr.group(1)))
            .getPublicKey();
    chain = List.of(authority.certify(key, validity, name.group(1)), authority.intermediate());
  }

  private String directoryJson() {
    return """
    {"newNonce":"%s","newAccount":"%s","newOrder":"%s","revokeCert":"%s","keyChange":"%s",
     "meta":{"profiles":{"classic":"usual","shortlived":"six days"}}}"""
        .formatted(url("nonce"), url("account"), url("order"), url("revoke"), url("change"));
  }

  private String orderJson() {
    return """
    {"status":"%s","identifiers":[%s],"authorizations":["%s"],"finalize":"%s","certificate":"%s"}"""
        .formatted(status, identifier, url("authz"), url("finalize"), url("certificate"));
  }

  private String authorizationJson() {
    String state = status.equals("ready") ? "valid" : status;
    return "{\"status\":\"%s\",\"identifier\":%s,\"challenges\":[%s]}"
        .formatted(state, identifier, challengeJson());
  }

  private String challengeJson() {
    String state = status.equals("ready") ? "valid" : status;
    String error =
        state.equals("invalid")
            ? ",\"error\":{\"type\":\"urn:ietf:params:acme:error:connection\",\"detail\":\"nobody there\"}"
            : "";
    return "{\"type\":\"http-01\",\"url\":\"%s\",\"token\":\"token-of-the-stub\",\"status\":\"%s\"%s}"
        .formatted(url("challenge"), state, error);
  }

  private static String payload(byte[] jws) {
    Matcher found =
        Pattern.compile("\"payload\":\"([^\"]*)\"")
            .matcher(new String(jws, StandardCharsets.UTF_8));
    return found.find()
        ? new String(Base64.getUrlDecoder().decode(found.group(1)), StandardCharsets.UTF_8)
        : "";
  }

  private static void send(HttpExchange exchange, int code, String text) throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(code, bytes.length);
    exchange.getResponseBody().write(bytes);
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}

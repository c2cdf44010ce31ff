package dev.derp4j.admission;

import dev.derp4j.key.NodePrivateKey;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.Function;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

class TailscaledTest {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  @AutoClose private final Watchdog watchdog = new Watchdog();
  @TempDir Path directory;

  private final Newcomer newcomer =
      new Newcomer(
          NodePrivateKey.generate().publicKey(), new InetSocketAddress("192.0.2.1", 1), "");

  @Test
  void aKnownKeyIsAdmittedAndAskedForAlone() throws Exception {
    try (FakeTailscaled fake = new FakeTailscaled(_ -> FakeTailscaled.http(200, "{\"Node\":{}}"))) {
      assertThat(ask(fake, PATIENCE)).isEqualTo(new Verdict.Admitted(Reason.TAILSCALED));
      assertThat(fake.requests())
          .containsExactly(
              "GET /localapi/v0/whois?addr="
                  + newcomer.key()
                  + " HTTP/1.0\r\nHost: local-tailscaled.sock\r\n\r\n");
    }
  }

  @Test
  void anUnknownKeyIsRejected() throws Exception {
    assertThat(verdictOn(_ -> FakeTailscaled.http(404, "no match for IP:port\n")))
        .isEqualTo(
            new Verdict.Rejected(Reason.TAILSCALED_UNKNOWN, "unknown to the local tailscaled"));
  }

  @Test
  void aTailscaledThatKnowsAddressesOnlyIsTooOld() throws Exception {
    assertThat(verdictOn(_ -> FakeTailscaled.http(400, "invalid 'addr' parameter\n")).reason())
        .isEqualTo(Reason.TAILSCALED_TOO_OLD);
  }

  @Test
  void anythingElseRejectsWithWhatItSaid() throws Exception {
    assertThat(verdictOn(_ -> FakeTailscaled.http(403, "whois\naccess denied\u0007\n")))
        .isEqualTo(
            new Verdict.Rejected(
                Reason.TAILSCALED_FAILED, "tailscaled answers 403: whois?access denied?"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "\u0000\u0001garbage",
        "SSH-2.0-OpenSSH\r\n",
        "HTTP/1.1 20 No\r\n\r\n",
        "HTTP/1.1 404 Not Found\r\nContent",
        "HTTP/1.1\r\n\r\n"
      })
  void garbageRejects(String garbage) throws Exception {
    Verdict verdict = verdictOn(_ -> garbage.getBytes(StandardCharsets.ISO_8859_1));
    assertThat(verdict.reason()).isEqualTo(Reason.TAILSCALED_FAILED);
    assertThat(((Verdict.Rejected) verdict).why())
        .startsWith("asking tailscaled: ")
        .matches("[ -~]+");
  }

  @Test
  void anEndlessAnswerIsCutOff() throws Exception {
    byte[] endless = FakeTailscaled.http(500, "x".repeat(LocalHttp.MAX_ANSWER));
    assertThat(verdictOn(_ -> endless).reason()).isEqualTo(Reason.TAILSCALED_FAILED);
  }

  @Test
  void noAnswerInTimeRejects() throws Exception {
    try (FakeTailscaled fake = new FakeTailscaled(_ -> null)) {
      assertThat(ask(fake, Duration.ofMillis(50)).reason()).isEqualTo(Reason.TIMEOUT);
    }
  }

  @Test
  void aMissingSocketOrOneWithoutAListenerRejects() throws Exception {
    Path missing = directory.resolve("s");
    Tailscaled tailscaled = new Tailscaled(missing, watchdog);
    assertThat(tailscaled.verify(newcomer, PATIENCE))
        .isEqualTo(
            new Verdict.Rejected(
                Reason.TAILSCALED_FAILED, "asking tailscaled: " + missing + ": no such socket"));
    Files.writeString(missing, "no socket");
    assertThat(tailscaled.verify(newcomer, PATIENCE).reason()).isEqualTo(Reason.TAILSCALED_FAILED);
  }

  @Test
  void theRelaysOwnNodeMustPassItsOwnCheck() throws Exception {
    String own = NodePrivateKey.generate().publicKey().toString();
    Function<String, byte[]> good =
        request ->
            request.contains("/status?peers=false ")
                ? FakeTailscaled.http(
                    200,
                    "{\"Version\":\"1\",\"Self\":{\"ID\":\"n\",\"PublicKey\":\"" + own + "\"}}")
                : FakeTailscaled.http(request.contains(own) ? 200 : 404, "");
    try (FakeTailscaled fake = new FakeTailscaled(good)) {
      Tailscaled tailscaled = new Tailscaled(fake.socket(), watchdog);
      assertThat(tailscaled.checkOwnNode(PATIENCE)).isEmpty();
      fake.answer(
          request ->
              request.contains("/status") ? good.apply(request) : FakeTailscaled.http(404, ""));
      assertThat(tailscaled.checkOwnNode(PATIENCE))
          .contains("the node of this machine would be rejected: unknown to the local tailscaled");
      fake.answer(_ -> FakeTailscaled.http(200, "[]"));
      assertThat(tailscaled.checkOwnNode(PATIENCE))
          .contains("asking tailscaled for its status: no JSON object");
      fake.answer(_ -> FakeTailscaled.http(500, ""));
      assertThat(tailscaled.checkOwnNode(PATIENCE)).isPresent();
    }
  }

  private Verdict verdictOn(Function<String, byte[]> answers) throws Exception {
    try (FakeTailscaled fake = new FakeTailscaled(answers)) {
      return ask(fake, PATIENCE);
    }
  }

  private Verdict ask(FakeTailscaled fake, Duration limit) throws InterruptedException {
    return new Tailscaled(fake.socket(), watchdog).verify(newcomer, limit);
  }
}

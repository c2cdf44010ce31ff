package dev.derp4j.testkit;

import dev.derp4j.frame.Frame;
import dev.derp4j.handshake.ClientInfo;
import dev.derp4j.handshake.ServerInfo;
import dev.derp4j.key.MeshKey;
import dev.derp4j.key.NodePrivateKey;
import dev.derp4j.key.NodePublicKey;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

@Timeout(60)
class DerpTestClientTest {
  private static final TestCertificates AUTHORITY = TestCertificates.create();
  private static final Duration LIMIT = Duration.ofSeconds(10);
  private static final NodePublicKey PEER = NodePrivateKey.generate().publicKey();

  private StubRelay plain;
  private StubRelay secure;

  @BeforeEach
  void start() throws IOException {
    plain = new StubRelay(null);
    secure = new StubRelay(AUTHORITY.issue("derp.test"));
  }

  @AfterEach
  void stop() throws IOException {
    plain.close();
    secure.close();
  }

  @Test
  void itUpgradesIntroducesItselfAndExchangesFrames() throws IOException {
    MeshKey mesh = MeshKey.generate();
    DerpTestOptions options =
        new DerpTestOptions().meshKey(mesh).appName("tool").prober().header("Ideal-Node", "2a");
    try (DerpTestClient client = DerpTestClient.connect(plain.address(), options)) {
      assertThat(client.serverKey()).isEqualTo(plain.key.publicKey());
      assertThat(client.serverInfo()).isEqualTo(ServerInfo.plain());
      assertThat(client.responseHead()).startsWith("HTTP/1.1 101 ").endsWith("\r\n\r\n");
      assertThat(plain.requests)
          .singleElement()
          .asString()
          .contains("\r\nIdeal-Node: 2a\r\n")
          .contains("\r\nUpgrade: DERP\r\n");
      assertThat(plain.introductions)
          .containsExactly(new ClientInfo(2, true, true, "tool", Optional.of(mesh)));

      client.send(PEER, new byte[] {1, 2});
      assertThat(client.expect(Frame.RecvPacket.class))
          .isEqualTo(new Frame.RecvPacket(PEER, new byte[] {1, 2}));
      client.notePreferred(true);
      client.watch();
      client.forward(PEER, client.publicKey(), new byte[0]);
      client.sendRaw(new byte[] {0x77, 0, 0, 0, 1, 5}, 1, Duration.ofMillis(1));
      client.ping(7);
      assertThat(client.read(LIMIT)).isEqualTo(new Frame.Pong(7));
      assertThat(plain.frames.subList(1, plain.frames.size()))
          .containsExactly(
              new Frame.SendPacket(PEER, new byte[] {1, 2}),
              new Frame.NotePreferred(true),
              new Frame.WatchConns(),
              new Frame.ForwardPacket(PEER, client.publicKey(), new byte[0]),
              new Frame.Unknown(0x77, new byte[] {5}),
              new Frame.Ping(7));
    }
  }

  @Test
  void aFastStartHasNoResponse() throws IOException {
    try (DerpTestClient client =
        DerpTestClient.connect(plain.address(), new DerpTestOptions().fastStart())) {
      assertThat(client.responseHead()).isEmpty();
      assertThat(client.serverKey()).isEqualTo(plain.key.publicKey());
    }
  }

  @Test
  void withAKnownServerKeyTheIntroductionAndMoreGoWithTheRequest() throws IOException {
    byte[] ping = {0x12, 0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0, 9};
    DerpTestOptions options =
        new DerpTestOptions().fastStart().knownServerKey(plain.key.publicKey()).pipelined(ping);
    try (DerpTestClient client = DerpTestClient.connect(plain.address(), options)) {
      assertThat(client.expect(Frame.Pong.class).data()).isEqualTo(9);
    }
  }

  @Test
  void aRefusedUpgradeTellsStatusAndBody() {
    UpgradeRefusedException refused =
        catchThrowableOfType(
            UpgradeRefusedException.class,
            () -> DerpTestClient.connect(plain.address(), new DerpTestOptions().upgrade("tea")));
    assertThat(refused.status()).isEqualTo(426);
    assertThat(refused.body()).isEqualTo("nope");
  }

  @Test
  void itSpeaksEitherTlsVersionAndShowsTheChain() throws IOException {
    for (String version : new String[] {"TLSv1.2", "TLSv1.3"}) {
      TlsSettings tls = TlsSettings.verifying(AUTHORITY.trust(), "derp.test").withVersions(version);
      try (DerpTestClient client =
          DerpTestClient.connect(secure.address(), new DerpTestOptions().tls(tls))) {
        assertThat(client.connection().tlsVersion()).isEqualTo(version);
        assertThat(client.peerCertificates()).hasSize(2).last().isEqualTo(AUTHORITY.certificate());
        client.ping(1);
        assertThat(client.expect(Frame.Pong.class).data()).isEqualTo(1);
      }
    }
  }

  /// A wait that runs out in the middle of a frame, or of a TLS record, loses nothing.
  @Test
  void waitingInVainLosesNothing() throws IOException {
    DerpTestOptions options = new DerpTestOptions().tls(TlsSettings.trustAll("other.test"));
    try (DerpTestClient client = DerpTestClient.connect(secure.address(), options)) {
      client.ping(5);
      Frame frame = null;
      for (int i = 0; i < 2000 && frame == null; i++) {
        frame = client.poll(Duration.ofMillis(5));
      }
      assertThat(frame).isEqualTo(new Frame.Pong(5));
      client.expectNothing(Duration.ofMillis(50));
    }
  }

  @Test
  void aCertificateOfAnotherNameOrAuthorityIsRefused() {
    TlsSettings otherName = TlsSettings.verifying(AUTHORITY.trust(), "other.test");
    TlsSettings otherAuthority =
        TlsSettings.verifying(TestCertificates.create().trust(), "derp.test");
    assertThatThrownBy(
            () -> DerpTestClient.connect(secure.address(), new DerpTestOptions().tls(otherName)))
        .isInstanceOf(SSLException.class);
    assertThatThrownBy(
            () ->
                DerpTestClient.connect(secure.address(), new DerpTestOptions().tls(otherAuthority)))
        .isInstanceOf(SSLException.class);
  }

  @Test
  void theEndOfTheConnectionIsSeenWithTheFramesBeforeIt() throws IOException {
    try (DerpTestClient client = DerpTestClient.connect(plain.address(), new DerpTestOptions())) {
      client.closePeer(PEER);
      assertThat(client.expectClosed(LIMIT)).containsExactly(new Frame.KeepAlive());
    }
  }

  @Test
  void whatDoesNotComeAsExpectedIsAnAssertionError() throws IOException {
    try (DerpTestClient client = DerpTestClient.connect(plain.address(), new DerpTestOptions())) {
      Duration soon = Duration.ofMillis(50);
      assertThatThrownBy(() -> client.read(soon))
          .isInstanceOf(AssertionError.class)
          .hasMessageContaining("no frame");
      assertThatThrownBy(() -> client.expectClosed(soon)).isInstanceOf(AssertionError.class);
      client.send(PEER, new byte[1]);
      assertThatThrownBy(() -> client.expect(Frame.Pong.class))
          .isInstanceOf(AssertionError.class)
          .hasMessageContaining("RecvPacket");
      client.send(PEER, new byte[1]);
      assertThatThrownBy(() -> client.expectNothing(LIMIT)).isInstanceOf(AssertionError.class);
      client.send(PEER, new byte[1]);
      client.ping(3);
      assertThat(client.skipTo(Frame.Pong.class, LIMIT).data()).isEqualTo(3);
      client.closePeer(PEER);
      assertThatThrownBy(() -> client.skipTo(Frame.Pong.class, LIMIT))
          .isInstanceOf(AssertionError.class)
          .hasMessageContaining("closed");
    }
  }
}

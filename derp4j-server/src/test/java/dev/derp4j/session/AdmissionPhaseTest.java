package dev.derp4j.session;

import dev.derp4j.admission.Admission;
import dev.derp4j.admission.AdmissionCounts.Kind;
import dev.derp4j.admission.AppNameBan;
import dev.derp4j.admission.Newcomer;
import dev.derp4j.admission.Reason;
import dev.derp4j.admission.Verdict;
import dev.derp4j.frame.Frame;
import dev.derp4j.frame.FrameType;
import dev.derp4j.handshake.SharedBox;
import dev.derp4j.key.NodePrivateKey;
import dev.derp4j.key.NodePublicKey;
import dev.derp4j.metrics.CloseReason;
import dev.derp4j.metrics.Metric;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.awaitility.Awaitility;
import org.awaitility.core.ThrowingRunnable;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

import static dev.derp4j.session.RelayHandlerTest.joined;
import static org.assertj.core.api.Assertions.assertThat;

/// What becomes of a connection while others are asked whether its client may come in.
class AdmissionPhaseTest {
  private static final String PLAIN = "{\"version\":2}";
  private static final Verdict YES = new Verdict.Admitted(Reason.NO_OBJECTION);
  private static final Verdict NO = new Verdict.Rejected(Reason.TIMEOUT, "nobody answered");

  @AutoClose private final CapturedLog log = new CapturedLog();

  private final BlockingQueue<Verdict> answers = new LinkedBlockingQueue<>();
  private final AtomicInteger asked = new AtomicInteger();
  private final AtomicInteger calledOff = new AtomicInteger();
  private final AtomicReference<Newcomer> newcomer = new AtomicReference<>();
  private final Admission admission =
      new Admission(List.of(new AppNameBan(List.of("banned"))), List.of(this::ask));

  @AutoClose
  private final TestRelay relay = new TestRelay(TestRelay.Options.DEFAULT.withAdmission(admission));

  private final NodePrivateKey clientKey = NodePrivateKey.generate();
  private final SharedBox box = SharedBox.between(clientKey, TestRelay.PRIVATE_KEY.publicKey());

  private Verdict ask(Newcomer who, Duration limit) throws InterruptedException {
    newcomer.set(who);
    asked.incrementAndGet();
    try {
      return answers.take();
    } catch (InterruptedException left) {
      calledOff.incrementAndGet();
      throw left;
    }
  }

  @Test
  void nobodyIsRegisteredAndNothingIsReadBeforeTheAnswer() {
    ScriptedChannel channel = introduced(PLAIN);
    assertThat(channel.config().isAutoRead()).isFalse();
    assertThat(relay.registry.census().connections()).isZero();
    Newcomer expected =
        new Newcomer(clientKey.publicKey(), (InetSocketAddress) channel.remoteAddress(), "");
    eventually(() -> assertThat(newcomer.get()).isEqualTo(expected));
    assertThat(relay.registry.census().connections()).isZero();
    answers.add(YES);
    eventually(() -> assertThat(relay.registry.census().connections()).isEqualTo(1));
    eventually(() -> assertThat(channel.config().isAutoRead()).isTrue());
    assertThat(admission.counts().get(Kind.ADMITTED, Reason.NO_OBJECTION)).isEqualTo(1);
    assertThat(log.lines()).isEmpty();
  }

  @Test
  void whatWasUnderWayWhenReadingStoppedIsNotLost() {
    NodePublicKey own = clientKey.publicKey();
    ScriptedChannel channel = relay.newcomer(Optional.empty(), new byte[0]);
    byte[] packet = TestClient.bytes(new Frame.SendPacket(own, Payloads.data(1, 3_000)));
    arrives(channel, joined(clientInfo(PLAIN), Arrays.copyOf(packet, 100)));
    arrives(channel, Arrays.copyOfRange(packet, 100, 1_000));
    arrives(channel, Arrays.copyOfRange(packet, 1_000, packet.length));
    answers.add(YES);
    eventually(() -> assertThat(relay.counted(Metric.DERP_PACKETS_SENT)).isEqualTo(1));
    assertThat(new String(channel.taken(), StandardCharsets.ISO_8859_1))
        .contains(new String(Payloads.data(1, 3_000), StandardCharsets.ISO_8859_1));
  }

  @Test
  void aRejectedClientIsClosedWithAReason() {
    ScriptedChannel channel = introduced(PLAIN);
    answers.add(NO);
    eventually(() -> assertThat(channel.isOpen()).isFalse());
    assertThat(relay.closed(CloseReason.NOT_ADMITTED)).isEqualTo(1);
    assertThat(admission.counts().get(Kind.REJECTED, Reason.TIMEOUT)).isEqualTo(1);
    assertThat(log.lines())
        .containsExactly(
            "derp: 192.0.2.1:10000: client "
                + clientKey.publicKey()
                + " rejected: nobody answered");
  }

  @Test
  void whoIsBannedByARuleIsTurnedAwayAtOnceWithoutAskingAnybody() {
    ScriptedChannel channel = introduced("{\"AppName\":\"banned\"}");
    assertThat(channel.isOpen()).isFalse();
    assertThat(asked).hasValue(0);
    assertThat(log.lines())
        .containsExactly(
            "derp: 192.0.2.1:10000: client "
                + clientKey.publicKey()
                + " rejected: disallowed app name \"banned\"");
  }

  @Test
  void aMeshPeerIsNotAskedAbout() {
    ScriptedChannel channel = relay.newcomer(Optional.of(TestRelay.MESH_KEY), new byte[0]);
    arrives(
        channel,
        clientInfo(
            "{\"AppName\":\"banned\",\"meshKey\":\"" + TestRelay.MESH_KEY.secretText() + "\"}"));
    assertThat(relay.registry.census().connections()).isEqualTo(1);
    assertThat(asked).hasValue(0);
  }

  @Test
  void aClientThatLeavesMeanwhileIsCountedOnceAndTheAskingIsCalledOff() {
    ScriptedChannel channel = introduced(PLAIN);
    eventually(() -> assertThat(asked).hasValue(1));
    relay.does(channel::hangUp);
    eventually(() -> assertThat(calledOff).hasValue(1));
    assertThat(relay.closed(CloseReason.CLOSED_BY_PEER)).isEqualTo(1);
    relay.pass(Duration.ofSeconds(20));
    assertThat(relay.closed(CloseReason.NOT_ADMITTED)).isZero();
    assertThat(log.lines()).isEmpty();
  }

  @Test
  void aConnectionThatBreaksMeanwhileIsCountedOnce() {
    ScriptedChannel channel = introduced(PLAIN);
    relay.does(() -> channel.pipeline().fireExceptionCaught(new IOException("reset")));
    assertThat(channel.isOpen()).isFalse();
    assertThat(relay.closed(CloseReason.RESET)).isEqualTo(1);
  }

  @Test
  void whoeverIsAskedAndNeverAnswersCostsTheClientItsConnection() {
    ScriptedChannel channel = introduced(PLAIN);
    relay.pass(Duration.ofMillis(5_999));
    assertThat(channel.isOpen()).isTrue();
    relay.pass(Duration.ofMillis(1));
    assertThat(channel.isOpen()).isFalse();
    assertThat(relay.closed(CloseReason.NOT_ADMITTED)).isEqualTo(1);
    assertThat(relay.closed(CloseReason.HANDSHAKE_TIMEOUT)).isZero();
  }

  @Test
  void whatAClientSendsMeanwhileIsBounded() {
    ScriptedChannel channel = introduced(PLAIN);
    for (int i = 0; i < 4; i++) {
      arrives(channel, new byte[64 * 1024]);
      assertThat(channel.isOpen()).isTrue();
    }
    arrives(channel, new byte[1]);
    assertThat(channel.isOpen()).isFalse();
  }

  @Test
  void aFaultOfTheVerifierRejects() {
    Admission faulty =
        new Admission(
            List.of(),
            List.of(
                (_, _) -> {
                  throw new IllegalStateException("broken");
                }));
    try (TestRelay other = new TestRelay(TestRelay.Options.DEFAULT.withAdmission(faulty))) {
      ScriptedChannel channel = other.newcomer(Optional.empty(), new byte[0]);
      other.does(() -> channel.arrive(clientInfo(PLAIN)));
      Awaitility.await()
          .pollInSameThread()
          .untilAsserted(
              () -> {
                other.run();
                assertThat(channel.isOpen()).isFalse();
              });
      assertThat(faulty.counts().get(Kind.REJECTED, Reason.INTERNAL_ERROR)).isEqualTo(1);
      assertThat(log.lines()).anyMatch(line -> line.endsWith(" rejected: internal error"));
    }
  }

  @Test
  void aClientThatIsTurnedAwayAgainAndAgainDoesNotFillTheLog() {
    for (int i = 0; i < 10; i++) {
      introduced("{\"AppName\":\"banned\"}");
    }
    assertThat(log.lines()).hasSize(3);
    assertThat(relay.closed(CloseReason.NOT_ADMITTED)).isEqualTo(10);
  }

  private ScriptedChannel introduced(String json) {
    ScriptedChannel channel = relay.newcomer(Optional.empty(), new byte[0]);
    arrives(channel, clientInfo(json));
    return channel;
  }

  private void eventually(ThrowingRunnable assertion) {
    Awaitility.await()
        .pollInSameThread()
        .pollDelay(Duration.ZERO)
        .pollInterval(Duration.ofMillis(2))
        .atMost(Duration.ofSeconds(60))
        .untilAsserted(
            () -> {
              relay.run();
              assertion.run();
            });
  }

  private void arrives(ScriptedChannel channel, byte[] bytes) {
    relay.does(() -> channel.arrive(bytes));
  }

  private byte[] clientInfo(String json) {
    byte[] sealed = box.sealWithRandomNonce(json.getBytes(StandardCharsets.UTF_8));
    return joined(
        TestClient.header(FrameType.CLIENT_INFO.code(), NodePublicKey.LENGTH + sealed.length),
        clientKey.publicKey().toBytes(),
        sealed);
  }
}

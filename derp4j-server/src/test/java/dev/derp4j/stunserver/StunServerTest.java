package dev.derp4j.stunserver;

import dev.derp4j.stun.BindingAnswer;
import dev.derp4j.stun.BindingRequest;
import dev.derp4j.stun.TransactionId;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.zip.CRC32;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class StunServerTest {
  /// The two ways to serve; each test of what both must do runs with both.
  enum Kind {
    NATIVE {
      @Override
      @Nullable String noNative() {
        return NativeSupport.whyUnavailable();
      }
    },
    PLAIN {
      @Override
      String noNative() {
        return "a test";
      }
    };

    abstract @Nullable String noNative();
  }

  private final StunMetrics metrics = new StunMetrics();
  private final List<String> log = Collections.synchronizedList(new ArrayList<>());

  private StunServer start(Kind kind, String address) throws IOException {
    return start(kind, TestClient.at(address, 0));
  }

  private StunServer start(Kind kind, InetSocketAddress listen) throws IOException {
    return StunServer.start(listen, metrics, log::add, kind.noNative());
  }

  @ParameterizedTest
  @EnumSource
  void anIpv4ClientLearnsItsAddress(Kind kind) throws IOException {
    try (StunServer server = start(kind, "127.0.0.1");
        TestClient client = new TestClient("127.0.0.1")) {
      TestClient.Answered answered = client.ask(server.localAddress());
      assertThat(answered.answer().mapped()).isEqualTo(client.localAddress());
      assertThat(answered.from()).isEqualTo(server.localAddress());
      assertThat(answered.length()).isEqualTo(BindingAnswer.IPV4_LENGTH);
      awaitSuccesses(1);
      assertThat(metrics.ipv4.sum()).isEqualTo(1);
      assertThat(metrics.ipv6.sum()).isZero();
      assertThat(metrics.noLocalAddress.sum()).isZero();
    }
  }

  @ParameterizedTest
  @EnumSource
  void anIpv6ClientLearnsItsAddress(Kind kind) throws IOException {
    TestClient.assumeIpv6();
    try (StunServer server = start(kind, "::1");
        TestClient client = new TestClient("::1")) {
      TestClient.Answered answered = client.ask(server.localAddress());
      assertThat(answered.answer().mapped()).isEqualTo(client.localAddress());
      assertThat(answered.from()).isEqualTo(server.localAddress());
      assertThat(answered.length()).isEqualTo(BindingAnswer.IPV6_LENGTH);
      awaitSuccesses(1);
      assertThat(metrics.ipv6.sum()).isEqualTo(1);
      assertThat(metrics.ipv4.sum()).isZero();
      assertThat(metrics.noLocalAddress.sum()).isZero();
    }
  }

  @ParameterizedTest
  @EnumSource
  void aWildcardServesBothFamiliesAndAnswersIpv4AsIpv4(Kind kind) throws IOException {
    TestClient.assumeIpv6();
    try (StunServer server = start(kind, "0.0.0.0");
        TestClient ipv4 = new TestClient("127.0.0.1");
        TestClient ipv6 = new TestClient("::1")) {
      int port = server.localAddress().getPort();
      TestClient.Answered toIpv4 = ipv4.ask(TestClient.at("127.0.0.1", port));
      assertThat(toIpv4.length()).isEqualTo(BindingAnswer.IPV4_LENGTH);
      assertThat(toIpv4.answer().mapped()).isEqualTo(ipv4.localAddress());
      TestClient.Answered toIpv6 = ipv6.ask(TestClient.at("::1", port));
      assertThat(toIpv6.length()).isEqualTo(BindingAnswer.IPV6_LENGTH);
      assertThat(toIpv6.answer().mapped()).isEqualTo(ipv6.localAddress());
      awaitSuccesses(2);
      assertThat(metrics.ipv4.sum()).isEqualTo(1);
      assertThat(metrics.ipv6.sum()).isEqualTo(1);
    }
  }

  @Test
  void answersLeaveFromTheAddressThatWasAsked() throws IOException {
    TestClient.assumeNative();
    try (StunServer server = start(Kind.NATIVE, "::");
        TestClient client = new TestClient("127.0.0.1");
        TestClient elsewhere = new TestClient("127.0.0.9")) {
      int port = server.localAddress().getPort();
      for (int i = 1; i < 255; i++) {
        InetSocketAddress asked = TestClient.at("127.0.0." + i, port);
        assertThat(client.ask(asked).from()).isEqualTo(asked);
        assertThat(elsewhere.ask(asked).from()).isEqualTo(asked);
      }
      assertThat(metrics.noLocalAddress.sum()).isZero();
    }
  }

  @Test
  void requestsWithoutAKnownTargetAreCountedAndAnsweredByRoute() throws IOException {
    TestClient.assumeNative();
    try (StunServer server = start(Kind.NATIVE, "0.0.0.0");
        TestClient client = new TestClient("127.0.0.1")) {
      LinuxUdpSocket socket = (LinuxUdpSocket) ((BatchLoop) server.loop()).socket();
      assertThat(socket.setOption(Libc.IPPROTO_IP, Libc.IP_PKTINFO, 0)).isZero();
      int port = server.localAddress().getPort();
      // The IPv6 form still tells.
      assertThat(client.ask(TestClient.at("127.0.0.5", port)).from())
          .isEqualTo(TestClient.at("127.0.0.5", port));
      assertThat(metrics.noLocalAddress.sum()).isZero();

      assertThat(socket.setOption(Libc.IPPROTO_IPV6, Libc.IPV6_RECVPKTINFO, 0)).isZero();
      assertThat(client.ask(TestClient.at("127.0.0.5", port)).from())
          .isEqualTo(TestClient.at("127.0.0.1", port));
      assertThat(metrics.noLocalAddress.sum()).isEqualTo(1);
    }
  }

  @ParameterizedTest
  @EnumSource
  void whateverIsNoRequestIsCountedAndNotAnswered(Kind kind) throws IOException {
    byte[] good = BindingRequest.encode(TransactionId.random());
    List<byte[]> bad = new ArrayList<>();
    for (int length = 0; length < good.length; length++) {
      bad.add(Arrays.copyOf(good, length));
    }
    bad.add(Arrays.copyOf(good, 41));
    bad.add(Arrays.copyOf(good, 44));
    bad.add(Arrays.copyOf(good, 65_507));
    bad.add(requestOf(Responder.MAX_REQUEST + 4));
    bad.add(requestOf(60_000));
    // What fits into the buffer would be a request.
    bad.add(Arrays.copyOf(requestOf(Responder.MAX_REQUEST), Responder.MAX_REQUEST + 4));
    bad.add(new byte[Responder.MAX_REQUEST]);
    for (int i = 0; i < good.length; i++) {
      byte[] changed = good.clone();
      changed[i] ^= 0x10;
      bad.add(changed);
    }
    try (StunServer server = start(kind, "127.0.0.1");
        TestClient client = new TestClient("127.0.0.1")) {
      // One at a time, as a large datagram needs the socket's whole buffer.
      int sent = 0;
      for (byte[] datagram : bad) {
        client.send(datagram, server.localAddress());
        client.ask(server.localAddress());
        assertThat(metrics.notStun.sum()).as("%d bytes", datagram.length).isEqualTo(++sent);
      }
      assertThat(metrics.ipv4.sum()).isEqualTo(sent);
      assertThat(metrics.readError.sum()).isZero();
      assertThat(log).noneMatch(line -> line.contains("ReadFrom"));
    }
  }

  @ParameterizedTest
  @EnumSource
  void otherAttributesBesideOursAreNoReasonForSilence(Kind kind) throws IOException {
    try (StunServer server = start(kind, "127.0.0.1");
        TestClient client = new TestClient("127.0.0.1")) {
      for (int length : new int[] {44, 100, 1500, Responder.MAX_REQUEST}) {
        client.send(requestOf(length), server.localAddress());
        assertThat(client.receive().answer().mapped()).isEqualTo(client.localAddress());
      }
    }
  }

  /// A request of exactly this length, a multiple of four: one odd attribute, ours, the checksum.
  private static byte[] requestOf(int length) throws IOException {
    ByteBuffer request = ByteBuffer.allocate(length);
    request.putShort((short) 1).putShort((short) (length - 20)).putInt(0x2112A442);
    request.putLong(7).putInt(7);
    int odd = length - BindingRequest.LENGTH - 4;
    request.putShort((short) 0x8777).putShort((short) odd).put(new byte[odd]);
    ByteArrayOutputStream software = new ByteArrayOutputStream();
    software.write(BindingRequest.encode(new TransactionId(0, 0)), 20, 12);
    request.put(software.toByteArray());
    CRC32 checksum = new CRC32();
    checksum.update(request.array(), 0, length - 8);
    request.putInt(0x80280004).putInt((int) checksum.getValue() ^ 0x5354554E);
    return request.array();
  }

  @ParameterizedTest
  @EnumSource
  void aHundredThousandRequestsAreAllAnswered(Kind kind) throws IOException {
    int burst = 50;
    try (StunServer server = start(kind, "0.0.0.0");
        TestClient client = new TestClient("127.0.0.1")) {
      InetSocketAddress to = TestClient.at("127.0.0.1", server.localAddress().getPort());
      for (int i = 0; i < 100_000; i += burst) {
        for (int j = 0; j < burst; j++) {
          client.send(BindingRequest.encode(new TransactionId(i, j)), to);
        }
        for (int j = 0; j < burst; j++) {
          assertThat(client.receive().answer())
              .isEqualTo(new BindingAnswer(new TransactionId(i, j), client.localAddress()));
        }
      }
      awaitSuccesses(100_000);
      assertThat(metrics.ipv4.sum()).isEqualTo(100_000);
      assertThat(metrics.notStun.sum() + metrics.readError.sum() + metrics.writeError.sum())
          .isZero();
    }
  }

  @ParameterizedTest
  @EnumSource
  void aBusyPortIsToldInOneLine(Kind kind) throws IOException {
    try (StunServer server = start(kind, "127.0.0.1")) {
      int port = server.localAddress().getPort();
      assertThatThrownBy(() -> start(kind, server.localAddress()))
          .isInstanceOf(BindException.class)
          .hasMessage("stun: listen udp 127.0.0.1:" + port + ": address already in use");
      assertThatThrownBy(() -> start(kind, TestClient.at("0.0.0.0", port)))
          .isInstanceOf(BindException.class)
          .hasMessage("stun: listen udp :" + port + ": address already in use");
    }
  }

  @ParameterizedTest
  @EnumSource
  void anAddressOfAnotherMachineIsToldInOneLine(Kind kind) {
    assertThatThrownBy(() -> start(kind, TestClient.at("192.0.2.1", 3478)))
        .isInstanceOf(BindException.class)
        .hasMessage("stun: listen udp 192.0.2.1:3478: cannot assign requested address");
    assertThatThrownBy(() -> start(kind, InetSocketAddress.createUnresolved("no.invalid", 1)))
        .isInstanceOf(IOException.class)
        .hasMessage("stun: listen udp no.invalid:1: no such host");
  }

  @Test
  void theLogSaysWhereTheServerListens() throws IOException {
    TestClient.assumeNative();
    TestClient.assumeIpv6();
    for (String address : new String[] {"0.0.0.0", "::", "127.0.0.1", "::1"}) {
      start(Kind.NATIVE, address).close();
    }
    assertThat(log.get(0)).matches("STUN server listening on \\[::\\]:[1-9][0-9]*");
    assertThat(log.get(1)).matches("STUN server listening on \\[::\\]:[1-9][0-9]*");
    assertThat(log.get(2)).matches("STUN server listening on 127\\.0\\.0\\.1:[1-9][0-9]*");
    assertThat(log.get(3)).matches("STUN server listening on \\[::1\\]:[1-9][0-9]*");
    assertThat(log).hasSize(4);
  }

  @Test
  void oneLineSaysThatThePlainServerIsUsed() throws IOException {
    start(Kind.PLAIN, "127.0.0.1").close();
    assertThat(log).hasSize(2);
    assertThat(log.get(0)).startsWith("STUN server: pktinfo unavailable; ").endsWith(": a test");
    assertThat(log.get(1)).startsWith("STUN server listening on 127.0.0.1:");
  }

  private void awaitSuccesses(long expected) {
    // The answer may be here before its sender has counted it.
    Awaitility.await().until(() -> metrics.success.sum() == expected);
  }
}

package dev.derp4j.testkit;

import dev.derp4j.testkit.FaultProxy.Counts;
import dev.derp4j.testkit.FaultProxy.Direction;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

@Timeout(60)
class FaultProxyTest {
  private static final Duration LIMIT = Duration.ofSeconds(10);
  private static final Duration SHORT = Duration.ofMillis(50);

  private ServerSocket listener;
  private FaultProxy proxy;
  private Socket client;
  private Socket server;

  @BeforeEach
  void connect() throws IOException {
    listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    listener.setSoTimeout((int) LIMIT.toMillis());
    proxy = FaultProxy.to((InetSocketAddress) listener.getLocalSocketAddress());
    client = dial();
    server = accept();
  }

  @AfterEach
  void close() throws IOException {
    client.close();
    server.close();
    proxy.close();
    listener.close();
  }

  @Test
  void bytesPassUnchangedBothWaysAndAreCounted() throws Exception {
    byte[] much = new byte[3_000_000];
    new Random(1).nextBytes(much);
    Thread writer = Thread.ofVirtual().start(() -> write(client, much));
    assertThat(server.getInputStream().readNBytes(much.length)).isEqualTo(much);
    writer.join();
    say(server, "answer");
    assertThat(hear(client, 6)).isEqualTo("answer");
    Counts counts =
        proxy.awaitCounts("all forwarded", c -> c.forwardedToServer() == much.length, LIMIT);
    assertThat(counts.accepted()).isEqualTo(1);
    assertThat(counts.open()).isEqualTo(1);
    assertThat(counts.swallowedToServer()).isZero();
  }

  @Test
  void oneSideMayEndItsStreamAndStillHearTheOther() throws Exception {
    say(client, "question");
    client.shutdownOutput();
    assertThat(new String(server.getInputStream().readAllBytes(), UTF_8)).isEqualTo("question");
    say(server, "answer");
    server.close();
    assertThat(new String(client.getInputStream().readAllBytes(), UTF_8)).isEqualTo("answer");
    proxy.awaitOpen(0, LIMIT);
  }

  @Test
  void aResetOfOneSideReachesTheOther() throws Exception {
    proxy.awaitOpen(1, LIMIT);
    FaultyLink.reset(server);
    assertReset(client);
    proxy.awaitOpen(0, LIMIT);
  }

  @Test
  void aCutResetsWhatIsOpenAndNothingElse() throws Exception {
    proxy.awaitOpen(1, LIMIT);
    proxy.cut();
    assertReset(client);
    assertReset(server);
    proxy.awaitOpen(0, LIMIT);
    try (Socket next = dial();
        Socket nextServer = accept()) {
      say(next, "x");
      assertThat(hear(nextServer, 1)).isEqualTo("x");
    }
  }

  @Test
  void whatIsRefusedIsResetWhileTheRestGoesOn() throws Exception {
    proxy.refuse();
    assertResetAtOnce();
    say(client, "x");
    assertThat(hear(server, 1)).isEqualTo("x");
    proxy.heal();
    try (Socket next = dial();
        Socket nextServer = accept()) {
      say(next, "y");
      assertThat(hear(nextServer, 1)).isEqualTo("y");
    }
    assertThat(proxy.counts().refused()).isEqualTo(1);
  }

  @Test
  void bytesThatVanishOneWayLeaveTheOtherWayAlone() throws Exception {
    proxy.swallow(Direction.TO_SERVER);
    say(client, "lost");
    proxy.awaitCounts("4 swallowed", c -> c.swallowedToServer() == 4, LIMIT);
    say(server, "heard");
    assertThat(hear(client, 5)).isEqualTo("heard");
    assertSilent(server);
  }

  @Test
  void endsVanishTooWhereBytesDo() throws Exception {
    proxy.swallow();
    say(client, "lost");
    client.close();
    proxy.awaitCounts("4 swallowed", c -> c.swallowedToServer() == 4, LIMIT);
    assertSilent(server);
    assertThat(proxy.counts().open()).isEqualTo(1);
    proxy.heal();
    assertReset(server);
    proxy.awaitOpen(0, LIMIT);
  }

  @Test
  void healingResetsOnlyThoseThatLostSomething() throws Exception {
    try (Socket quiet = dial();
        Socket quietServer = accept()) {
      proxy.swallow(Direction.TO_CLIENT);
      say(server, "lost");
      proxy.awaitCounts("4 swallowed", c -> c.swallowedToClient() == 4, LIMIT);
      proxy.heal();
      assertReset(client);
      say(quietServer, "x");
      assertThat(hear(quiet, 1)).isEqualTo("x");
    }
  }

  @Test
  void aNewConnectionDoesNotReachTheServerWhileItsBytesVanish() throws Exception {
    proxy.swallow(Direction.TO_SERVER);
    try (Socket next = dial()) {
      say(next, "hello");
      proxy.awaitCounts("5 swallowed", c -> c.swallowedToServer() == 5, LIMIT);
      listener.setSoTimeout((int) SHORT.toMillis());
      assertThatThrownBy(listener::accept).isInstanceOf(SocketTimeoutException.class);
      proxy.heal();
      assertReset(next);
    }
  }

  @Test
  void whatIsHeldArrivesWholeAfterHealing() throws Exception {
    proxy.hold(Direction.TO_SERVER);
    say(client, "later");
    say(server, "now");
    assertThat(hear(client, 3)).isEqualTo("now");
    assertSilent(server);
    proxy.heal();
    assertThat(hear(server, 5)).isEqualTo("later");
  }

  @Test
  void aSenderToOneWhoDoesNotReadIsBlocked() throws Exception {
    proxy.hold(Direction.TO_SERVER);
    byte[] much = new byte[32 * 1024 * 1024];
    Thread writer = Thread.ofVirtual().start(() -> write(client, much));
    assertThat(writer.join(Duration.ofMillis(300))).isFalse();
    proxy.heal();
    server.getInputStream().skipNBytes(much.length);
    assertThat(writer.join(LIMIT)).isTrue();
  }

  @Test
  void delayedBytesArriveLaterInOrderAndAllTogether() throws Exception {
    proxy.delay(Duration.ofMillis(200), Direction.TO_SERVER);
    long start = System.nanoTime();
    for (int i = 0; i < 10; i++) {
      say(client, Integer.toString(i));
    }
    assertThat(hear(server, 10)).isEqualTo("0123456789");
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThan(Duration.ofMillis(199));
  }

  @Test
  void healingLetsDelayedBytesGoAtOnce() throws Exception {
    proxy.delay(Duration.ofHours(1));
    say(client, "late");
    assertSilent(server);
    proxy.heal();
    assertThat(hear(server, 4)).isEqualTo("late");
  }

  @Test
  void throttledBytesTrickle() throws Exception {
    proxy.throttle(10_000, Direction.TO_CLIENT);
    long start = System.nanoTime();
    write(server, new byte[3_000]);
    client.getInputStream().skipNBytes(3_000);
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThan(Duration.ofMillis(200));
  }

  @Test
  void aServerThatIsNotThereShowsAsAReset() throws Exception {
    listener.close();
    assertResetAtOnce();
    proxy.awaitCounts("one unreachable", c -> c.unreachable() == 1 && c.open() == 1, LIMIT);
  }

  @Test
  void aServerMayMove() throws Exception {
    try (ServerSocket other = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
      proxy.retarget((InetSocketAddress) other.getLocalSocketAddress());
      try (Socket next = dial();
          Socket nextServer = other.accept()) {
        say(next, "x");
        assertThat(hear(nextServer, 1)).isEqualTo("x");
      }
    }
  }

  @Test
  void waitsInVainSayWhatTheCountsAre() {
    assertThatThrownBy(() -> proxy.awaitOpen(7, SHORT))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("7 open")
        .hasMessageContaining("accepted=1");
  }

  @Test
  void closingEndsEverything() throws Exception {
    proxy.awaitOpen(1, LIMIT);
    proxy.close();
    assertReset(client);
    assertThatThrownBy(this::dial).isInstanceOf(IOException.class);
  }

  private Socket dial() throws IOException {
    Socket socket = new Socket();
    socket.connect(proxy.address(), (int) LIMIT.toMillis());
    socket.setSoTimeout((int) LIMIT.toMillis());
    return socket;
  }

  private Socket accept() throws IOException {
    Socket socket = listener.accept();
    socket.setSoTimeout((int) LIMIT.toMillis());
    return socket;
  }

  private static void say(Socket socket, String text) {
    write(socket, text.getBytes(UTF_8));
  }

  private static void write(Socket socket, byte[] bytes) {
    try {
      socket.getOutputStream().write(bytes);
    } catch (IOException e) {
      throw new AssertionError("writing " + Arrays.toString(Arrays.copyOf(bytes, 20)), e);
    }
  }

  private static String hear(Socket socket, int bytes) throws IOException {
    return new String(socket.getInputStream().readNBytes(bytes), UTF_8);
  }

  private static void assertSilent(Socket socket) throws IOException {
    socket.setSoTimeout((int) SHORT.toMillis());
    assertThatThrownBy(() -> socket.getInputStream().read())
        .isInstanceOf(SocketTimeoutException.class);
    socket.setSoTimeout((int) LIMIT.toMillis());
  }

  /// Of a new connection: the reset may come before the connecting is over.
  private void assertResetAtOnce() {
    assertThatThrownBy(
            () -> {
              try (Socket socket = dial()) {
                socket.getInputStream().read();
              }
            })
        .isInstanceOf(SocketException.class)
        .hasMessageContaining("reset");
  }

  private static void assertReset(Socket socket) {
    assertThatThrownBy(() -> socket.getInputStream().read())
        .isInstanceOf(IOException.class)
        .hasMessageContaining("reset");
  }
}

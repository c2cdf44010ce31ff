package dev.derp4j.testkit;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

@Timeout(60)
class RawConnectionTest {
  private static final Duration SOON = Duration.ofMillis(50);
  private static final Duration LIMIT = Duration.ofSeconds(10);

  private ServerSocket listener;
  private RawConnection client;
  private Socket server;

  @BeforeEach
  void connect() throws IOException {
    listener = new ServerSocket(0, 5, InetAddress.getLoopbackAddress());
    client = RawConnection.connect((InetSocketAddress) listener.getLocalSocketAddress(), 4096);
    server = listener.accept();
  }

  @AfterEach
  void close() throws IOException {
    client.close();
    server.close();
    listener.close();
  }

  @Test
  void aHeadIsReadWithoutAByteBehindIt() throws IOException {
    server.getOutputStream().write("HTTP/1.1 200 OK\r\nA: b\r\n\r\nbody".getBytes(UTF_8));
    assertThat(client.readHead(LIMIT)).isEqualTo("HTTP/1.1 200 OK\r\nA: b\r\n\r\n");
    assertThat(client.read(4, LIMIT)).isEqualTo("body".getBytes(UTF_8));
  }

  @Test
  void allBeforeTheEndIsRead() throws IOException {
    server.getOutputStream().write("rest".getBytes(UTF_8));
    server.close();
    assertThat(client.readUntilClosed(LIMIT)).isEqualTo("rest".getBytes(UTF_8));
  }

  @Test
  void waitsThatAreInVainSayWhatCame() throws IOException {
    server.getOutputStream().write("HT".getBytes(UTF_8));
    assertThatThrownBy(() -> client.readHead(SOON))
        .isInstanceOf(AssertionError.class)
        .hasMessageEndingWith("HT");
    assertThatThrownBy(() -> client.read(1, SOON))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("0 of 1");
    assertThatThrownBy(() -> client.readUntilClosed(SOON)).isInstanceOf(AssertionError.class);
  }

  @Test
  void piecesArriveInOrder() throws IOException {
    client.writeInPieces("abcdefg".getBytes(UTF_8), 3, Duration.ofMillis(1));
    client.shutdownOutput();
    assertThat(server.getInputStream().readAllBytes()).isEqualTo("abcdefg".getBytes(UTF_8));
  }

  @Test
  void dribblingEndsWhenThePeerHasHadEnough() throws IOException {
    Thread.ofVirtual()
        .start(
            () -> {
              try (Socket accepted = server) {
                accepted.getInputStream().readNBytes(5);
              } catch (IOException e) {
                throw new IllegalStateException(e);
              }
            });
    assertThat(client.dribble("xy".getBytes(UTF_8), Duration.ofMillis(2), LIMIT)).isTrue();
  }

  @Test
  void dribblingEndsWhenTheTimeIsOver() {
    assertThat(client.dribble("xy".getBytes(UTF_8), Duration.ofMillis(2), SOON)).isFalse();
  }

  @Test
  void aResetIsNoOrdinaryEnd() throws IOException {
    client.reset();
    assertThatThrownBy(() -> server.getInputStream().read())
        .isInstanceOf(IOException.class)
        .hasMessageContaining("reset");
  }
}

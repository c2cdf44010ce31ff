package dev.derp4j.stunserver;

import dev.derp4j.stun.BindingRequest;
import dev.derp4j.stun.TransactionId;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/// A real socket between the loop and the network, with failures put in its way.
class BatchLoopTest {
  private final StunMetrics metrics = new StunMetrics();
  private final List<String> log = Collections.synchronizedList(new ArrayList<>());
  private FaultySocket socket;
  private BatchLoop loop;
  private Thread thread;
  private TestClient client;

  @BeforeEach
  void start() throws IOException {
    TestClient.assumeNative();
    socket = new FaultySocket(LinuxUdpSocket.open(TestClient.at("127.0.0.1", 0)));
    loop = new BatchLoop(socket, metrics, log::add);
    client = new TestClient("127.0.0.1");
    thread = Thread.ofPlatform().unstarted(loop);
  }

  @AfterEach
  void stop() throws InterruptedException {
    if (loop == null) {
      return;
    }
    client.close();
    loop.stop();
    thread.join();
  }

  @Test
  void failedReadsAreCountedAndServingGoesOn() throws IOException {
    Collections.addAll(
        socket.receiveResults, -Errno.ENOMEM, -Errno.ECONNREFUSED, -Errno.ENOBUFS, -Errno.EPERM);
    thread.start();
    client.ask(socket.localAddress());
    assertThat(metrics.readError.sum()).isEqualTo(4);
    assertThat(log).containsExactly("STUN ReadFrom: cannot allocate memory");
  }

  @Test
  void interruptionsAndSilenceAreNoFailures() throws IOException {
    Collections.addAll(socket.receiveResults, -Errno.EINTR, -Errno.EAGAIN, -Errno.EINTR);
    thread.start();
    client.ask(socket.localAddress());
    assertThat(metrics.readError.sum()).isZero();
    assertThat(log).isEmpty();
  }

  @Test
  void aFaultOfOursDoesNotSilenceTheServer() throws IOException {
    socket.receiveResults.add(FaultySocket.THROW);
    thread.start();
    client.ask(socket.localAddress());
    assertThat(metrics.readError.sum()).isEqualTo(1);
    assertThat(log).singleElement().asString().startsWith("STUN ReadFrom: ").contains("planted");
  }

  @Test
  void anAnswerThatCannotBeSentIsCountedAndTheNextOnesAreSent() throws IOException {
    int[] refused = {-Errno.EAGAIN, -Errno.ENOBUFS, -Errno.ECONNREFUSED, -Errno.EINVAL, -1};
    for (int errno : refused) {
      socket.sendResults.add(errno);
    }
    for (int i = 0; i < 8; i++) {
      client.send(BindingRequest.encode(new TransactionId(i, i)), socket.localAddress());
    }
    thread.start(); // finds all eight waiting
    for (int i = 5; i < 8; i++) {
      assertThat(client.receive().answer().id().low()).isEqualTo(i);
    }
    Awaitility.await().until(() -> metrics.success.sum() == 3);
    assertThat(metrics.writeError.sum()).isEqualTo(5);
    assertThat(metrics.ipv4.sum()).isEqualTo(8);
  }

  @Test
  void anInterruptedSendIsRepeated() throws IOException {
    Collections.addAll(socket.sendResults, -Errno.EINTR, -Errno.EINTR);
    thread.start();
    client.ask(socket.localAddress());
    Awaitility.await().until(() -> metrics.success.sum() == 1);
    assertThat(metrics.writeError.sum()).isZero();
  }

  @Test
  void stoppingEndsAPauseAfterFailures() throws Exception {
    for (int i = 0; i < 40; i++) {
      socket.receiveResults.add(-Errno.ENETDOWN);
    }
    thread.start();
    Awaitility.await().until(() -> metrics.readError.sum() >= 3);
    loop.stop();
    assertThat(thread.join(Duration.ofSeconds(20))).isTrue();
    // 40 failures would have paused for half a minute.
    assertThat(metrics.readError.sum()).isLessThan(40);
  }

  /// Fails as told, and else does what the socket behind it does.
  private static final class FaultySocket implements BatchSocket {
    static final int THROW = Integer.MIN_VALUE;

    final Queue<Integer> receiveResults = new ConcurrentLinkedQueue<>();
    final Queue<Integer> sendResults = new ArrayDeque<>();
    private final BatchSocket socket;

    FaultySocket(BatchSocket socket) {
      this.socket = socket;
    }

    @Override
    public InetSocketAddress localAddress() {
      return socket.localAddress();
    }

    @Override
    public int receive(MessageBatch batch) {
      Integer planted = receiveResults.poll();
      if (planted == null) {
        return socket.receive(batch);
      }
      if (planted == THROW) {
        throw new IllegalStateException("planted");
      }
      return planted;
    }

    @Override
    public int send(MessageBatch batch, int first) {
      Integer planted = sendResults.poll();
      return planted == null ? socket.send(batch, first) : planted;
    }

    @Override
    public void wake() {
      socket.wake();
    }

    @Override
    public void close() {
      socket.close();
    }
  }
}
